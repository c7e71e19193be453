from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from data.store import OwnerId, Store, open_store
from data.values.calls import CallOutcome, CallStatus, TokenUsage
from data.values.messages import MessageStatus
from data.values.money import Cost, CostBasis
from data.values.parts import ReasoningPart, TextPart
from tests.conftest import OpenTestStore
from tests.store.conftest import ANN, Clock, begin, intent

REPOSITORY = Path(__file__).parents[2]
ELSEWHERE = OwnerId("elsewhere", 1, "replica")

# A process in the middle of an answer, and of a call outside a turn.
MIDDLE_OF_A_TURN = """
import sys, time
from datetime import UTC, datetime
from data.store import OwnerId, open_store
from data.store.turns import BeginTurn
from data.values.parts import TextPart
from tests.store.conftest import intent

store = open_store(sys.argv[1], owner=OwnerId.current())
call = intent(datetime.now(UTC))
begun = store.turns.begin(BeginTurn("user-ann", None, "T", (TextPart("12345678"),), call)).result(10)
store.turns.checkpoint(begun.turn_id, (TextPart("123456789"),)).result(10)
store.calls.intend(intent(datetime.now(UTC))).result(10)
print(begun.turn_id, begun.conversation_id, call.id, flush=True)
time.sleep(60)
"""


def test_a_killed_process_leaves_a_turn_that_the_next_one_ends(store_url: str, open_test_store: OpenTestStore) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MIDDLE_OF_A_TURN, store_url], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    turn_id, conversation_id, call_id = process.stdout.readline().split()
    store = open_test_store()
    assert store.turns.sweep() == []  # it is alive
    assert store.turns.running(conversation_id) == turn_id
    process.kill()
    process.communicate()

    assert store.turns.running(conversation_id) is None  # at once, not when the lease runs out
    assert store.turns.sweep() == [turn_id]
    [_, reply] = store.conversations.window(ANN, conversation_id, limit=10)
    assert (reply.status, reply.parts) == (MessageStatus.INTERRUPTED, (TextPart("123456789"),))
    assert reply.details is not None
    assert reply.details.usage == TokenUsage(2, 3, estimated=True)

    in_turn, outside = (row.payload for row in store.outbox.batch(10))
    assert (in_turn["event_id"], in_turn["turn_id"]) == (call_id, turn_id)
    assert in_turn["status"] == outside["status"] == "unknown"
    assert (in_turn["input_tokens"], in_turn["output_tokens"], in_turn["tokens_estimated"]) == (2, 3, True)
    assert (outside["turn_id"], outside["input_tokens"]) == (None, None)
    assert store.turns.sweep() == []
    assert store.outbox.lag()[0] == 2


def test_a_turn_elsewhere_lives_as_long_as_its_lease_is_renewed(open_test_store: OpenTestStore, clock: Clock) -> None:
    other, store = open_test_store(clock=clock, owner=ELSEWHERE), open_test_store(clock=clock)
    begun, call = begin(other, clock)
    for _ in range(3):
        clock.forward(9)
        assert store.turns.sweep() == []
        other.turns.checkpoint(begun.turn_id, (ReasoningPart("hm"), TextPart("So"))).result(10)
    clock.forward(10)
    assert store.turns.sweep() == [begun.turn_id]

    # The replica was only frozen: what it says now comes too late, and is not booked twice.
    other.turns.checkpoint(begun.turn_id, (TextPart("So, as I said"),)).result(10)
    outcome = CallOutcome(CallStatus.OK, 5.0)
    other.turns.finish(begun.turn_id, status=MessageStatus.COMPLETE, parts=(), call_id=call.id, outcome=outcome).result(
        10
    )
    [_, reply] = store.conversations.window(ANN, begun.conversation_id, limit=10)
    assert (reply.status, reply.parts) == (MessageStatus.INTERRUPTED, (ReasoningPart("hm"), TextPart("So")))
    [row] = store.outbox.batch(10)
    assert (row.payload["status"], row.payload["latency_ms"]) == ("unknown", 27_000.0)


