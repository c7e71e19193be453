"""Sample data on its way through a real store into a real warehouse, and out of it again."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import polars as pl
import pytest

from core.access.access import Access
from core.quality import QualityService
from core.usage import UsageService
from data.analytics.period import Period
from data.analytics.usage_values import Question
from data.learning.routing.counting import COUNTING
from data.sample.days import SampleDay
from data.sample.events import events_of
from data.store import OwnerId, Store
from data.values.actor import Actor, Role, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import Conflict, NotFound
from data.values.sample import Seeding
from data.warehouse.drain import apply
from data.warehouse.file import open_warehouse
from data.warehouse.rebuild import rebuild
from data.warehouse.writer import Pace, WarehouseWriter
from tests.databases import open_store
from tests.sample.made import NOW, few
from tests.warehouse.books import Clock, book, ids_of, some, stored_ids
from tests.warehouse.test_exactly_once import Drain

TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, "operator")
TABLES = ("model_calls", "routing_decisions", "routing_feedback", "tool_calls", "sign_ins")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store that counts, as the app's does: on SQLite and on PostgreSQL."""
    opened = open_store(store_url, owner=OwnerId.current(), clock=Clock(), counting=COUNTING)
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[WarehouseWriter]:
    pace = Pace(poll=0.2, settle=0.02, first_retry=0.05, last_retry=0.2)
    started = WarehouseWriter(tmp_path / "warehouse.duckdb", store.outbox, Clock(), pace=pace, batch_rows=300)
    started.start()
    yield started
    started.close()


def seed(store: Store, days: Sequence[SampleDay], id_: str = "one") -> int:
    """All of it, in transactions of 100 events."""
    store.sample_data.begin(Seeding(id_, 5, len(days), 6, NOW), TOLD)
    events = [event for day in days for event in events_of(day)]
    for start in range(0, len(events), 100):
        store.sample_data.add(id_, events[start : start + 100])
    return len(events)


def kept(writer: WarehouseWriter, table: str) -> pl.DataFrame:
    """All rows that the warehouse has."""
    assert writer.flush(30)
    with writer.reader() as cursor:
        rows: pl.DataFrame = cursor.sql(f"SELECT * FROM {table} ORDER BY ts, event_id").pl()
    return rows


def test_the_warehouse_has_exactly_what_was_made(store: Store, writer: WarehouseWriter) -> None:
    days = few()
    events = seed(store, days)
    for table in TABLES:
        made = pl.concat([getattr(day, table) for day in days]).sort("ts", "event_id")
        assert made.height and kept(writer, table).equals(made), table
    assert sum(kept(writer, table).height for table in TABLES) == events
    assert writer.status().unread_rows == 0 and store.outbox.lag() == (0, None)
    seeding = store.sample_data.seeding()
    assert seeding is not None and seeding.events == events


def test_cleared_it_is_gone_and_what_people_did_is_not(store: Store, writer: WarehouseWriter) -> None:
    real = some(30)
    book(store, real)
    events = seed(store, few())
    assert kept(writer, "model_calls").height > len(real)
    removal = store.sample_data.clear(TOLD)
    assert (removal.events, removal.waiting) == (events, 0)
    assert kept(writer, "model_calls")["event_id"].sort().to_list() == ids_of(real)
    assert all(kept(writer, table).is_empty() for table in TABLES[1:])
    again = store.sample_data.clear(TOLD)
    assert (again.events, again.waiting) == (0, 0)
    assert kept(writer, "model_calls").height == len(real)


def test_what_was_not_counted_yet_never_is(store: Store, tmp_path: Path) -> None:
    real = some(5)
    book(store, real)
    events = seed(store, few())
    removal = store.sample_data.clear(TOLD)
    assert (removal.events, removal.waiting) == (events, events)
    assert [row.kind for row in store.outbox.batch(99)] == ["model_call"] * 5 + ["sample_cleared"]


