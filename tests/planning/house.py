"""Conversations to plan in, and who can make what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.chat.planning.makers import Maker, Makers
from core.chat.planning.planner import Planner, Request
from data.values.actor import Actor, Role
from data.values.media import Blob
from data.values.messages import Author, Utterance
from data.values.models import Model
from data.values.money import TokenPrice
from data.values.parts import AudioPart, ChartPart, FilePart, ImagePart, Part, TablePart, TextFilePart, TextPart
from data.values.plans import Action, Analysis, Output, Plan
from data.values.registry import Prices

ALICE = Actor("alice", frozenset({Role.MEMBER}))
CHAT = Model(
    "openai", "gpt", "GPT", price=TokenPrice(Decimal("0.000001"), Decimal("0.000004"), Decimal("0.000001"), "v1")
)
ALL = frozenset(Action)
PRICES = Prices("v1", None, image=Decimal("0.04"), input_character=Decimal("0.00001"), output_second=Decimal("0.1"))


class FakeMakers(Makers):
    """Somebody for each of some actions; two of each kind, the first with prices."""

    def __init__(self, able: frozenset[Action] = ALL, off: frozenset[Action] = frozenset()) -> None:
        self._able = able
        self._off = off

    def switched_off(self, actor: Actor, action: Action) -> bool:
        return action in self._off

    def for_action(self, actor: Actor, action: Action, beside: str = "") -> Sequence[Maker]:
        if action not in self._able or action in self._off:
            return []
        return [Maker(f"openai/{action}", "openai", PRICES), Maker(f"other/{action}", "other")]


def picture(name: str, caption: str = "") -> ImagePart:
    return ImagePart(Blob(name.encode().hex(), "image/png", 1), name, 640, 480, caption)


def conversation(*messages: str | tuple[Part, ...]) -> list[Utterance]:
    """Messages of a person and of a model in turn, from the first."""
    found = []
    for at, parts in enumerate(messages):
        author = Author.ASSISTANT if at % 2 else Author.USER
        found.append(Utterance(at + 1, author, (TextPart(parts),) if isinstance(parts, str) else parts))
    return found


WORDS = "The leaves are falling, red and gold, the autumn wind is blowing cold. A fox runs over the bridge."
BEACH = "a brown dog on a beach under a blue sky"
DOG = conversation("draw a dog", (TextPart("Here it is."), picture("dog.png", BEACH)))
POEM = conversation("write a poem", WORDS)
BOTH = conversation("poem and picture", (TextPart(WORDS), picture("fox.png", "a fox on a bridge")))
TABLE = conversation("a table", (TablePart("Sales", ("month", "revenue"), (("Jan", 1), ("Feb", 2)), 2),))
TWO = conversation("draw two", (picture("a.png", "a harbour"), picture("b.png", "a castle on a hill")))
FIGURE = {"data": [{"type": "bar", "x": ["Jan", "Feb"], "y": [3, 4]}], "layout": {}}
CHARTED = conversation("chart it", (TextPart("Sales went up."), ChartPart("Sales by month", FIGURE)))
OLD = conversation(
    "draw a harbour", (picture("harbour.png", "a harbour at dawn"),),
    "and a castle", (picture("castle.png", "a castle"),),
    "thanks", "You are welcome! Tell me when you want to see more of them.",
)  # fmt: skip

PHOTO = picture("photo.jpg")
SCAN = picture("scan.png")
CSV = TextFilePart("sales.csv", "month,revenue\nJan,1\nFeb,3\nMar,9\n", 30)
NOTES = TextFilePart("notes.txt", "Bring an umbrella to the castle.", 32)
SOUND = AudioPart(Blob("5d", "audio/mpeg", 1), "memo.mp3", 3.0)
HEARD = AudioPart(Blob("5e", "audio/mpeg", 1), "heard.mp3", 3.0, "Meet me at the station at nine.")
PDF = FilePart(Blob("9f", "application/pdf", 1), "report.pdf")


def outputs(names: str) -> frozenset[Output]:
    return frozenset(Output(name) for name in names.split())


def planned(
    prompt: str,
    wanted: str,
    history: Sequence[Utterance] = (),
    attached: Sequence[Part] = (),
    able: frozenset[Action] = ALL,
    *,
    off: frozenset[Action] = frozenset(),
) -> Plan | None:
    request = Request((TextPart(prompt), *attached), history, Analysis(outputs(wanted)), CHAT)
    return Planner(FakeMakers(able, off)).plan(ALICE, request)


def shape(plan: Plan | None) -> str:
    """A plan in short: `write draw<write-1 speak<write-1 edit:dog.png`."""
    if plan is None:
        return "-"
    steps = []
    for step in plan.steps:
        uses = "".join(f"<{used}" for used in step.uses)
        earlier = "".join(f":{each.name if len(each.name) < 20 else each.kind}" for each in step.earlier)
        steps.append(f"{step.action}{uses}{earlier}")
    return " ".join(steps)
