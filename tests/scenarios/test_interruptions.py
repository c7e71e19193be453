"""Replies that are stopped, looked at again, or taken away while they are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from core.chat.live import LiveTurn
from core.errors import NotFound, TurnActive
from data.values.events import PlanAsked, StepChanged, TurnEnded, TurnEvent
from data.values.messages import MessageStatus
from data.values.parts import NoticePart, StepPart
from data.values.plans import Action
from tests.scenarios.checks import check
from tests.scenarios.drawn import PAINT, Drawing
from tests.scenarios.stage import SOON, Stage


def steps_of(turn: LiveTurn) -> dict[str, StepPart]:
    return {part.step.action.value: part for part in turn.parts() if isinstance(part, StepPart)}


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, "it never comes to this"
        time.sleep(0.01)


def slow(*what: str, seconds: float = 25) -> dict[str, str]:
    """The servers take so long for this that it is stopped before it is done."""
    return dict.fromkeys(what, f"[[delay:{seconds}]]")


def asked_of(turn: LiveTurn) -> PlanAsked:
    """The plan that waits for a word."""
    batch = next(turn.follow())
    return next(event for event in batch if isinstance(event, PlanAsked))


@pytest.mark.parametrize(
    ("late", "states", "calls"),
    [
        (("chat",), ["stopped", "stopped", "stopped"], ["chat"]),
        (("draw",), ["done", "stopped", "done"], ["chat", "draw", "speak"]),
        (("draw", "speak"), ["done", "stopped", "stopped"], ["chat", "draw", "speak"]),
    ],
    ids=["first", "picture", "both"],
)
def test_stop(stage: Stage, drawing: Drawing, late: Sequence[str], states: list[str], calls: list[str]) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    turn = stage.send(prompt, orders=slow(*late))
    done = {"write": "write", "draw": "draw", "speak": "speak"}
    waiting = {name for name, state in zip(done, states, strict=True) if state == "stopped"}
    finished = set(done) - waiting

    def is_there() -> bool:
        parts = steps_of(turn)
        return all(parts[each].state == "done" for each in finished if each in parts) and len(
            stage.asked
        ) - seen >= len(calls)

    wait(is_there)
    turn.stop()
    told = check(stage, stage.told(turn, seen), prompt=prompt)
    assert told.reply.status is MessageStatus.STOPPED
    assert told.states == states
    assert sorted(each.what for each in told.asked) == calls


def test_a_part_that_was_stopped_is_made_again(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    turn = stage.send(prompt, orders=slow("draw"))
    wait(lambda: steps_of(turn)["speak"].state == "done" and len(stage.asked) - seen >= 3)
    turn.stop()
    told = check(stage, stage.told(turn, seen), prompt=prompt)
    before = stage.messages(told.conversation_id)
    made = check(stage, stage.again(told, told.of(Action.DRAW)[0].step.id, model="studio/scripted-image-2"), before)
    assert made.states == ["done"] * 3
    assert made.reply.status is MessageStatus.COMPLETE
    assert [each.what for each in made.asked] == ["draw"]


def test_who_comes_back_in_the_middle_sees_all_of_it(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    turn = stage.send(prompt, orders=slow("draw", seconds=0.8))
    conversation_id = turn.begun.conversation_id
    wait(lambda: steps_of(turn)["draw"].state == "running")
    reply = stage.messages(conversation_id)[-1]
    assert reply.status is MessageStatus.STREAMING
    live = stage.services.chat.live(stage.actor, conversation_id)
    assert live is turn, "the page finds what is going on"
    _check_followed([event for batch in live.follow() for event in batch], live)
    check(stage, stage.told(turn, seen), prompt=prompt)
    assert stage.services.chat.live(stage.actor, conversation_id) is None


def test_two_who_look_on_see_the_same(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    turn = stage.send(prompt, orders=slow("speak", seconds=0.3))
    views: list[list[TurnEvent]] = [[], []]
    threads = [
        threading.Thread(target=lambda view=view: view.extend(event for batch in turn.follow() for event in batch))
        for view in views
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert views[0] == views[1]
    _check_followed(views[0], turn)
    check(stage, stage.told(turn, seen), prompt=prompt)


def test_a_second_prompt_while_the_first_is_answered(stage: Stage, drawing: Drawing) -> None:
    prompt = drawing.one(PAINT).format(drawing.subject())
    seen = len(stage.asked)
    turn = stage.send(prompt, orders=slow("draw"))
    with pytest.raises(TurnActive):
        stage.send(prompt, turn.begun.conversation_id)
    turn.stop()
    told = check(stage, stage.told(turn, seen), prompt=prompt)
    assert told.states == ["stopped"]


def test_a_conversation_that_is_deleted_while_it_is_made(stage: Stage, drawing: Drawing) -> None:
    turn = stage.send(drawing.chain()[0], orders=slow("draw"))
    wait(lambda: steps_of(turn)["draw"].state == "running")
    conversation_id = turn.begun.conversation_id
    stage.services.chat.delete(stage.actor, conversation_id)
    assert turn.wait_ended(SOON)
    with pytest.raises(NotFound):
        stage.messages(conversation_id)
    calls = stage.rows("SELECT status FROM calls WHERE turn_id = ?", turn.begun.turn_id)
    assert calls and all(status != "intent" for (status,) in calls), "what was begun is booked"


def test_a_costly_plan_waits_for_a_word(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    with stage.preferring(plan_from="0.01"):
        turn = stage.send(prompt)
        wait(lambda: turn.questions.are_open)
    assert len(stage.asked) == seen, "nothing is made before"
    asked = asked_of(turn)
    parts = stage.services.reply_parts
    parts.answer(stage.actor, turn.begun.conversation_id, asked.key, asked.plan)
    told = check(stage, stage.told(turn, seen), prompt=prompt)
    assert told.states == ["done"] * 3


def test_a_plan_that_is_not_wanted(stage: Stage, drawing: Drawing) -> None:
    prompt, _ = drawing.chain()
    seen = len(stage.asked)
    with stage.preferring(plan_from="0"):
        turn = stage.send(prompt)
        wait(lambda: turn.questions.are_open)
    asked = asked_of(turn)
    stage.services.reply_parts.answer(stage.actor, turn.begun.conversation_id, asked.key, None)
    told = check(stage, stage.told(turn, seen), prompt=prompt)
    assert told.reply.status is MessageStatus.STOPPED
    assert told.states == ["skipped"] * 3
    assert told.asked == ()
    (said,) = [part for part in told.reply.parts if isinstance(part, NoticePart)]
    assert "not agreed" in said.text, "it is said once, and not below each part"


def _check_followed(events: Sequence[TurnEvent], turn: LiveTurn) -> None:
    """Each step is shown waiting, then running, then at its end; the turn's end has them all."""
    changes = [event.part for event in events if isinstance(event, StepChanged)]
    for step_id in dict.fromkeys(part.step.id for part in changes):
        assert [part.state for part in changes if part.step.id == step_id] == ["waiting", "running", "done"]
    last = events[-1]
    assert isinstance(last, TurnEnded)
    assert [part for part in last.parts if isinstance(part, StepPart)] == list(turn.parts())
