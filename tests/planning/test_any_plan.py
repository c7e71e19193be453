"""Whatever is asked of whatever conversation, the plan is one that can be made."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from core.chat.planning.edited import Changes, edited
from core.chat.planning.planner import Planner, Request
from core.errors import GearboxError
from data.values.calls import ErrorKind
from data.values.media import Blob
from data.values.messages import Author, Utterance
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
    VideoPart,
)
from data.values.plans import Action, Analysis, Earlier, Input, Output, Plan, Step, StepState, in_order
from data.values.tool_calls import ToolState
from tests.planning.house import ALICE, CHAT, FakeMakers

ASKED = """draw paint write read it them the picture a of and then aloud two three both last first poem chart plot this
that make darker video combine say 'hi' : , . nochmal lies das hazlo la imagen fox Ä photo.png in Spanish German animate
with for each 9999 instead voice 字 🦊"""
WORDS = [*ASKED.split(), "\n", "\n\n", ":\n", "\x00", "\ud800"]

blobs = some.builds(Blob, some.text("0123456789abcdef", min_size=1, max_size=8), some.just("image/png"), some.just(1))
names = some.sampled_from(["photo.png", "", "a.csv", "notes.txt", "it", "x" * 300, "字.png", "report.pdf"])
texts = some.one_of(some.lists(some.sampled_from(WORDS), max_size=25).map(" ".join), some.text(max_size=60))
figures = some.recursive(
    some.none() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(["data", "x", "y", "type"]), inner)
    ),
    max_leaves=8,
).map(lambda found: found if isinstance(found, dict) else {"data": found})
cells = some.none() | some.text(max_size=5) | some.integers() | some.booleans()
rows = some.lists(some.tuples(cells, cells), max_size=3).map(tuple)

leaves: some.SearchStrategy[Part] = some.one_of(
    some.builds(TextPart, texts),
    some.builds(ReasoningPart, texts),
    some.builds(TextFilePart, names, texts, some.integers(0, 9)),
    some.builds(ImagePart, blobs, names, some.just(1), some.just(1), texts),
    some.builds(AudioPart, blobs, names, some.none(), texts),
    some.builds(VideoPart, blobs, names, some.none(), texts),
    some.builds(FilePart, blobs, names),
    some.builds(ChartPart, names, figures),
    some.builds(TablePart, names, some.just(("a", "b")), rows, some.just(3)),
    some.builds(NoticePart, texts),
    some.builds(ErrorPart, some.just(ErrorKind.TIMEOUT), texts),
    some.just(SourcesPart(())),
    some.just(UnknownPart({})),
    some.builds(ToolCallPart, some.just("1"), some.just("tool"), texts, some.just(ToolState.DONE)),
)  # fmt: skip
earlier = some.builds(Earlier, some.sampled_from(Input), names)
takes = some.lists(earlier, max_size=2).map(tuple)
steps = some.builds(Step, some.just("s"), some.sampled_from(Action), texts, some.just(()), takes)
nested: some.SearchStrategy[Part] = some.one_of(
    leaves,
    some.builds(ToolResultPart, some.just("1"), some.lists(leaves, max_size=2).map(tuple)),
    some.builds(StepPart, steps, some.sampled_from(StepState), some.lists(leaves, max_size=2).map(tuple)),
)
bodies = some.lists(nested, max_size=3).map(tuple)
messages = some.builds(Utterance, some.integers(1, 99), some.sampled_from(Author), bodies)
analyses = some.builds(Analysis, some.frozensets(some.sampled_from(Output), min_size=1))
able = some.frozensets(some.sampled_from(Action))


@settings(max_examples=100, deadline=None)
@given(texts, analyses, some.lists(messages, max_size=5), some.lists(leaves, max_size=3), able)
def test_any_plan_can_be_made(
    prompt: str, analysis: Analysis, history: Sequence[Utterance], attached: Sequence[Part], can: frozenset[Action]
) -> None:
    plan = Planner(FakeMakers(can)).plan(ALICE, Request((TextPart(prompt), *attached), history, analysis, CHAT))
    if analysis.outputs == {Output.TEXT}:
        assert plan is None
    if plan is not None:
        check(plan, can)


def check(plan: Plan, can: frozenset[Action]) -> None:
    assert {step.id for step in in_order(plan.steps)} == {step.id for step in plan.steps}
    assert 1 <= len(plan.steps) <= 8
    for action in Action:
        assert sum(step.action is action for step in plan.steps) <= 4
    for step in plan.steps:
        assert step.action in can | {Action.WRITE, Action.CHART}
        assert step.instruction.strip() or step.uses or step.earlier
        assert step.seconds is not None and step.seconds >= 0
        assert step.cost is None or step.cost >= Decimal(0)
        assert all(len(each.text) <= 20_000 for each in step.earlier)
        assert step.action is not Action.EDIT or any(each.kind is Input.IMAGE for each in step.earlier)
    assert plan.said or any(step.action is not Action.WRITE for step in plan.steps)
    assert len(set(plan.said)) == len(plan.said)


@settings(max_examples=40, deadline=None)
@given(analyses, some.frozensets(some.sampled_from(["write-1", "draw-1", "draw-2", "speak-1", "nobody"])), texts)
def test_any_edited_plan_can_be_made(analysis: Analysis, removed: frozenset[str], words: str) -> None:
    prompt = "Write a haiku, paint it, draw a fox, read the haiku aloud and animate the fox"
    plan = Planner(FakeMakers()).plan(ALICE, Request((TextPart(prompt),), (), analysis, CHAT))
    if plan is None:
        return
    makers = FakeMakers()
    changes = Changes(removed, {plan.steps[0].id: words})
    try:
        changed = edited(plan, changes, lambda action: makers.for_action(ALICE, action), CHAT)
    except GearboxError as problem:
        assert problem.remedy
        return
    in_order(changed.steps)
    assert changed.steps
    assert not {step.id for step in changed.steps} & removed
