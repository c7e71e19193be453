"""Turns over real HTTP into a real database, seen from a second connection to it."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from core.errors import GearboxError, NotFound, TurnActive
from data.store import OwnerId, open_store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import CallIntent, ErrorKind
from data.values.events import TextDelta, TurnEnded, TurnStarted
from data.values.messages import Author, MessageStatus
from data.values.money import CostBasis
from data.values.parts import ErrorPart, SourcesPart, TextPart
from data.values.sources import Source
from tests.chat.house import ChatHouse, another_store, ended, now, wait_for_words, words
from tests.people import ALICE

SLOW = "[[words:150]] go on"
"""Three seconds at the sandbox's natural pace."""


def test_a_prompt_is_answered_stored_and_booked(house: ChatHouse) -> None:
    turn = house.ask("[[pace:instant]] Good morning")
    asked, answered = house.messages(turn)
    assert (asked.author, words(asked), asked.status) == (
        Author.USER,
        "[[pace:instant]] Good morning",
        MessageStatus.COMPLETE,
    )
    assert (answered.author, answered.status) == (Author.ASSISTANT, MessageStatus.COMPLETE)
    assert "“Good morning”" in words(answered)
    assert house.calls() == ["ok"]
    assert house.rows("SELECT count(*) FROM outbox") == [(1,)]
    house.wait_booked(1)


def test_viewers_get_the_start_the_words_and_the_end(house: ChatHouse) -> None:
    turn = house.send("[[words:30]] go")
    events = [event for batch in turn.follow() for event in batch]
    assert isinstance(events[0], TurnStarted)
    assert (events[0].provider, events[0].model) == ("sandbox", "scripted")
    last = events[-1]
    assert isinstance(last, TurnEnded)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert last.parts == (TextPart(text),)
    assert len(text.split()) == 30


def test_the_footer_has_the_provider_s_counts_no_price_and_both_times(house: ChatHouse) -> None:
    turn = house.ask("[[words:25]] go")
    details = house.messages(turn)[1].details
    assert details is not None
    assert (details.provider, details.model) == ("sandbox", "scripted")
    assert details.usage is not None
    assert (details.usage.input, details.usage.output, details.usage.estimated) == (2, 25, False)
    assert (details.cost.amount, details.cost.basis) == (None, CostBasis.UNPRICED)
    assert details.ttft_ms is not None and details.latency_ms is not None
    # 25 words at 20 ms each, the first at once.
    assert 0 < details.ttft_ms < details.latency_ms
    assert details.latency_ms >= 480


def test_what_viewers_are_told_at_the_end_is_what_is_stored(house: ChatHouse) -> None:
    turn = house.ask("[[words:25]] go")
    last = [event for batch in turn.follow() for event in batch][-1]
    stored = house.messages(turn)[1]
    assert isinstance(last, TurnEnded)
    assert (last.status, last.parts) == (stored.status, stored.parts)
    assert stored.details is not None
    assert last.details is not None
    assert (last.details.provider, last.details.model, last.details.usage, last.details.cost) == (
        stored.details.provider,
        stored.details.model,
        stored.details.usage,
        stored.details.cost,
    )
    assert last.details.ttft_ms == pytest.approx(stored.details.ttft_ms)


def test_a_running_answer_is_saved_at_most_a_second_behind(house: ChatHouse) -> None:
    turn = house.send("[[words:250]] go on")
    wait_for_words(turn, 5)
    with another_store(house) as elsewhere:
        for _ in range(3):
            seen = "".join(part.text for part in turn.parts() if isinstance(part, TextPart))
            time.sleep(1.0)
            assert not turn.ended, "too short to tell"
            stored = elsewhere.conversations.window("alice", turn.begun.conversation_id, limit=2)[1]
            assert stored.status is MessageStatus.STREAMING
            assert words(stored).startswith(seen)
    turn.stop()
    ended(turn)


def test_the_prompt_is_committed_before_anything_is_sent(house: ChatHouse) -> None:
    turn = house.send("[[fault:stall]] hello")
    rows = house.rows("SELECT author, status FROM messages ORDER BY seq")
    assert rows == [("user", "complete"), ("assistant", "streaming")]
    assert house.calls() == ["intent"]
    turn.stop()
    ended(turn)


