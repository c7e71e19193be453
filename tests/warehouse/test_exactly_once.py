from __future__ import annotations

import os
import random
import resource
import signal
import time
import uuid
from datetime import UTC, timedelta
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import delete, func, insert, select

from data.analytics.by_day import days_of
from data.store import OwnerId, Store
from data.store.engine import make_engine
from data.store.outbox import post
from data.store.tables import outbox
from data.values.outbox import OutboxRow
from data.warehouse.drain import apply
from data.warehouse.file import open_warehouse
from tests.conftest import OpenTestStore
from tests.databases import open_store
from tests.warehouse.books import NOW, Clock, book, ids_of, some, stored_ids
from tests.warehouse.conftest import StartWriter
from tests.warehouse.forking import forking

DRAIN = "tests.warehouse.drain_until_killed"


class Drain:
    """A process that drains the outbox, forked from one that has imported everything."""

    def __init__(self, url: str, path: Path, *, batch_rows: int = 10_000, point: str = "") -> None:
        self._out = path.with_name(f"drain-{uuid.uuid4().hex}.txt")
        arguments = [url, str(path), str(batch_rows), point]
        self._process = forking().start(DRAIN, arguments, os.environ, out=self._out, err=self._out)

    def wait(self) -> int:
        """How it ended."""
        return self._process.wait(60)

    def wait_until(self, said: str) -> None:
        """Come back once it has printed this line."""
        deadline = time.monotonic() + 60
        while said not in (lines := self._out.read_text().splitlines() if self._out.exists() else []):
            assert self._process.poll() is None and time.monotonic() < deadline, lines
            time.sleep(0.005)

    def kill(self) -> None:
        self._process.kill()
        assert self._process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("point", "in_warehouse", "in_outbox"),
    [("before insert", 0, 30), ("before delete", 30, 30), ("after delete", 30, 0)],
)
def test_kill_between_the_commits(  # noqa: PLR0917 - fixtures
    store: Store,
    sqlite_url: str,
    warehouse_path: Path,
    start_writer: StartWriter,
    point: str,
    in_warehouse: int,
    in_outbox: int,
) -> None:
    calls = some(30)
    book(store, calls)
    assert Drain(sqlite_url, warehouse_path, point=point).wait() == -signal.SIGKILL
    assert len(stored_ids(warehouse_path)) == in_warehouse
    assert len(store.outbox.batch(100)) == in_outbox

    more = some(5, seed=2)
    book(store, more)
    writer = start_writer(store)
    assert writer.flush(30)
    writer.close()
    assert stored_ids(warehouse_path) == ids_of(calls + more)
    assert store.outbox.batch(100) == []


def test_kill_with_a_backlog_of_several_batches(
    store: Store, sqlite_url: str, warehouse_path: Path, start_writer: StartWriter
) -> None:
    calls = some(35)
    book(store, calls)
    for _ in range(3):  # each time the same first batch is met again, and new rows behind it
        child = Drain(sqlite_url, warehouse_path, batch_rows=10, point="before delete")
        assert child.wait() == -signal.SIGKILL
    assert len(stored_ids(warehouse_path)) == 10
    writer = start_writer(store, batch_rows=10)
    assert writer.flush(30)
    writer.close()
    assert stored_ids(warehouse_path) == ids_of(calls)


@pytest.mark.parametrize("rounds", [4, pytest.param(100, marks=pytest.mark.campaign)])
def test_kill_at_any_moment(store: Store, sqlite_url: str, warehouse_path: Path, rounds: int) -> None:
    rng = random.Random(20261123)
    calls = some(150 * rounds)
    book(store, calls)
    left, number = len(calls), 0
    while number < rounds or (left == len(calls) and number < rounds + 20):  # a busy machine drains nothing so soon
        child = Drain(sqlite_url, warehouse_path, batch_rows=5)
        if rng.random() < 0.9:  # else it may die before it has opened anything
            child.wait_until("begins")
        time.sleep(rng.uniform(0.0, 0.6 + 0.2 * max(0, number - rounds)))
        child.kill()
        left, number = len(store.outbox.batch(len(calls))), number + 1
    assert 0 < left < len(calls), "the kills came between the batches"
    last = Drain(sqlite_url, warehouse_path, batch_rows=100)
    last.wait_until("drained")
    last.kill()
    assert stored_ids(warehouse_path) == ids_of(calls)
    assert store.outbox.batch(1) == []
    assert summed(warehouse_path) == len(calls), "the sums of days lost and doubled nothing either"


def summed(path: Path) -> int:
    """Calls by the sums of days, as pages read them."""
    with duckdb.connect(str(path)) as con:
        days = days_of(con, NOW.date() - timedelta(days=2), NOW.date(), UTC)
        (calls,) = con.execute(f"SELECT sum(calls) FROM {days.usage}").fetchall()
    return int(calls[0])


