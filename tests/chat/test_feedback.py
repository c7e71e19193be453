"""What people show of answers: thumbs that change, what counts once, and whose it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import GearboxError, NotFound
from core.routing.feedback import MOST_WORDS, FeedbackService, Thumb
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from data.values.routing import Reason, Signal
from tests.chat.house import ChatHouse, now
from tests.people import ALICE, BOB

UP, DOWN = Thumb(True), Thumb(False)


@pytest.fixture
def feedback(house: ChatHouse) -> FeedbackService:
    return FeedbackService(house.access, house.store, now)


def test_a_thumb_is_given_changed_and_taken_back(house: ChatHouse, feedback: FeedbackService) -> None:
    turn = house.ask("[[pace:instant]] go")
    here, reply = turn.begun.conversation_id, turn.begun.reply.id
    answers = house.messages(turn)
    assert feedback.thumbs(ALICE, answers) == {}
    why = Thumb(False, Reason.WRONG, "Cogs have teeth")
    for thumb in (UP, DOWN, why, None, UP):
        assert feedback.thumb(ALICE, here, reply, thumb)
        assert not feedback.thumb(ALICE, here, reply, thumb), "told twice, it counts once"
        assert feedback.thumbs(ALICE, answers) == ({} if thumb is None else {reply: thumb})
    (last,) = house.store.routing.feedback_of(ALICE.user_id, [turn.begun.turn_id])
    assert (last.signal, last.model_id) == (Signal.THUMB_UP, "sandbox/scripted")
    events = house.store.audit.search(AuditFilter(actions=(Action.FEEDBACK_GIVE,)), limit=50).entries
    assert len(events) == 5
    assert "Cogs" not in "".join(each.record.body for each in events), "a person's words are not in the log"


def test_two_windows_that_press_the_same_count_once(house: ChatHouse, feedback: FeedbackService) -> None:
    turn = house.ask("[[pace:instant]] go")
    answer = house.messages(turn)[-1]
    made = feedback._made(ALICE, answer, Signal.THUMB_UP, thumb=UP)
    assert made is not None and house.store.routing.add_feedback(made)
    assert not house.store.routing.add_feedback(replace(made, at=now()))


def test_copying_counts_once(house: ChatHouse, feedback: FeedbackService) -> None:
    turn = house.ask("[[pace:instant]] go")
    for _ in range(3):
        feedback.copied(ALICE, turn.begun.conversation_id, turn.begun.reply.id)
    told = house.store.routing.feedback_of(ALICE.user_id, [turn.begun.turn_id])
    assert [each.signal for each in told] == [Signal.COPIED]
    assert feedback.thumbs(ALICE, house.messages(turn)) == {}


def test_what_can_t_be_rated_says_so(house: ChatHouse, feedback: FeedbackService) -> None:
    turn = house.ask("[[pace:instant]] go")
    here = turn.begun.conversation_id
    for message_id in (turn.begun.user_message.id, "missing"):
        with pytest.raises(GearboxError) as refusal:
            feedback.thumb(ALICE, here, message_id, UP)
        assert not isinstance(refusal.value, NotFound) and refusal.value.remedy
    with pytest.raises(GearboxError, match="at most"):
        feedback.thumb(ALICE, here, turn.begun.reply.id, Thumb(False, words="x" * (MOST_WORDS + 1)))


def test_another_person_s_answer_looks_like_a_missing_one(house: ChatHouse, feedback: FeedbackService) -> None:
    turn = house.ask("[[pace:instant]] go")
    for here in (turn.begun.conversation_id, "0" * 32):
        with pytest.raises(NotFound, match="no such conversation"):
            feedback.thumb(BOB, here, turn.begun.reply.id, UP)
        with pytest.raises(NotFound, match="no such conversation"):
            feedback.copied(BOB, here, turn.begun.reply.id)
    with pytest.raises(NotFound):
        feedback.note(BOB, house.messages(turn)[-1], Signal.COPIED)
    feedback.thumb(ALICE, turn.begun.conversation_id, turn.begun.reply.id, UP)
    assert feedback.thumbs(BOB, house.messages(turn)) == {}