def test_stop_keeps_the_text_and_books_the_call_once(house: ChatHouse) -> None:
    turn = house.send(SLOW)
    seen = wait_for_words(turn, 10)
    turn.stop()
    turn.stop()
    ended(turn)
    turn.stop()
    stored = house.messages(turn)[1]
    assert stored.status is MessageStatus.STOPPED
    assert words(stored).startswith(seen)
    assert stored.parts == turn.parts()
    assert len(words(stored).split()) < 150
    assert house.calls() == ["stopped"]
    assert house.rows("SELECT count(*) FROM outbox") == [(1,)]
    assert stored.details is not None and stored.details.usage is not None
    assert stored.details.usage.estimated, "a stopped stream never says what it used"


def test_stop_before_the_first_word_ends_the_turn_too(house: ChatHouse) -> None:
    turn = house.send("[[fault:stall]] hello")
    turn.stop()
    ended(turn)
    stored = house.messages(turn)[1]
    assert (stored.status, stored.parts) == (MessageStatus.STOPPED, ())
    assert house.calls() == ["stopped"]


@pytest.mark.parametrize(
    ("fault", "kind", "said", "kept", "calls"),
    [
        ("429", ErrorKind.RATE_LIMIT, "rate limit reached, as requested", False, 3),
        ("500", ErrorKind.PROVIDER, "internal error, as requested", False, 3),
        ("401", ErrorKind.AUTH, "incorrect API key, as requested", False, 1),
        ("cut", ErrorKind.STREAM_CUT, "Sandbox", True, 3),
        ("malformed", ErrorKind.BAD_RESPONSE, "Sandbox", True, 3),
    ],
)
def test_a_failure_is_part_of_the_answer_and_booked(
    house: ChatHouse, *, fault: str, kind: ErrorKind, said: str, kept: bool, calls: int
) -> None:
    turn = house.ask(f"[[fault:{fault}]][[pace:instant]][[words:20]] go")
    stored = house.messages(turn)[1]
    assert stored.status is MessageStatus.FAILED
    *before, error = stored.parts
    assert isinstance(error, ErrorPart)
    assert error.kind is kind
    assert said in error.message
    assert bool(before) is kept
    assert house.rows("SELECT status, error_kind FROM calls") == [("failed", kind.value)] * calls
    assert house.rows("SELECT count(*) FROM outbox") == [(calls,)]
    last = [event for batch in turn.follow() for event in batch][-1]
    assert isinstance(last, TurnEnded) and last.parts == stored.parts


def test_the_chat_goes_on_after_a_failure(house: ChatHouse) -> None:
    turn = house.ask("[[fault:500]] one")
    again = house.ask("[[pace:instant]] two", turn.begun.conversation_id)
    assert [message.status for message in house.messages(again)] == [
        MessageStatus.COMPLETE,
        MessageStatus.FAILED,
        MessageStatus.COMPLETE,
        MessageStatus.COMPLETE,
    ]


def test_a_conversation_takes_one_prompt_at_a_time(house: ChatHouse) -> None:
    turn = house.send(SLOW)
    with pytest.raises(TurnActive):
        house.send("me too", turn.begun.conversation_id)
    with pytest.raises(TurnActive):
        house.chat.retry(ALICE, turn.begun.conversation_id, house.choice())
    assert house.chat.live(ALICE, turn.begun.conversation_id) is turn, "the refused one must not take its place"
    turn.stop()
    ended(turn)
    assert len(house.messages(turn)) == 2
    assert house.calls() == ["stopped"], "a refused turn books no call"


def test_of_many_prompts_sent_at_once_exactly_one_is_answered(house: ChatHouse) -> None:
    conversation_id = house.ask("[[pace:instant]] first").begun.conversation_id
    ready = threading.Barrier(6)

    def send(number: int) -> bool:
        ready.wait(10)
        try:
            house.send(f"[[words:60]] number {number}", conversation_id)
        except TurnActive:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, range(6))) == [False] * 5 + [True]


def test_other_conversations_run_at_the_same_time(house: ChatHouse) -> None:
    turns = [house.send("[[words:40]] go") for _ in range(5)]
    assert len({turn.begun.conversation_id for turn in turns}) == 5
    assert all(house.chat.live(ALICE, turn.begun.conversation_id) is turn for turn in turns)
    for turn in turns:
        ended(turn)
        assert house.chat.live(ALICE, turn.begun.conversation_id) is None
    assert house.calls() == ["ok"] * 5