def test_a_second_seeding_waits_for_the_first_to_be_cleared(store: Store, writer: WarehouseWriter) -> None:
    seed(store, few())
    with pytest.raises(Conflict, match=r"already: .* events of 4 days and 6 people"):
        seed(store, few(seed=6), "two")
    store.sample_data.clear(TOLD)
    later = few(seed=6)
    seed(store, later, "two")  # behind the word that clears, most likely in one batch with it
    made = pl.concat([day.model_calls for day in later]).sort("ts", "event_id")
    assert kept(writer, "model_calls").equals(made)


def test_a_seeding_that_is_cleared_meanwhile_ends(store: Store) -> None:
    events = list(events_of(few()[0]))
    store.sample_data.begin(Seeding("one", 5, 4, 6, NOW), TOLD)
    store.sample_data.add("one", events[:10])
    store.sample_data.clear(TOLD)
    with pytest.raises(NotFound, match="removed while"):
        store.sample_data.add("one", events[10:])
    assert [row.kind for row in store.outbox.batch(99)] == ["sample_cleared"]


def test_killed_after_any_commit_it_is_cleared_once(store: Store, tmp_path: Path) -> None:
    """Each batch is booked, and read again as if the process had died before the outbox was told."""
    first, second = few(), few(seed=6)
    seed(store, first)
    con = open_warehouse(tmp_path / "warehouse.duckdb", NOW)

    def drained(batch: int) -> None:
        while rows := store.outbox.batch(batch):
            complete = len(rows) < batch
            for _ in range(2):
                apply(con, rows, complete=complete, now=NOW)
            store.outbox.delete([row.id for row in rows])

    drained(70)
    store.sample_data.clear(TOLD)
    seed(store, second, "two")
    drained(70)
    made = sum(day.rows for day in second)
    counted = [con.execute(f"SELECT count(*), count(DISTINCT event_id) FROM {table}").fetchone() for table in TABLES]
    con.close()
    assert sum(all_ for all_, _ in counted if all_) == made  # type: ignore[misc]
    assert all(rows == different for rows, different in counted)  # type: ignore[misc]


def test_of_a_batch_that_was_read_before_the_word_nothing_stays(store: Store, tmp_path: Path) -> None:
    seed(store, few())
    con = open_warehouse(tmp_path / "warehouse.duckdb", NOW)
    read = store.outbox.batch(200)
    store.sample_data.clear(TOLD)  # takes them out of the outbox under the drain's hands
    apply(con, read, complete=False, now=NOW)
    store.outbox.delete([row.id for row in read])
    apply(con, store.outbox.batch(200), complete=True, now=NOW)
    assert [con.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES] == [(0,)] * len(TABLES)
    con.close()


def test_what_this_release_could_not_read_is_cleared_too(store: Store, tmp_path: Path) -> None:
    kind, payload = next(events_of(few()[0]))
    store.sample_data.begin(Seeding("one", 5, 4, 6, NOW), TOLD)
    store.sample_data.add("one", [(kind, {**payload, "input_tokens": "many"}), ("of_a_later_release", payload)])
    store.sample_data.add("one", [("of_a_later_release", {**payload, "user_id": "ann"})])
    con = open_warehouse(tmp_path / "warehouse.duckdb", NOW)
    for counted in (3, 1):
        rows = store.outbox.batch(99)
        apply(con, rows, complete=True, now=NOW)
        store.outbox.delete([row.id for row in rows])
        assert con.execute("SELECT count(*) FROM unread_events").fetchall() == [(counted,)]
        store.sample_data.clear(TOLD)
    con.close()


def test_nothing_but_the_warehouse_comes_to_know_of_it(store: Store, writer: WarehouseWriter) -> None:
    program = Actor("ann", frozenset(), Surface.API)
    book(store, [replace(call, intent=replace(call.intent, actor=program)) for call in some(20)])
    people, known = store.users.all(), store.routing.tallies()
    spent = store.calls.spent(NOW - timedelta(days=400))
    assert known.tallies and spent > 0
    days = few(days=10, people=12)
    seed(store, days)
    theirs = sorted({user for day in days for user in day.model_calls["user_id"]})
    for _ in range(2):  # waiting, and in the warehouse
        assert store.users.all() == people
        assert store.calls.spent(NOW - timedelta(days=400)) == spent
        assert all(store.calls.spent(NOW - timedelta(days=400), user_id=user) == 0 for user in theirs)
        assert store.routing.version() == known.version and store.routing.tallies().tallies == known.tallies
        assert store.routing.differences() == [] and store.routing.used(theirs, NOW - timedelta(days=400)) == []
        assert store.routing.without_propensity(99) == []
        assert writer.flush(30)
    store.routing.rebuild(TOLD)
    assert store.routing.tallies().tallies == known.tallies
    ids = [store.calls.find(event) for day in days for event in day.model_calls["event_id"][:3]]
    assert ids and not any(ids)