def test_rows_that_commit_out_of_order_are_not_lost(
    postgresql_url: str, warehouse_path: Path, clock: Clock, start_writer: StartWriter
) -> None:
    store = open_store(postgresql_url, owner=OwnerId.current(), clock=clock)
    calls = some(2)
    book(store, calls)
    first, second = (row.payload for row in store.outbox.batch(2))
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(delete(outbox))
    writer = start_writer(store)
    with engine.connect() as slow, engine.connect() as fast:
        post(slow, "model_call", first, clock())
        post(fast, "model_call", second, clock())
        fast.commit()
        assert writer.flush(10)
        with writer.reader() as cursor:
            assert cursor.execute("SELECT event_id FROM model_calls").fetchall() == [(second["event_id"],)]
        slow.commit()  # the lower id becomes visible after the higher one is booked and gone
    assert writer.flush(10)
    engine.dispose()
    writer.close()
    store.close()
    assert stored_ids(warehouse_path) == ids_of(calls)


def test_both_databases(open_test_store: OpenTestStore, warehouse_path: Path, start_writer: StartWriter) -> None:
    store = open_test_store()
    calls = some(20)
    book(store, calls)
    writer = start_writer(store, batch_rows=7)
    assert writer.flush(10)
    assert store.outbox.lag() == (0, None)
    writer.close()
    assert stored_ids(warehouse_path) == ids_of(calls)


def test_a_batch_read_twice_is_booked_once(store: Store, warehouse_path: Path) -> None:
    book(store, some(10))
    rows = store.outbox.batch(100)
    con = open_warehouse(warehouse_path, NOW)
    assert apply(con, rows, complete=True, now=NOW).booked == 10
    again = apply(con, rows, complete=True, now=NOW)
    assert (again.booked, again.repeated) == (0, 10)
    assert con.execute("SELECT count(*) FROM drained").fetchall() == [(10,)]
    con.close()


def test_an_id_given_out_again_is_a_new_row(store: Store, warehouse_path: Path) -> None:
    # As after restoring an older copy of the state database.
    book(store, some(2))
    old, new = (row.payload for row in store.outbox.batch(2))
    con = open_warehouse(warehouse_path, NOW)
    apply(con, [OutboxRow.of(1, "model_call", old)], complete=True, now=NOW)
    assert apply(con, [OutboxRow.of(1, "model_call", new)], complete=True, now=NOW).booked == 1
    con.close()


def test_the_ledger_forgets_what_the_outbox_no_longer_has(store: Store, start_writer: StartWriter) -> None:
    writer = start_writer(store, batch_rows=10)
    book(store, some(25))
    assert writer.flush(10)
    book(store, some(3, seed=2))
    assert writer.flush(10)
    with writer.reader() as cursor:
        assert cursor.execute("SELECT count(*) FROM drained").fetchall() == [(3,)]


def test_a_failed_transaction_leaves_nothing(store: Store, warehouse_path: Path) -> None:
    book(store, some(3))
    con = open_warehouse(warehouse_path, NOW)
    con.execute("DROP TABLE drained")
    with pytest.raises(duckdb.Error):
        apply(con, store.outbox.batch(10), complete=True, now=NOW)
    assert con.execute("SELECT count(*) FROM model_calls").fetchall() == [(0,)]
    con.begin()  # not left inside a transaction
    con.rollback()
    con.close()


def test_a_commit_that_fails_is_told_and_the_next_one_goes_through(store: Store, warehouse_path: Path) -> None:
    book(store, some(3))
    rows = store.outbox.batch(10)
    con = open_warehouse(warehouse_path, NOW)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))  # DuckDB's log of changes gets no further, as on a full disk
    try:
        with pytest.raises(duckdb.Error, match="Could not write file"):
            apply(con, rows, complete=True, now=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert apply(con, rows, complete=True, now=NOW).booked == 3
    con.close()
    assert len(stored_ids(warehouse_path)) == 3


@pytest.mark.timeout(120)
def test_a_hundred_thousand_rows(
    store: Store, sqlite_url: str, warehouse_path: Path, start_writer: StartWriter, clock: Clock
) -> None:
    book(store, some(1))
    (template,) = (row.payload for row in store.outbox.batch(1))
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        rows = [
            {"kind": "model_call", "payload": {**template, "event_id": f"bulk-{n}"}, "created_at": clock()}
            for n in range(99_999)
        ]
        connection.execute(insert(outbox), rows)
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 100_000
    engine.dispose()
    writer = start_writer(store)
    assert writer.flush(90)
    with writer.reader() as cursor:
        counted = cursor.execute("SELECT count(*), count(DISTINCT event_id) FROM model_calls").fetchall()
    assert counted == [(100_000, 100_000)]
    assert store.outbox.lag() == (0, None)
