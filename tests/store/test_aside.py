"""What is kept aside when an answer is made anew, and when a prompt is changed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from data.store import Store
from data.store.turns import BeginTurn, BegunTurn
from data.values.calls import CallOutcome, CallStatus
from data.values.errors import NotFound
from data.values.messages import MessageStatus
from data.values.parts import TextPart, text_of
from tests.store.conftest import ANN, BOB, Clock, intent


@dataclass
class Talk:
    """A conversation, a turn at a time."""

    store: Store
    clock: Clock
    id: str | None = None

    def turn(self, prompt: str | None, answer: str, edits: str | None = None) -> BegunTurn:
        call = intent(self.clock())
        said = None if prompt is None else (TextPart(prompt),)
        begun = self.store.turns.begin(BeginTurn(ANN, self.id, "", said, call, edits=edits)).result(10)
        self.id = begun.conversation_id
        self.store.turns.finish(
            begun.turn_id,
            status=MessageStatus.COMPLETE,
            parts=(TextPart(answer),),
            call_id=call.id,
            outcome=CallOutcome(CallStatus.OK, latency_ms=1.0),
        ).result(10)
        return begun

    @property
    def shown(self) -> list[str]:
        return [text_of(each.parts) for each in self.store.conversations.window(ANN, self.id or "", limit=50)]

    def aside(self, message_id: str) -> list[list[str]]:
        found = self.store.aside.before(ANN, self.id or "", message_id)
        return [[text_of(each.parts) for each in version] for version in found]


@pytest.fixture
def talk(store: Store, clock: Clock) -> Talk:
    return Talk(store, clock)


def test_answers_before_are_found_in_order(talk: Talk) -> None:
    talk.turn("ask", "one")
    talk.turn(None, "two")
    third = talk.turn(None, "three")
    assert talk.shown == ["ask", "three"]
    assert talk.aside(third.reply.id) == [["one"], ["two"]]
    assert talk.aside(third.user_message.id) == []
    with pytest.raises(NotFound):
        talk.store.aside.before(BOB, third.conversation_id, third.reply.id)


def test_a_changed_prompt_keeps_what_followed_aside(talk: Talk) -> None:
    first = talk.turn("ask", "one")
    talk.turn("more", "two")
    talk.turn(None, "two again")
    changed = talk.turn("ask else", "other", first.user_message.id)
    assert talk.shown == ["ask else", "other"]
    last = talk.turn("at last", "last", changed.user_message.id)
    assert talk.shown == ["at last", "last"]
    assert talk.aside(last.user_message.id) == [
        ["more", "two"],
        ["ask", "one", "more", "two again"],
        ["ask else", "other"],
    ]
    transcript = talk.store.conversations.transcript(ANN, talk.id or "", limit=9)
    assert [text_of(each.parts) for each in transcript] == ["at last", "last"]
    anew = talk.turn(None, "last anew")
    assert talk.shown == ["at last", "last anew"]
    assert talk.aside(anew.reply.id) == [["last"]]


def test_answers_made_anew_are_still_there_once_their_prompt_was_changed(talk: Talk) -> None:
    first = talk.turn("ask", "one")
    talk.turn(None, "two")
    talk.turn(None, "three")
    changed = talk.turn("ask else", "other", first.user_message.id)
    assert talk.aside(changed.user_message.id) == [["ask", "one"], ["ask", "two"], ["ask", "three"]]


def test_only_a_prompt_in_view_can_be_changed(talk: Talk) -> None:
    first = talk.turn("ask", "one")
    talk.turn("ask else", "two", first.user_message.id)
    for message_id in (first.user_message.id, first.reply.id, "missing"):
        with pytest.raises(NotFound):
            talk.turn("no", "never", message_id)
    assert talk.shown == ["ask else", "two"]