def test_a_turn_outlives_the_thread_that_began_it(house: ChatHouse) -> None:
    begun = []
    thread = threading.Thread(target=lambda: begun.append(house.send("[[words:40]] go")))
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert not begun[0].ended
    ended(begun[0])
    assert len(words(house.messages(begun[0])[1]).split()) == 40


def test_closing_keeps_running_answers_as_interrupted(house: ChatHouse) -> None:
    turn = house.send(SLOW)
    seen = wait_for_words(turn, 10)
    house.turns.close()
    assert turn.ended
    stored = house.messages(turn)[1]
    assert stored.status is MessageStatus.INTERRUPTED
    assert words(stored).startswith(seen)
    assert house.calls() == ["stopped"]
    assert house.rows("SELECT count(*) FROM turns WHERE state = 'running'") == [(0,)]


def test_deleting_a_conversation_stops_its_answer_and_keeps_the_books(house: ChatHouse) -> None:
    turn = house.send(SLOW)
    wait_for_words(turn, 5)
    house.chat.delete(ALICE, turn.begun.conversation_id)
    assert turn.ended
    with pytest.raises(NotFound):
        house.messages(turn)
    for table in ("conversations", "messages", "turns"):
        assert house.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert house.calls() == ["stopped"]
    ((payload,),) = house.rows("SELECT payload FROM outbox")
    assert "gears" not in json.dumps(payload), "the usage event tells what it cost, not what was said"


def test_a_conversation_deleted_behind_the_turn_s_back_still_books_it(house: ChatHouse) -> None:
    turn = house.send("[[words:40]] go")
    wait_for_words(turn, 5)
    house.store.conversations.delete("alice", turn.begun.conversation_id)
    ended(turn)
    assert house.calls() == ["ok"]


def test_turns_of_a_dead_process_are_taken_over_at_the_start(house: ChatHouse) -> None:
    dead = open_store(house.settings.store_url, owner=OwnerId(OwnerId.current().host, 2**22 - 1, "gone"), clock=now)
    intent = CallIntent("call-1", Actor("alice", frozenset()), "sandbox", "scripted", now(), "sandbox")
    begun = dead.turns.begin(BeginTurn("alice", None, "Left behind", (TextPart("hello?"),), intent)).result(10)
    dead.turns.checkpoint(begun.turn_id, (TextPart("I was about to"),)).result(10)
    dead.close()
    house.turns.watch_for_dead()
    stored = house.chat.window(ALICE, begun.conversation_id)[1]
    assert (stored.status, words(stored)) == (MessageStatus.INTERRUPTED, "I was about to")
    assert house.calls() == ["unknown"]
    assert house.booked == 1, "the warehouse is told"
    assert house.chat.live(ALICE, begun.conversation_id) is None


def test_a_running_turn_whose_lease_was_renewed_late_is_not_taken_for_dead(house: ChatHouse) -> None:
    turn = house.send("[[delay:1.5]] [[pace:instant]] [[say:here]] go on")
    with closing(sqlite3.connect(house.path, timeout=5)) as connection, connection:
        connection.execute("UPDATE turns SET lease_until = '2020-01-01 00:00:00.000000'")
    house.turns.watch_for_dead()
    assert not turn.ended
    answered = house.messages(ended(turn))[1]
    assert (words(answered), answered.status) == ("here", MessageStatus.COMPLETE)
    assert house.calls() == ["ok"]


def test_a_turn_that_the_store_refuses_leaves_nothing_behind(house: ChatHouse) -> None:
    house.store.close()
    with pytest.raises(GearboxError):
        house.send("[[pace:instant]] hello")
    assert house.calls() == []


def test_sources_are_told_stored_and_sent_to_no_model(house: ChatHouse) -> None:
    part = SourcesPart((Source("https://one.example/a", "First"), Source("https://two.example/")))
    prompt = "[[pace:instant]][[say:yes]][[sources:https://one.example/a First|https://two.example/|file:///etc No]]"
    turn = house.ask(prompt)
    assert turn.parts() == (TextPart("yes"), part)
    [*_, last] = [event for batch in turn.follow() for event in batch]
    assert isinstance(last, TurnEnded) and last.parts == (TextPart("yes"), part)
    assert house.messages(turn)[1].parts == (TextPart("yes"), part)
    again = house.ask("[[pace:instant]] and then?", turn.begun.conversation_id)
    assert "turn 2" in words(house.messages(again)[-1])
