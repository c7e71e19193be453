"""Plans as people change them before they run."""

from __future__ import annotations

import pytest

from core.chat.planning.edited import Changes, edited
from core.errors import GearboxError
from data.values.plans import Plan
from tests.planning.house import ALICE, CHAT, FakeMakers, planned, shape

MAKERS = FakeMakers()


def change(changes: Changes, prompt: str = "Write a haiku about autumn, paint it and read it aloud") -> Plan:
    plan = planned(prompt, "text image speech")
    assert plan is not None
    return edited(plan, changes, lambda action: MAKERS.for_action(ALICE, action), CHAT)


def test_a_step_is_left_out() -> None:
    assert shape(change(Changes(frozenset({"draw-1"})))) == "write speak<write-1"


def test_what_uses_a_step_goes_with_it() -> None:
    prompt = "Write a haiku about autumn, draw a fox and read the haiku aloud"
    assert shape(change(Changes(frozenset({"write-1"})), prompt)) == "draw"


def test_another_instruction_and_another_model() -> None:
    changed = change(Changes(instructions={"draw-1": " A red fox. "}, models={"draw-1": "other/draw"}))
    step = changed.steps[1]
    assert (step.instruction, step.model, step.cost) == ("A red fox.", "other/draw", None)
    assert step.uses == ("write-1",)
    assert changed.steps[0].cost is not None


def test_a_voice_may_do_without_words() -> None:
    assert change(Changes(instructions={"speak-1": ""})).steps[2].instruction == ""


def test_who_writes_may_be_another_one_and_the_first_again() -> None:
    assert change(Changes(models={"write-1": "other/write"})).steps[0].model == "other/write"
    assert change(Changes(models={"write-1": ""})).steps[0].model == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes(frozenset({"write-9"})), "no such step"),
        (Changes(instructions={"nobody": "x"}), "no such step"),
        (Changes(frozenset({"write-1"})), "Nothing is left"),
        (Changes(instructions={"draw-1": "  "}), "no instruction"),
        (Changes(instructions={"draw-1": "x" * 4_001}), "4,001 characters"),
        (Changes(models={"draw-1": "openai/speak"}), "can't make"),
        (Changes(models={"draw-1": ""}), "can't make"),
    ],
)
def test_nonsense_is_refused_in_words(changes: Changes, said: str) -> None:
    with pytest.raises(GearboxError, match=said) as problem:
        change(changes)
    assert problem.value.remedy
