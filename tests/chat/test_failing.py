"""Turns whose model fails: what the reader sees, what is kept, what is booked. Real HTTP, a real database."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from core.chat.live import LiveTurn
from core.errors import GearboxError
from core.providers.catalog import Catalogue
from data.values.events import AnotherTry, TextDelta, TookOver, TurnEnded, TurnStarted
from data.values.messages import Message, MessageStatus
from data.values.parts import ErrorPart, NoticePart, TextPart
from tests.chat.house import ChatHouse, ended, words
from tests.gateway.scripted import scripted
from tests.people import ALICE


class TwoServers:
    """A chat with the servers `main` and, as its fallback, `spare`."""

    def __init__(self, house: ChatHouse) -> None:
        self.house = house

    def ask(self, prompt: str = "hello") -> LiveTurn:
        return ended(self.send(prompt))

    def send(self, prompt: str = "hello") -> LiveTurn:
        preferences = self.house.preferences.load(ALICE)
        choice = self.house.chat.choice(ALICE, preferences, picked="main/scripted", history=[])
        assert choice is not None and choice.model.id == "main/scripted"
        return self.house.chat.send(ALICE, None, prompt, choice)

    def calls(self) -> list[tuple[object, ...]]:
        return self.house.rows("SELECT provider, status FROM calls ORDER BY rowid")


class Build(Protocol):
    """Builds the chat for the scripts of its two servers."""

    def __call__(self, main: Sequence[str], spare: Sequence[str] = ..., *, fallback: bool = ...) -> TwoServers: ...


@pytest.fixture
def build(tmp_path: Path, catalogue: Catalogue) -> Iterator[Build]:
    with contextlib.ExitStack() as stack:

        def make(main: Sequence[str], spare: Sequence[str] = ("from spare",), *, fallback: bool = True) -> TwoServers:
            scripts = stack.enter_context(scripted(main, spare))
            house = ChatHouse(tmp_path, "http://127.0.0.1:1/v1", catalogue)
            stack.callback(house.close)
            for label, script in zip(("main", "spare"), scripts, strict=True):
                house.keys.add_server(ALICE, label=label, base_url=script.base_url, key=None)
            if fallback:
                house.preferences.save(ALICE, fallbacks=["spare/scripted"])
            return TwoServers(house)

        yield make


def notices(message: Message) -> list[str]:
    return [part.text for part in message.parts if isinstance(part, NoticePart)]


def test_a_fallback_answers_and_the_reply_says_so_and_why(build: Build) -> None:
    two = build(["401"])
    turn = two.ask()
    stored = two.house.messages(turn)[1]
    assert (words(stored).strip(), stored.status) == ("from spare", MessageStatus.COMPLETE)
    (notice,) = notices(stored)
    assert notice.startswith("spare/scripted answered, because main/scripted did not.")
    assert "scripted 401" in notice
    assert stored.details is not None and stored.details.provider == "spare"
    assert two.calls() == [("main", "failed"), ("spare", "ok")]
    assert two.house.rows("SELECT chosen_by FROM calls ORDER BY rowid") == [("person",), ("fallback",)]
    assert two.house.rows("SELECT count(*) FROM outbox") == [(2,)]
    two.house.wait_booked(2)


def test_a_fallback_stands_in_for_one_answer_only(build: Build) -> None:
    two = build(["401", "main again"])
    turn = two.ask()
    history = two.house.messages(turn)
    assert history[-1].details is not None and history[-1].details.by_fallback
    chat = two.house.chat
    two.house.preferences.save(ALICE, default_model="main/scripted")
    choice = chat.choice(ALICE, two.house.preferences.load(ALICE), picked=None, history=history)
    assert choice is not None and choice.model.id == "main/scripted"
    again = ended(chat.send(ALICE, turn.begun.conversation_id, "go on", choice))
    stored = two.house.messages(again)
    assert (words(stored[-1]).strip(), notices(stored[-1])) == ("main again", [])
    two.house.preferences.save(ALICE, default_model="spare/scripted")
    choice = chat.choice(ALICE, two.house.preferences.load(ALICE), picked=None, history=[*stored, history[-1]])
    assert choice is not None and choice.model.id == "main/scripted", "the conversation's model, not the default"


def test_viewers_see_it_happen(build: Build) -> None:
    turn = build(["401"]).ask()
    events = [event for batch in turn.follow() for event in batch]
    kinds = [type(event) for event in events if not isinstance(event, TextDelta)]
    assert kinds == [TurnStarted, AnotherTry, TurnStarted, TurnEnded]
    last = events[-1]
    assert isinstance(last, TurnEnded) and last.details is not None and last.details.provider == "spare"


def test_without_a_fallback_set_nobody_else_is_asked(build: Build) -> None:
    two = build(["401"], fallback=False)
    stored = two.house.messages(two.ask())[1]
    assert stored.status is MessageStatus.FAILED
    assert two.calls() == [("main", "failed")]


def test_a_repeat_that_goes_well_leaves_no_notice(build: Build) -> None:
    two = build(["500", "all is well"])
    stored = two.house.messages(two.ask())[1]
    assert (words(stored).strip(), notices(stored)) == ("all is well", [])
    assert two.calls() == [("main", "failed"), ("main", "ok")]


def test_when_nobody_answers_the_reply_says_who_was_asked(build: Build) -> None:
    two = build(["401"], ["404"])
    stored = two.house.messages(two.ask())[1]
    assert stored.status is MessageStatus.FAILED
    assert [type(part) for part in stored.parts] == [NoticePart, ErrorPart]
    assert "main/scripted did not answer" in notices(stored)[0]
    assert two.calls() == [("main", "failed"), ("spare", "failed")]


@pytest.mark.parametrize("line", ["one two!", "one two?"])
def test_a_fresh_answer_takes_the_place_of_a_cut_one_which_is_kept_aside(build: Build, line: str) -> None:
    two = build([line, "one two three four"])
    turn = two.ask()
    stored = two.house.messages(turn)
    assert len(stored) == 2, "what is kept aside is not shown"
    reply = stored[1]
    assert (words(reply).strip(), reply.status) == ("one two three four", MessageStatus.COMPLETE)
    (notice,) = notices(reply)
    assert notice.startswith("This answer was begun anew")
    assert two.calls() == [("main", "failed"), ("main", "ok")]
    ((parts, superseded_by, call_id),) = two.house.rows(
        "SELECT parts, superseded_by, call_id FROM messages WHERE superseded_by IS NOT NULL"
    )
    assert superseded_by == reply.id
    assert json.loads(parts)["parts"][0] == {"type": "text", "text": "one two "}
    assert two.house.rows("SELECT status FROM calls WHERE id = ?", call_id) == [("failed",)]
    assert turn.parts() == reply.parts[1:]
    assert reply.cut is not None
    text, reason = reply.cut.parts
    assert text == TextPart("one two ") and isinstance(reason, ErrorPart)
    assert reply.cut.details is not None and reply.cut.details.model == "scripted"
    last = [event for batch in turn.follow() for event in batch][-1]
    assert isinstance(last, TurnEnded)
    assert (last.cut, last.details) == (reply.cut, reply.details), "a page that watched it shows the same"


def test_what_is_kept_aside_is_not_sent_to_the_next_model(build: Build) -> None:
    two = build(["one two!", "one two three four", "and more"])
    turn = two.ask()
    choice = two.house.chat.choice(ALICE, two.house.preferences.load(ALICE), picked="main/scripted", history=[])
    again = ended(two.house.chat.send(ALICE, turn.begun.conversation_id, "go on", choice))
    shown = two.house.messages(again)
    assert [words(message).strip() for message in shown] == ["hello", "one two three four", "go on", "and more"]


def test_viewers_are_told_when_the_fresh_answer_takes_over(build: Build) -> None:
    turn = build(["one two!", "one two three four"]).ask()
    events = [event for batch in turn.follow() for event in batch]
    place = next(index for index, event in enumerate(events) if isinstance(event, TookOver))
    before = "".join(event.text for event in events[:place] if isinstance(event, TextDelta))
    after = "".join(event.text for event in events[place:] if isinstance(event, TextDelta))
    assert (before, after) == ("one two ", "one two three four ")


def test_a_cut_answer_stays_where_no_fresh_one_comes(build: Build) -> None:
    two = build(["one two!", "500"], fallback=False)
    stored = two.house.messages(two.ask())[1]
    assert (words(stored).strip(), stored.status) == ("one two", MessageStatus.FAILED)
    assert isinstance(stored.parts[-1], ErrorPart)
    assert two.house.rows("SELECT count(*) FROM messages") == [(2,)]
    ((of_reply,),) = two.house.rows("SELECT call_id FROM messages WHERE author = 'assistant'")
    assert two.house.rows("SELECT error_kind FROM calls WHERE id = ?", of_reply) == [("stream_cut",)]


def test_stop_while_waiting_for_the_next_call_ends_the_turn(build: Build) -> None:
    two = build(["429:15"], fallback=False)
    turn = two.send()
    while two.calls() != [("main", "failed")]:
        time.sleep(0.02)
    turn.stop()
    ended(turn)
    stored = two.house.messages(turn)[1]
    assert stored.status is MessageStatus.STOPPED
    assert two.calls() == [("main", "failed")]
    assert two.house.rows("SELECT count(*) FROM outbox") == [(1,)]


def test_stop_while_a_fresh_answer_is_held_back_keeps_the_first(build: Build) -> None:
    two = build(["one two three!", "one..."])
    turn = two.send()
    while len(two.calls()) < 2:
        time.sleep(0.02)
    time.sleep(0.1)
    turn.stop()
    ended(turn)
    stored = two.house.messages(turn)[1]
    assert (words(stored).strip(), stored.status) == ("one two three", MessageStatus.STOPPED)
    assert two.calls() == [("main", "failed"), ("main", "stopped")]


def test_a_refusal_before_the_first_call_stores_nothing(build: Build) -> None:
    two = build(["500"], fallback=False)
    for _ in range(2):
        two.ask()
    before = two.house.rows("SELECT count(*) FROM messages"), two.house.rows("SELECT count(*) FROM calls")
    with pytest.raises(GearboxError, match="left alone") as refused:
        two.ask()
    assert "Try again in" in refused.value.remedy
    assert (two.house.rows("SELECT count(*) FROM messages"), two.house.rows("SELECT count(*) FROM calls")) == before