def test_two_processes_that_sweep_at_once_book_each_turn_once(open_test_store: OpenTestStore, clock: Clock) -> None:
    other = open_test_store(clock=clock, owner=ELSEWHERE)
    dead = sorted(begin(other, clock)[0].turn_id for _ in range(20))
    clock.forward(11)
    sweepers = [open_test_store(clock=clock, owner=OwnerId(f"host-{n}", 1, "t")) for n in range(4)]
    with ThreadPoolExecutor(len(sweepers)) as pool:
        swept = list(pool.map(lambda sweeper: sweeper.turns.sweep(), sweepers))

    assert sorted(turn for turns in swept for turn in turns) == dead
    assert other.outbox.lag()[0] == 20


def test_answers_that_were_superseded_do_not_count_as_sent(open_test_store: OpenTestStore, clock: Clock) -> None:
    other, store = open_test_store(clock=clock, owner=ELSEWHERE), open_test_store(clock=clock)
    first, call = begin(other, clock, "1234")
    other.turns.finish(
        first.turn_id,
        status=MessageStatus.COMPLETE,
        parts=(TextPart("x" * 400),),
        call_id=call.id,
        outcome=CallOutcome(CallStatus.OK, 1.0),
    ).result(10)
    begin(other, clock, None, first.conversation_id)
    clock.forward(11)
    store.turns.sweep()
    assert store.outbox.batch(10)[-1].payload["input_tokens"] == 1


def test_a_call_outside_a_turn_is_given_an_hour_elsewhere_and_for_ever_here(
    open_test_store: OpenTestStore, clock: Clock
) -> None:
    other, store = open_test_store(clock=clock, owner=ELSEWHERE), open_test_store(clock=clock)
    lost, mine = intent(clock()), intent(clock())
    other.calls.intend(lost).result(10)
    store.calls.intend(mine).result(10)
    clock.forward(3599)
    store.turns.sweep()
    assert store.outbox.batch(10) == []
    clock.forward(1)
    store.turns.sweep()
    assert [row.payload["event_id"] for row in store.outbox.batch(10)] == [lost.id]


def test_a_call_whose_conversation_was_deleted_is_still_booked(open_test_store: OpenTestStore, clock: Clock) -> None:
    gone = OwnerId(OwnerId.current().host, OwnerId.current().pid, "an earlier process")
    dead, store = open_test_store(clock=clock, owner=gone), open_test_store(clock=clock)
    begun, call = begin(dead, clock)
    dead.conversations.delete(ANN, begun.conversation_id)
    assert store.turns.sweep() == []
    assert [row.payload["event_id"] for row in store.outbox.batch(10)] == [call.id]


def test_sweeping_nothing_writes_nothing(store: Store, clock: Clock) -> None:
    begin(store, clock)
    assert store.turns.sweep() == []
    assert store.outbox.lag() == (0, None)


def test_a_lost_call_is_priced_by_its_estimated_usage(store_url: str, clock: Clock) -> None:
    def a_cent_a_token(provider: str, model: str, usage: TokenUsage) -> Cost:
        assert (provider, model) == (call.provider, call.model)
        return Cost(Decimal(usage.input + usage.output) / 100, CostBasis.ESTIMATED, price_version="test")

    gone = open_store(store_url, owner=ELSEWHERE, clock=clock)
    begun, call = begin(gone, clock)
    gone.turns.checkpoint(begun.turn_id, (TextPart("12345678"),)).result(10)
    gone.close()
    clock.forward(60)
    store = open_store(store_url, owner=OwnerId.current(), clock=clock, cost_of_lost=a_cent_a_token)
    assert store.turns.sweep() == [begun.turn_id]
    [row] = store.outbox.batch(10)
    tokens = row.payload["input_tokens"] + row.payload["output_tokens"]
    assert Decimal(row.payload["cost_amount"]) == Decimal(tokens) / 100
    assert row.payload["cost_basis"] == "estimated"
    store.close()
