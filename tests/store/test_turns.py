from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from data.store import OwnerId, Store
from data.store.tables import calls, messages, outbox, turns
from data.store.turns import BeginTurn
from data.values.calls import CallOutcome, CallStatus, ErrorKind, TokenUsage
from data.values.errors import NotFound, StoreError, TurnActive
from data.values.messages import Author, MessageStatus, ReplyDetails
from data.values.money import UNPRICED, Cost, CostBasis
from data.values.parts import ErrorPart, NoticePart, ReasoningPart, TextPart, UnknownPart
from tests.conftest import OpenTestStore
from tests.store.conftest import ANN, BOB, Clock, begin, intent

ELSEWHERE = OwnerId("elsewhere", 1, "replica")
PRICE = Cost(Decimal("0.000000000123456789012345678"), CostBasis.PRICED, "USD", "2026-11-01")
DONE = CallOutcome(CallStatus.OK, 1234.5, 67.25, TokenUsage(11, 22, 3, 4), PRICE)


def finish(store: Store, clock: Clock, prompt: str | None = "Why?", conversation_id: str | None = None) -> str:
    """A whole turn; returns its conversation's id."""
    begun, call = begin(store, clock, prompt, conversation_id)
    reply = (TextPart(f"answer {begun.reply.seq}"),)
    finished = store.turns.finish(
        begun.turn_id, status=MessageStatus.COMPLETE, parts=reply, call_id=call.id, outcome=DONE
    )
    finished.result(10)
    return begun.conversation_id


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_turn_from_beginning_to_end(store: Store, clock: Clock) -> None:
    begun, call = begin(store, clock)
    prompt, reply = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (prompt, reply) == (begun.user_message, begun.reply)
    assert (prompt.seq, prompt.author, prompt.status) == (1, Author.USER, MessageStatus.COMPLETE)
    assert prompt.parts == (TextPart("Why is the sky blue?"),)
    assert (reply.seq, reply.author, reply.status) == (2, Author.ASSISTANT, MessageStatus.STREAMING)
    assert reply.details == ReplyDetails("sandbox", "echo", None, UNPRICED, None, None)
    assert prompt.turn_id == reply.turn_id == begun.turn_id
    assert store.conversations.get(ANN, begun.conversation_id).title == "The sky"
    assert store.turns.running(begun.conversation_id) == begun.turn_id
    assert store.outbox.lag() == (0, None)

    clock.forward(2)
    store.turns.checkpoint(begun.turn_id, (TextPart("Because"),)).result(10)
    [_, partial] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (partial.parts, partial.status) == ((TextPart("Because"),), MessageStatus.STREAMING)

    clock.forward(3)
    parts = (ReasoningPart("light\x00 scatters \ud800"), TextPart("Because."), UnknownPart({"type": "video", "n": 1}))
    store.turns.finish(begun.turn_id, status=MessageStatus.COMPLETE, parts=parts, call_id=call.id, outcome=DONE).result(
        10
    )
    [_, reply] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (reply.parts, reply.status) == (parts, MessageStatus.COMPLETE)
    assert reply.details == ReplyDetails("sandbox", "echo", TokenUsage(11, 22, 3, 4), PRICE, 67.25, 1234.5)
    assert store.turns.running(begun.conversation_id) is None
    card = store.conversations.get(ANN, begun.conversation_id)
    assert (card.updated_at, card.updated_at - card.created_at) == (clock(), timedelta(seconds=5))


