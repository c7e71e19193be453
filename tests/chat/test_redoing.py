"""Answers made anew and prompts in other words: what is sent, what is kept aside, and what it shows of the answer."""

from __future__ import annotations

import pytest

from core.chat.attachments import Attachment
from core.chat.redoing import Redoing
from core.errors import GearboxError, NotFound
from core.registry.described import DescribedModel
from core.routing.feedback import FeedbackService
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.messages import MessageStatus
from data.values.parts import TextFilePart
from data.values.registry import Category
from data.values.routing import Signal
from tests.chat.house import ChatHouse, ended, now, wait_for_words, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE, BOB

SAY = "[[pace:instant]][[say:{}]] go"


@pytest.fixture
def redoing(house: ChatHouse) -> Redoing:
    feedback = FeedbackService(house.access, house.store, now)
    return Redoing(house.access, house.store, house.connections, house.preferences, house.chat, feedback)


def shown(house: ChatHouse, *turn_ids: str) -> list[Signal]:
    return [each.signal for each in house.store.routing.feedback_of(ALICE.user_id, turn_ids)]


def test_the_last_answer_is_made_again_by_the_same_or_another_model(
    house: ChatHouse, redoing: Redoing, sandbox: RecordedSandbox
) -> None:
    house.keys.add_server(ALICE, "Team", sandbox.base_url, None)
    first = house.ask(SAY.format("one"), model="sandbox/scripted")
    here = first.begun.conversation_id
    second = ended(redoing.again(ALICE, here, first.begun.reply.id))
    third = ended(redoing.again(ALICE, here, second.begun.reply.id, model="team/scripted"))
    answer = house.messages(third)[-1]
    assert answer.details is not None and answer.details.provider == "team"
    assert shown(house, first.begun.turn_id) == [Signal.REGENERATED]
    assert shown(house, second.begun.turn_id) == [Signal.SWITCHED]
    assert shown(house, third.begun.turn_id) == [], "that nothing was done shows nothing"
    versions = redoing.before(ALICE, here, answer.id)
    assert [[each.id for each in version] for version in versions] == [[first.begun.reply.id], [second.begun.reply.id]]
    assert "team/scripted" not in redoing.others(ALICE, here, answer.id)
    assert "sandbox/scripted" in redoing.others(ALICE, here, answer.id)


def test_what_is_known_of_another_model_is_said_beside_it(
    house: ChatHouse, redoing: Redoing, sandbox: RecordedSandbox
) -> None:
    house.keys.add_server(ALICE, "Team", sandbox.base_url, None)
    said = DescribedModel(
        provider="team", name="scripted", category=Category.CHAT, input_per_million=100, output_per_million=400
    )
    told = AuditEvent.by(ALICE, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="model:team/scripted")
    kept = said.model_dump(mode="json", exclude_none=True)
    house.store.model_overrides.save("team/scripted", enabled=True, described=kept, event=told)
    house.overrides.forget()
    turn = house.ask(SAY.format("one"), model="sandbox/scripted")
    others = redoing.others(ALICE, turn.begun.conversation_id, turn.begun.reply.id)
    assert others["team/scripted"].startswith("no grade yet, about $0.")
    assert "sandbox/scripted" not in others


def test_an_answer_that_was_stopped_is_not_judged_by_asking_again(house: ChatHouse, redoing: Redoing) -> None:
    turn = house.send("[[words:200]] go")
    wait_for_words(turn, 2)
    turn.stop()
    ended(turn)
    ended(redoing.again(ALICE, turn.begun.conversation_id, turn.begun.reply.id))
    assert shown(house, turn.begun.turn_id) == []


def test_only_the_last_answer_is_made_again(house: ChatHouse, redoing: Redoing) -> None:
    first = house.ask(SAY.format("one"))
    here = first.begun.conversation_id
    house.ask(SAY.format("two"), here)
    with pytest.raises(GearboxError, match="not the last"):
        redoing.again(ALICE, here, first.begun.reply.id)
    assert shown(house, first.begun.turn_id) == []


def test_a_prompt_is_sent_in_other_words_with_its_files(
    house: ChatHouse, redoing: Redoing, sandbox: RecordedSandbox
) -> None:
    before = house.ask(SAY.format("zero"))
    here = before.begun.conversation_id
    files = (Attachment("notes.txt", b"Cogs have teeth."),)
    first = ended(house.chat.send(ALICE, here, SAY.format("one"), house.choice(), files=files))
    house.ask(SAY.format("two"), here)
    edited = redoing.edit(ALICE, here, first.begun.user_message.id, SAY.format("other"), picked=None)
    ended(edited)
    asked, answered = house.messages(edited)[-2:]
    assert (words(answered), answered.status) == ("other", MessageStatus.COMPLETE)
    assert [part.name for part in asked.parts if isinstance(part, TextFilePart)] == ["notes.txt"]
    contents = [content for _, content in sandbox.messages]
    assert contents[:2] == [SAY.format("zero"), "zero"] and len(contents) == 3
    assert "Cogs have teeth." in str(contents[2]) and "two" not in str(contents)
    assert shown(house, first.begun.turn_id) == [Signal.EDITED]
    (version,) = redoing.before(ALICE, here, answered.id)
    assert len(version) == 4, "both prompts and their answers are kept"
    assert redoing.prompt_of(ALICE, here, answered.id).id == asked.id


@pytest.mark.parametrize("prompt", ["", "  "], ids=["empty", "blank"])
def test_an_empty_prompt_changes_nothing(house: ChatHouse, redoing: Redoing, prompt: str) -> None:
    first = house.ask(SAY.format("one"))
    with pytest.raises(GearboxError, match="empty"):
        redoing.edit(ALICE, first.begun.conversation_id, first.begun.user_message.id, prompt, picked=None)
    assert [words(each) for each in house.messages(first)] == [SAY.format("one"), "one"]
    assert shown(house, first.begun.turn_id) == []


def test_another_person_s_looks_like_a_missing_one(house: ChatHouse, redoing: Redoing) -> None:
    turn = house.ask(SAY.format("one"))
    reply, prompt = turn.begun.reply.id, turn.begun.user_message.id
    for here in (turn.begun.conversation_id, "0" * 32):
        for attempt in (
            lambda it: redoing.again(BOB, it, reply),
            lambda it: redoing.edit(BOB, it, prompt, "Hi", picked=None),
            lambda it: redoing.before(BOB, it, reply),
            lambda it: redoing.others(BOB, it, reply),
            lambda it: redoing.prompt_of(BOB, it, reply),
        ):
            with pytest.raises(NotFound, match="no such conversation"):
                attempt(here)
