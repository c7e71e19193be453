"""An answer of every kind of part, in a store."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from PIL import Image

from core.chat.pictures import read_picture
from core.chat.sounds import read_sound
from core.sandbox.sounds import speak
from core.tools.builtin.charts import Drawing, Kind, draw
from core.tools.builtin.columns import column
from data.store import Store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind, TokenUsage
from data.values.media import Blob, StoredBlob
from data.values.messages import MessageStatus
from data.values.money import Cost, CostBasis
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from data.values.plans import Action, Step, StepState
from data.values.sources import Source
from data.values.tool_calls import ToolState

HAIKU = "**The pond**\n\nAn old silent pond  \nA frog jumps into the pond\n\n```python\nprint('![a](b) <b>')\n```"


def picture(color: str, name: str = "pond.png", caption: str = "") -> tuple[ImagePart, StoredBlob]:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "PNG")
    part, blob = read_picture(name, out.getvalue(), "PNG")
    return replace(part, caption=caption), blob


def sound(text: str = "An old silent pond.", name: str = "reading.wav") -> tuple[AudioPart, StoredBlob]:
    part, blob = read_sound(name, speak(text))
    return replace(part, transcript=text), blob


def chart() -> ChartPart:
    months, sales = column("Month", "", ["Jan", "Feb"]), column("Sales", "", [1, 2])
    return ChartPart("Sales", draw(Drawing(Kind.BAR, "Sales", months, (sales,))))


def table() -> TablePart:
    return TablePart("Cities", ("City", "People"), (("Köln", 1_073_096), ("=1+1", None)), 2)


def step(id_: str, action: Action, *parts: Part, problem: ErrorPart | None = None) -> StepPart:
    state = StepState.DONE if problem is None else StepState.FAILED
    cost = Cost(Decimal("0.0420"), CostBasis.PRICED)
    return StepPart(Step(id_, action, f"{action} the pond"), state, parts, "sandbox/artist", cost, 2.5, problem)


def everything() -> tuple[tuple[Part, ...], list[StoredBlob]]:
    """All kinds of parts, as a planned reply and as one with tools; a picture comes twice, and one is gone."""
    (lake, lake_blob), (pond, pond_blob), (reading, reading_blob) = (
        picture("teal", caption="A lake"),
        picture("navy"),
        sound(),
    )
    gone = ImagePart(Blob("0" * 64, "image/png", 9), "gone.png", 4, 4)
    notes = StoredBlob(Blob("1" * 64, "application/pdf", 9), b"%PDF-1.7\n")
    call = ToolCallPart("c1", "make_chart", "{}", ToolState.DONE, "Make chart")
    return (
        NoticePart("Older messages were left out."),
        ReasoningPart("a secret thought"),
        step("s1", Action.WRITE, TextPart(HAIKU)),
        step("s2", Action.DRAW, lake),
        step("s3", Action.SPEAK, reading),
        step("s4", Action.FILM, problem=ErrorPart(ErrorKind.RATE_LIMIT, "The film was refused.", "Try later.")),
        call,
        ToolResultPart("c1", (TextPart("for the model only"), chart(), table(), lake, pond), seconds=0.3),
        TextPart("And more: 2 < 3 & <b>so</b>."),
        gone,
        FilePart(notes.blob, "notes.pdf"),
        TextFilePart("list.txt", "a\nb", 3),
        SourcesPart((Source("https://example.org/a?b=c", "A page"),)),
        UnknownPart({"type": "hologram"}),
    ), [lake_blob, pond_blob, reading_blob, notes]


def answered(
    store: Store,
    user_id: str,
    parts: tuple[Part, ...],
    blobs: Sequence[StoredBlob] = (),
    *,
    asked: str = "Write a haiku & paint it",
    conversation: str | None = None,
) -> str:
    """Store an answer; returns its conversation's id. It is message 2 of a new one."""
    store.users.ensure(user_id, user_id)
    actor = Actor(user_id, frozenset())
    call = CallIntent(uuid.uuid4().hex, actor, "sandbox", "scripted", datetime.now(UTC), "sandbox")
    begun = store.turns.begin(BeginTurn(user_id, conversation, "A pond", (TextPart(asked),), call)).result(10)
    if blobs:
        store.blobs.keep(user_id, begun.conversation_id, blobs).result(10)
    outcome = CallOutcome(CallStatus.OK, 900.0, 120.0, TokenUsage(400, 90))
    store.turns.finish(
        begun.turn_id, status=MessageStatus.COMPLETE, parts=parts, call_id=call.id, outcome=outcome
    ).result(10)
    return begun.conversation_id