def test_members_never_see_it_and_analysts_are_told(store: Store, writer: WarehouseWriter) -> None:
    book(
        store,
        [call for person, number in (("bob", 5), ("cat", 1), ("dan", 1)) for call in some(number, user_id=person)],
    )
    clock, access = Clock(), Access(store)
    bob, analyst = Actor("bob", frozenset({Role.MEMBER})), Actor("eve", frozenset({Role.ANALYST}))
    usage, quality = UsageService(access, writer, clock), QualityService(access, writer, clock)

    def everyone() -> tuple[int, int]:
        totals = usage.page(analyst, Period.MONTH, Question()).facts.totals
        return (0, 0) if totals is None else (totals.samples, totals.calls)

    assert everyone()[0] == 0
    assert not quality.view(analyst, Period.MONTH, UTC).sampled
    days = few()
    seed(store, days)
    made = sum(day.model_calls.height for day in days)
    assert everyone() == (made, made + 7)
    mine = {actor: usage.mine(actor, Period.MONTH, UTC).totals.calls for actor in (bob, analyst)}
    assert mine == {bob: 5, analyst: 0}
    own = usage.page(bob, Period.MONTH, Question()).facts.totals
    assert own is not None and (own.samples, own.calls) == (0, 5)
    assert quality.view(analyst, Period.WEEK, UTC).sampled
    store.sample_data.clear(TOLD)
    assert everyone()[0] == 0
    assert not quality.view(analyst, Period.WEEK, UTC).sampled


def test_a_warehouse_that_is_written_anew_gets_what_waits_and_no_more(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    real = some(9)
    book(store, real)
    days = few()
    seed(store, days)
    con = open_warehouse(path, NOW)
    rows = store.outbox.batch(40)
    apply(con, rows, complete=False, now=NOW)
    store.outbox.delete([row.id for row in rows])
    con.close()
    with store.books() as books:
        assert rebuild(path, books.events(), books.waiting, NOW).rows["model_calls"] == len(real)
    con = open_warehouse(path, NOW)
    apply(con, store.outbox.batch(99_999), complete=True, now=NOW)
    found = [row[0] for row in con.execute("SELECT event_id FROM model_calls").fetchall()]
    told = {each for table in TABLES for day in days for each in getattr(day, table)["event_id"]}
    counted = sum(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES)
    con.close()
    assert sorted(each for each in found if each not in told) == ids_of(real)
    assert counted == len(real) + len(told) - (len(rows) - len(real)), "the old file's sample data is not in the books"


@pytest.mark.parametrize("point", ["before insert", "before delete", "after delete"])
def test_killed_with_nine_around_the_word_that_clears(sqlite_url: str, tmp_path: Path, point: str) -> None:
    path = tmp_path / "warehouse.duckdb"
    store = open_store(sqlite_url, owner=OwnerId.current(), clock=Clock())
    real, second = some(12), few(seed=6)

    def die(batch: int) -> None:
        assert Drain(sqlite_url, path, batch_rows=batch, point=point).wait() == -signal.SIGKILL

    book(store, real)
    seed(store, few())
    die(100)
    store.sample_data.clear(TOLD)
    die(100)
    seed(store, second, "two")
    die(60)
    last = Drain(sqlite_url, path, batch_rows=60)
    last.wait_until("drained")
    last.kill()
    assert store.outbox.batch(1) == []
    store.close()
    made = {each for day in second for each in day.model_calls["event_id"]}
    assert stored_ids(path) == sorted([*ids_of(real), *made])