def test_the_usage_event_has_everything_but_the_words(store: Store, clock: Clock) -> None:
    begun, call = begin(store, clock, "a very private question")
    store.turns.finish(
        begun.turn_id,
        status=MessageStatus.STOPPED,
        parts=(TextPart("a very private answer"), ErrorPart(ErrorKind.TIMEOUT, "too slow")),
        call_id=call.id,
        outcome=CallOutcome(CallStatus.STOPPED, 50.0, None, None, PRICE, ErrorKind.TIMEOUT),
    ).result(10)

    [row] = store.outbox.batch(10)
    assert row.kind == "model_call"
    assert row.payload == {
        "event_id": call.id,
        "ts": "2026-11-23T12:00:00+00:00",
        "user_id": ANN,
        "surface": "chat",
        "conversation_id": begun.conversation_id,
        "turn_id": begun.turn_id,
        "endpoint_id": "endpoint-sandbox",
        "provider": "sandbox",
        "model": "echo",
        "modality": "text",
        "task": "chat",
        "chosen_by": "default",
        "key_owner": "none",
        "status": "stopped",
        "error_kind": "timeout",
        "ttft_ms": None,
        "latency_ms": 50.0,
        "input_tokens": None,
        "output_tokens": None,
        "cached_tokens": None,
        "reasoning_tokens": None,
        "tokens_estimated": None,
        "cost_amount": str(PRICE.amount),
        "cost_currency": "USD",
        "cost_basis": "priced",
        "price_version": "2026-11-01",
        "stopped": True,
        "cache": None,
        "quantity": None,
        "saved_amount": None,
        "team_id": None,
        "unit": None,
    }
    assert "private" not in json.dumps(row.payload)


def test_only_the_first_end_of_a_turn_counts(store: Store, clock: Clock) -> None:
    begun, call = begin(store, clock)
    for status, text in ((MessageStatus.COMPLETE, "first"), (MessageStatus.FAILED, "second")):
        store.turns.finish(begun.turn_id, status=status, parts=(TextPart(text),), call_id=call.id, outcome=DONE).result(
            10
        )
    store.turns.checkpoint(begun.turn_id, (TextPart("late"),)).result(10)

    [_, reply] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (reply.parts, reply.status) == ((TextPart("first"),), MessageStatus.COMPLETE)
    assert len(store.outbox.batch(10)) == 1


def test_the_end_of_a_turn_is_all_or_nothing(store: Store, clock: Clock, engine: Engine) -> None:
    begun, call = begin(store, clock)
    with engine.begin() as connection:
        outbox.drop(connection)
    with pytest.raises(Exception, match="outbox"):
        store.turns.finish(
            begun.turn_id, status=MessageStatus.COMPLETE, parts=(TextPart("x"),), call_id=call.id, outcome=DONE
        ).result(10)

    [_, reply] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (reply.parts, reply.status) == ((), MessageStatus.STREAMING)
    assert store.turns.running(begun.conversation_id) == begun.turn_id
    with engine.connect() as connection:
        assert connection.execute(select(calls.c.status)).scalars().all() == ["intent"]


def test_a_second_turn_waits_for_the_first(store: Store, clock: Clock, engine: Engine) -> None:
    begun, _ = begin(store, clock)
    with pytest.raises(TurnActive) as caught:
        begin(store, clock, "And the sea?", begun.conversation_id)
    assert caught.value.remedy
    assert len(store.conversations.window(ANN, begun.conversation_id, limit=10)) == 2
    assert count(engine, calls) == 1

    another, _ = begin(store, clock, "Elsewhere")
    assert another.conversation_id != begun.conversation_id


def test_of_two_replicas_only_one_begins_a_turn(open_test_store: OpenTestStore, clock: Clock) -> None:
    replicas = [open_test_store(clock=clock), open_test_store(clock=clock, owner=ELSEWHERE)]
    conversation = finish(replicas[0], clock)
    for _ in range(5):
        prompt = (TextPart("Go"),)
        futures = [
            replica.turns.begin(BeginTurn(ANN, conversation, "", prompt, intent(clock()))) for replica in replicas * 3
        ]
        errors = [future.exception(30) for future in futures]
        assert sorted(type(error).__name__ for error in errors) == ["NoneType"] + ["TurnActive"] * 5
        clock.forward(11)  # the winner's lease runs out


