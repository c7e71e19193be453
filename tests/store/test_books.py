"""Calls outside turns, and the outbox."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from data.store import OwnerId, Store
from data.store.tables import calls, outbox
from data.values.calls import CallOutcome, CallStatus, TokenUsage
from tests.conftest import OpenTestStore
from tests.store.conftest import Clock, intent

DONE = CallOutcome(CallStatus.OK, 12.0, 3.0, TokenUsage(1, 2))


def post(engine: Engine, clock: Clock, *names: str) -> None:
    with engine.begin() as connection:
        for name in names:
            connection.execute(insert(outbox).values(kind="test", payload={"name": name}, created_at=clock()))


def test_an_intent_is_committed_before_anything_is_known(store: Store, clock: Clock, engine: Engine) -> None:
    call = intent(clock())
    store.calls.intend(call).result(10)
    with engine.connect() as connection:
        row = connection.execute(select(calls)).one()
    assert (row.id, row.status, row.started_at, row.latency_ms) == (call.id, "intent", clock(), None)
    assert store.outbox.batch(10) == []
    with pytest.raises(IntegrityError):
        store.calls.intend(call).result(10)


def test_only_the_first_conclusion_of_a_call_counts(store: Store, clock: Clock) -> None:
    call = intent(clock())
    store.calls.intend(call).result(10)
    store.calls.conclude(call.id, DONE).result(10)
    store.calls.conclude(call.id, CallOutcome(CallStatus.FAILED, 1.0)).result(10)
    store.calls.conclude("no-such-call", DONE).result(10)

    [row] = store.outbox.batch(10)
    assert (row.payload["event_id"], row.payload["status"], row.payload["turn_id"]) == (call.id, "ok", None)
    assert (row.payload["cost_amount"], row.payload["cost_basis"]) == (None, "unpriced")


def test_a_call_and_its_event_commit_together(store: Store, clock: Clock, engine: Engine) -> None:
    call = intent(clock())
    store.calls.intend(call).result(10)
    with engine.begin() as connection:
        outbox.drop(connection)
    with pytest.raises(Exception, match="outbox"):
        store.calls.conclude(call.id, DONE).result(10)
    with engine.connect() as connection:
        assert connection.execute(select(calls.c.status)).scalar_one() == "intent"


def test_the_outbox_is_read_in_order_and_cleared_by_id(store: Store, clock: Clock, engine: Engine) -> None:
    assert store.outbox.lag() == (0, None)
    began = clock()
    post(engine, clock, "a", "b")
    clock.forward(60)
    post(engine, clock, "c")
    assert store.outbox.lag() == (3, began)

    batch = store.outbox.batch(2)
    assert [(row.kind, row.payload) for row in batch] == [("test", {"name": "a"}), ("test", {"name": "b"})]
    assert batch[0].id < batch[1].id
    store.outbox.delete([row.id for row in batch])
    assert [row.payload["name"] for row in store.outbox.batch(10)] == ["c"]
    assert store.outbox.lag() == (1, clock())
    store.outbox.delete([])


def test_ids_are_not_used_again_after_the_outbox_was_emptied(store: Store, clock: Clock, engine: Engine) -> None:
    post(engine, clock, "a")
    [first] = store.outbox.batch(10)
    store.outbox.delete([first.id])
    post(engine, clock, "b")
    assert store.outbox.batch(10)[0].id > first.id


def test_thousands_of_rows_are_cleared_at_once(store: Store, clock: Clock, engine: Engine) -> None:
    rows = [{"kind": "test", "payload": {}, "created_at": clock()} for _ in range(2500)]
    with engine.begin() as connection:
        connection.execute(insert(outbox), rows)
    store.outbox.delete([row.id for row in store.outbox.batch(2499)])
    assert store.outbox.lag()[0] == 1


def test_events_of_two_replicas_become_visible_in_the_order_of_their_ids(
    open_test_store: OpenTestStore, clock: Clock
) -> None:
    replicas = [open_test_store(clock=clock, owner=OwnerId(f"host-{n}", 1, "t")) for n in range(2)]
    pending = [(replica, intent(clock())) for replica in replicas for _ in range(50)]
    for replica, call in pending:
        replica.calls.intend(call).result(10)
    futures = [replica.calls.conclude(call.id, DONE) for replica, call in pending]
    newest = 0
    seen: set[int] = set()
    while len(seen) < len(pending):
        for row in replicas[0].outbox.batch(1000):
            if row.id not in seen:
                assert row.id > newest, "a drainer that remembers the newest id would have missed this row"
                newest = row.id
                seen.add(row.id)
    for future in futures:
        future.result(10)
