"""Replies in several parts over the sandbox's real HTTP: order, hand-over, failures, stop, and making a part again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.chat.live import LiveTurn
from core.chat.planning.edited import Changes
from core.errors import GearboxError, NotFound, TurnActive
from core.providers.catalog import Catalogue
from data.values.events import PlanAsked
from data.values.messages import Message, MessageStatus
from data.values.parts import AudioPart, ImagePart, NoticePart, StepPart, text_of
from data.values.plans import Action, Step, StepState
from tests.chat.house import SOON
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox
from tests.composing.kitchen import Kitchen, planned, step
from tests.people import ALICE, BOB


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory, sandbox: RecordedSandbox) -> Iterator[Kitchen]:
    built = Kitchen(tmp_path_factory.mktemp("kitchen"), sandbox.base_url, Catalogue())
    yield built
    built.close()


CHAIN = (
    step("t", Action.WRITE, "Write a haiku about fog [[say:Fog upon the gears]]"),
    step("p", Action.DRAW, "A picture of it", "t"),
    step("s", Action.SPEAK, "Slowly", "t"),
)
SAYS = "Write a haiku about fog, paint it and read it aloud"


def breaking(place: int) -> tuple[Step, ...]:
    """The chain with one step that fails."""
    fault = "[[fault:401]]"
    return tuple(
        replace(each, instruction=f"{each.instruction} {fault}") if at == place else each
        for at, each in enumerate(CHAIN)
    )


def states(reply: Message) -> list[str]:
    return [part.state.value for part in planned(reply).values()]


def test_a_text_a_picture_of_it_and_its_reading_are_one_reply(kitchen: Kitchen) -> None:
    turn, reply = kitchen.make(SAYS, *CHAIN)
    assert reply.status is MessageStatus.COMPLETE
    parts = planned(reply)
    assert list(parts) == ["t", "p", "s"]
    assert states(reply) == ["done", "done", "done"]
    assert text_of(reply.parts) == "Fog upon the gears"
    (picture,), (sound,) = parts["p"].parts, parts["s"].parts
    assert isinstance(picture, ImagePart) and isinstance(sound, AudioPart)
    assert sound.transcript == "Fog upon the gears"
    assert [status for _, status in kitchen.booked(turn)] == ["ok", "ok", "ok"]
    assert parts["t"].model == "sandbox/scripted" and parts["p"].model == "sandbox/scripted-image"
    assert reply.details is not None and len(reply.details.models) == 3 and reply.details.model == "scripted"


@pytest.mark.parametrize(
    ("place", "expected", "calls"),
    [(0, ["failed", "skipped", "skipped"], 1), (1, ["done", "failed", "done"], 3), (2, ["done", "done", "failed"], 3)],
    ids=["text", "picture", "sound"],
)
def test_what_fails_leaves_what_does_not_need_it(kitchen: Kitchen, place: int, expected: list[str], calls: int) -> None:
    turn, reply = kitchen.make(SAYS, *breaking(place))
    assert states(reply) == expected
    assert len(kitchen.booked(turn)) == calls
    assert reply.status is (MessageStatus.COMPLETE if place else MessageStatus.FAILED)
    failed = planned(reply)[CHAIN[place].id]
    assert failed.problem is not None and "401" in failed.problem.message
    for part in planned(reply).values():
        if part.state is StepState.SKIPPED:
            assert part.problem is not None and "the text" in part.problem.message


def test_a_part_is_made_again_alone_and_with_it_what_was_left_out(kitchen: Kitchen) -> None:
    fails_once = replace(CHAIN[0], instruction="Write a haiku [[fault-once:401]] [[say:Fog]]")
    turn, reply = kitchen.make(SAYS, fails_once, *CHAIN[1:])
    assert states(reply) == ["failed", "skipped", "skipped"]
    again = kitchen.again(turn, "t")
    assert states(again) == ["done", "done", "done"]
    assert (again.id, again.seq, again.status) == (reply.id, reply.seq, MessageStatus.COMPLETE)
    assert [status for _, status in kitchen.booked(turn)] == ["failed", "ok", "ok", "ok"]


def test_a_part_that_is_made_again_leaves_the_others_as_they_are(kitchen: Kitchen) -> None:
    turn, reply = kitchen.make(SAYS, *breaking(1))
    again = kitchen.again(turn, "p", model="sandbox/scripted-image-2")
    assert planned(again)["p"].step.model == "sandbox/scripted-image-2"
    assert {key: part for key, part in planned(again).items() if key != "p"} == {
        key: part for key, part in planned(reply).items() if key != "p"
    }
    assert len(kitchen.booked(turn)) == 4


def test_what_is_done_can_be_made_again_too(kitchen: Kitchen) -> None:
    turn, reply = kitchen.make(SAYS, *CHAIN)
    again = kitchen.again(turn, "s")
    assert states(again) == ["done", "done", "done"]
    assert [model for model, _ in kitchen.booked(turn)].count("scripted-speech") == 2
    assert again.details is not None and reply.details is not None


def test_a_reply_in_an_older_message_is_written_on_in_its_place(kitchen: Kitchen) -> None:
    turn, first = kitchen.make(SAYS, *breaking(2))
    kitchen.make("Another", CHAIN[0], conversation_id=turn.begun.conversation_id)
    again = kitchen.again(turn, "s", model="sandbox/scripted-speech-2")
    window = kitchen.house.messages(turn)
    assert [message.seq for message in window] == [1, 2, 3, 4]
    assert window[1] == again and again.seq == first.seq


def test_stop_ends_every_part_and_keeps_what_there_is(kitchen: Kitchen) -> None:
    steps = (
        step("t", Action.WRITE, "Write"),
        step("p", Action.DRAW, "A lake [[image-delay:20]]"),
        step("s", Action.SPEAK, "Slowly", "p", "t"),
    )
    turn = kitchen.start("Go", steps)
    wait_until(lambda: StepState.DONE in [part.state for part in turn.parts() if isinstance(part, StepPart)])
    turn.stop()
    assert turn.wait_ended(SOON)
    reply = kitchen.reply(turn)
    assert reply.status is MessageStatus.STOPPED
    assert states(reply) == ["done", "stopped", "stopped"]
    assert sorted(status for _, status in kitchen.booked(turn)) == ["ok", "stopped"]


def test_parts_that_do_not_need_each_other_are_made_at_the_same_time(kitchen: Kitchen) -> None:
    steps = [step(f"p{number}", Action.DRAW, f"Lake {number} [[image-delay:0.4]]") for number in range(3)]
    turn, reply = kitchen.make("Three lakes", *steps)
    assert states(reply) == ["done"] * 3
    begun, ended = zip(
        *kitchen.house.rows(
            "SELECT julianday(started_at) * 86400000, latency_ms FROM calls WHERE turn_id = ?", turn.begun.turn_id
        ),
        strict=True,
    )
    assert max(begun) < min(start + took for start, took in zip(begun, ended, strict=True))


def test_a_plan_waits_for_a_yes_and_can_be_changed(kitchen: Kitchen) -> None:
    turn = kitchen.start(SAYS, CHAIN, patience=SOON)
    asked = waiting_plan(turn)
    assert not kitchen.booked(turn)
    kitchen.reply_parts.answer(
        ALICE, turn.begun.conversation_id, asked.key, asked.plan, Changes(removed=frozenset({"p"}))
    )
    assert turn.wait_ended(SOON)
    assert states(kitchen.reply(turn)) == ["done", "skipped", "done"]


@pytest.mark.parametrize("patience", [SOON, 0.05], ids=["said no", "said nothing"])
def test_a_plan_that_nobody_agrees_to_is_not_made(kitchen: Kitchen, patience: float) -> None:
    turn = kitchen.start(SAYS, CHAIN, patience=patience)
    if patience == SOON:
        asked = waiting_plan(turn)
        kitchen.reply_parts.answer(ALICE, turn.begun.conversation_id, asked.key, None)
    assert turn.wait_ended(SOON)
    reply = kitchen.reply(turn)
    assert states(reply) == ["skipped"] * 3 and reply.status is MessageStatus.STOPPED
    assert any(isinstance(part, NoticePart) and "not agreed" in part.text for part in reply.parts)
    assert not kitchen.booked(turn)


def test_a_plan_that_is_stopped_while_it_waits_leaves_no_parts_to_mend(kitchen: Kitchen) -> None:
    turn = kitchen.start(SAYS, CHAIN, patience=SOON)
    waiting_plan(turn)
    turn.stop()
    assert turn.wait_ended(SOON)
    reply = kitchen.reply(turn)
    assert states(reply) == ["skipped"] * 3 and reply.status is MessageStatus.STOPPED
    assert not kitchen.booked(turn)


def test_nobody_else_can_agree_or_have_a_part_made_again(kitchen: Kitchen) -> None:
    turn = kitchen.start(SAYS, CHAIN, patience=SOON)
    asked = waiting_plan(turn)
    with pytest.raises(GearboxError):
        kitchen.reply_parts.answer(BOB, turn.begun.conversation_id, asked.key, asked.plan)
    with pytest.raises(NotFound):
        kitchen.reply_parts.again(BOB, turn.begun.conversation_id, turn.begun.reply.id, "t")
    kitchen.reply_parts.answer(ALICE, turn.begun.conversation_id, asked.key, None)
    assert turn.wait_ended(SOON)


def test_while_it_is_made_no_part_is_made_again(kitchen: Kitchen) -> None:
    turn = kitchen.start("Go", [step("p", Action.DRAW, "A lake [[image-delay:20]]")])
    with pytest.raises(TurnActive):
        kitchen.reply_parts.again(ALICE, turn.begun.conversation_id, turn.begun.reply.id, "p")
    turn.stop()
    assert turn.wait_ended(SOON)


def test_the_next_prompt_knows_what_every_part_gave(kitchen: Kitchen, sandbox: RecordedSandbox) -> None:
    turn, reply = kitchen.make(SAYS, *CHAIN)
    house = kitchen.house
    house.chat.send(ALICE, turn.begun.conversation_id, "And now?", house.choice()).wait_ended(SOON)
    said = "\n".join(str(content) for _, content in sandbox.messages)
    picture = planned(reply)["p"].parts[0]
    assert isinstance(picture, ImagePart)
    assert "Fog upon the gears" in said and picture.name in said


def test_a_whole_reply_is_read_aloud_below_the_conversation(kitchen: Kitchen) -> None:
    turn, reply = kitchen.make(SAYS, CHAIN[0])
    reading = kitchen.reply_parts.read_aloud(ALICE, turn.begun.conversation_id, reply.id)
    assert reading.wait_ended(SOON)
    read = kitchen.reply(reading)
    (sound,) = planned(read)["speak-1"].parts
    assert isinstance(sound, AudioPart) and sound.transcript == "Fog upon the gears"
    assert [message.seq for message in kitchen.house.messages(turn)] == [1, 2, 3, 4]
    with pytest.raises(GearboxError, match="no words"):
        kitchen.reply_parts.read_aloud(ALICE, turn.begun.conversation_id, read.id)


def waiting_plan(turn: LiveTurn) -> PlanAsked:
    """The question of a plan, once it is asked."""
    for batch in turn.follow():
        for event in batch:
            if isinstance(event, PlanAsked):
                return event
    raise AssertionError("nobody was asked")


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