def test_the_next_prompt_takes_over_a_dead_turn(open_test_store: OpenTestStore, clock: Clock) -> None:
    other, store = open_test_store(clock=clock, owner=ELSEWHERE), open_test_store(clock=clock)
    dead, _ = begin(other, clock)
    other.turns.checkpoint(dead.turn_id, (TextPart("Part"),)).result(10)
    with pytest.raises(TurnActive):
        begin(store, clock, "Hello?", dead.conversation_id)

    clock.forward(10)
    begin(store, clock, "Hello?", dead.conversation_id)
    window = store.conversations.window(ANN, dead.conversation_id, limit=10)
    assert [message.seq for message in window] == [1, 2, 3, 4]
    assert (window[1].status, window[1].parts) == (MessageStatus.INTERRUPTED, (TextPart("Part"),))
    assert len(store.outbox.batch(10)) == 1


def test_a_retry_takes_the_place_of_the_answer_before(store: Store, clock: Clock, engine: Engine) -> None:
    conversation = finish(store, clock)
    again, _ = begin(store, clock, None, conversation)
    assert again.user_message.seq == 1
    assert again.user_message.parts == (TextPart("Why?"),)
    assert again.reply.seq == 3
    assert [message.seq for message in store.conversations.window(ANN, conversation, limit=10)] == [1, 3]

    with engine.connect() as connection:
        rows = connection.execute(select(messages.c.seq, messages.c.superseded_by).order_by(messages.c.seq)).all()
    assert [tuple(row) for row in rows] == [(1, None), (2, again.reply.id), (3, None)]


def test_each_answer_points_at_the_one_that_took_its_place(store: Store, clock: Clock, engine: Engine) -> None:
    conversation = finish(store, clock, "one")
    for prompt in ("two", None, None):
        finish(store, clock, prompt, conversation)
    window = store.conversations.window(ANN, conversation, limit=10)
    assert [message.seq for message in window] == [1, 2, 3, 6]

    with engine.connect() as connection:
        rows = connection.execute(select(messages.c.id, messages.c.superseded_by).order_by(messages.c.seq)).all()
    ids = [row.id for row in rows]
    assert [row.superseded_by for row in rows] == [None, None, None, ids[4], ids[5], None]


def test_there_must_be_something_to_answer_again(store: Store, clock: Clock, engine: Engine) -> None:
    with pytest.raises(StoreError, match="no message"):
        begin(store, clock, None)
    assert store.conversations.recent(ANN) == []
    assert count(engine, calls) == 0


def test_another_persons_conversation_looks_missing(store: Store, clock: Clock, engine: Engine) -> None:
    conversation = finish(store, clock)
    for prompt in ("Mine now", None):
        with pytest.raises(NotFound) as foreign:
            begin(store, clock, prompt, conversation, user_id=BOB)
        with pytest.raises(NotFound) as missing:
            begin(store, clock, prompt, "no-such-id", user_id=BOB)
        assert foreign.value.explain() == missing.value.explain()
    assert count(engine, messages) == 2


def test_a_conversation_without_a_name_takes_the_next_title(store: Store, clock: Clock) -> None:
    call = intent(clock())
    wanted = BeginTurn(ANN, None, "", (TextPart("Hi"),), call)
    begun = store.turns.begin(wanted).result(10)
    store.turns.finish(begun.turn_id, status=MessageStatus.COMPLETE, parts=(), call_id=call.id, outcome=DONE).result(10)
    assert store.conversations.get(ANN, begun.conversation_id).title == ""
    finish(store, clock, "Hi", begun.conversation_id)
    assert store.conversations.get(ANN, begun.conversation_id).title == "The sky"
    store.conversations.rename(ANN, begun.conversation_id, "My own")
    finish(store, clock, "Hi", begun.conversation_id)
    assert store.conversations.get(ANN, begun.conversation_id).title == "My own"


def test_deleting_a_conversation_keeps_the_books(store: Store, clock: Clock, engine: Engine) -> None:
    begun, call = begin(store, clock)
    store.conversations.delete(ANN, begun.conversation_id)
    assert (count(engine, messages), count(engine, turns), count(engine, calls)) == (0, 0, 1)
    store.turns.checkpoint(begun.turn_id, (TextPart("x"),)).result(10)
    store.turns.finish(begun.turn_id, status=MessageStatus.COMPLETE, parts=(), call_id=call.id, outcome=DONE).result(10)

    [row] = store.outbox.batch(10)
    assert (row.payload["event_id"], row.payload["conversation_id"]) == (call.id, begun.conversation_id)


def test_the_database_itself_allows_one_running_turn_per_conversation(
    store: Store, clock: Clock, engine: Engine
) -> None:
    conversation = finish(store, clock)
    begin(store, clock, "Next", conversation)
    with pytest.raises(Exception, match=r"(?i)unique"), engine.begin() as connection:
        connection.execute(update(turns).values(state="running"))


def test_a_turn_may_call_again_and_keep_what_was_cut_aside(store: Store, engine: Engine, clock: Clock) -> None:
    begun, first = begin(store, clock)
    cut = CallOutcome(CallStatus.FAILED, 50.0, 5.0, TokenUsage(1, 2), UNPRICED, ErrorKind.STREAM_CUT)
    store.calls.conclude(first.id, cut, first.actor).result(10)
    second = replace(intent(clock()), turn_id=begun.turn_id, conversation_id=begun.conversation_id)
    store.turns.call_again(begun.turn_id, second, writes=False).result(10)
    [_, running] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert running.details is not None and running.details.latency_ms == 50.0, "the reply is the first call's still"
    aside = (TextPart("Becau"),)
    store.turns.set_aside(begun.turn_id, aside, of_call=first.id, by_call=second.id).result(10)
    parts = (NoticePart("This answer was begun anew."), TextPart("Because."))
    store.turns.finish(
        begun.turn_id, status=MessageStatus.COMPLETE, parts=parts, call_id=second.id, outcome=DONE
    ).result(10)
    [_, reply] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (reply.parts, reply.status) == (parts, MessageStatus.COMPLETE)
    assert reply.details is not None and reply.details.latency_ms == DONE.latency_ms
    assert reply.cut is not None and reply.cut.parts == aside
    assert reply.cut.details is not None and reply.cut.details.latency_ms == 50.0
    again, call = begin(store, clock, None, begun.conversation_id)
    store.turns.finish(again.turn_id, status=MessageStatus.COMPLETE, parts=parts, call_id=call.id, outcome=DONE).result(
        10
    )
    [_, answered] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (answered.id, answered.cut) == (again.reply.id, None), "an answer asked for again was not cut off"
    with engine.connect() as connection:
        kept = connection.execute(select(messages).where(messages.c.superseded_by == begun.reply.id)).one()
        assert (kept.call_id, kept.status, kept.seq) == (first.id, "failed", reply.seq + 1)
        assert kept.parts["parts"] == [{"type": "text", "text": "Becau"}]
        assert {row.status for row in connection.execute(select(calls))} == {"failed", "ok"}
    assert count(engine, outbox) == 3
    assert finish(store, clock, "And now?", begun.conversation_id) == begun.conversation_id


def test_an_ended_turn_calls_nobody_again(store: Store, engine: Engine, clock: Clock) -> None:
    begun, call = begin(store, clock)
    store.turns.finish(begun.turn_id, status=MessageStatus.STOPPED, parts=(), call_id=call.id, outcome=DONE).result(10)
    with pytest.raises(StoreError, match="ended elsewhere"):
        store.turns.call_again(begun.turn_id, intent(clock()), writes=True).result(10)
    assert count(engine, calls) == 1


def test_the_further_call_of_a_dead_process_is_booked_as_unknown(
    store: Store, engine: Engine, clock: Clock, open_test_store: OpenTestStore
) -> None:
    dead = open_test_store(owner=ELSEWHERE, clock=clock)
    begun, first = begin(dead, clock)
    failed = CallOutcome(CallStatus.FAILED, 50.0, error_kind=ErrorKind.PROVIDER)
    dead.calls.conclude(first.id, failed, first.actor).result(10)
    dead.turns.call_again(begun.turn_id, intent(clock()), writes=True).result(10)
    clock.forward(60)
    assert store.turns.sweep() == [begun.turn_id]
    with engine.connect() as connection:
        assert sorted(row.status for row in connection.execute(select(calls))) == ["failed", "unknown"]
    assert count(engine, outbox) == 2
