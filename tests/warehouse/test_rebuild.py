"""The warehouse written anew from the books: the same rows, each once, whatever was there before."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import delete

from core.cli.opened import OPERATOR
from data.store import Store
from data.store.outbox import post
from data.store.tables import calls
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import WarehouseBusy
from data.values.retention import Forgotten
from data.warehouse.drain import apply
from data.warehouse.exports import Exports
from data.warehouse.file import open_warehouse
from data.warehouse.rebuild import Rebuilt, rebuild
from data.warehouse.restoring import Exported
from tests.conftest import OpenTestStore
from tests.store.routing_writer import history, opened, set_up
from tests.warehouse.activity import do_everything
from tests.warehouse.books import NOW, Booked, book, some
from tests.warehouse.conftest import StartWriter
from tests.warehouse.test_routing import told

TABLES = (
    "model_calls", "routing_decisions", "routing_feedback", "tool_calls", "sign_ins", "unread_events", "erasures",
)  # fmt: skip


def everything(path: Path) -> dict[str, list[Any]]:
    """All rows by table, sorted; only while nobody has the file open."""
    with duckdb.connect(str(path), read_only=True) as con:
        return {table: sorted(con.sql(f"FROM {table}").fetchall(), key=repr) for table in TABLES}


def rebuilt(store: Store, path: Path, at: datetime = NOW) -> Rebuilt:
    with store.books() as books:
        return rebuild(path, books.events(), books.waiting, at)


def company(url: str, seed: int = 7) -> Store:
    """A store with calls, choices, what people showed, tools and sign-ins, all of them waiting for the warehouse."""
    store = opened(url)
    set_up(store, seed, 12)
    for event in history(seed, 12, 40):
        event(store)
    book(store, programs(60, seed))
    do_everything(store)
    return store


def programs(count: int, seed: int, user_id: str = "ann") -> list[Booked]:
    """Calls that belong to no turn; their ids are nobody else's."""
    told = some(count, seed, user_id=user_id)
    return [replace(call, intent=replace(call.intent, id=f"api-{user_id}-{call.intent.id}")) for call in told]


@pytest.mark.parametrize("of", ["company", "one turn"])
def test_it_is_what_the_writer_had_written(
    store_url: str, warehouse_path: Path, start_writer: StartWriter, tmp_path: Path, of: str
) -> None:
    store = company(store_url) if of == "company" else opened(store_url)
    try:
        if of == "one turn":  # a decision that another overruled, its propensity, and a thumb that was turned
            told(store)
            book(store, programs(5, 5))
        writer = start_writer(store)
        assert writer.flush(60)
        writer.close()
        before = everything(warehouse_path)
        assert all(before[table] for table in TABLES[: 5 if of == "company" else 3])
        done = rebuilt(store, warehouse_path)
    finally:
        store.close()
    assert everything(warehouse_path) == before
    assert done.rows == {table: len(before[table]) for table in TABLES[:5]}
    assert done.aside is not None and everything(done.aside) == before, "the old file is kept, and whole"
    assert not done.damage and not list(tmp_path.glob(".warehouse*"))


@pytest.mark.parametrize("drained", [0, 25, 60])
def test_what_waits_is_booked_once(
    store_url: str, warehouse_path: Path, start_writer: StartWriter, drained: int
) -> None:
    """Whether it waits from before the rebuild or came after it."""
    store = company(store_url)
    try:
        con = open_warehouse(warehouse_path, NOW)
        if rows := store.outbox.batch(drained):
            apply(con, rows, complete=False, now=NOW)
            store.outbox.delete([row.id for row in rows[: drained // 2]])  # killed between the commits
        con.close()
        rebuilt(store, warehouse_path)
        book(store, programs(9, 3))
        writer = start_writer(store)
        assert writer.flush(60) and not store.outbox.batch(1)
        writer.close()
        again = everything(warehouse_path)
        rebuilt(store, warehouse_path, NOW + timedelta(seconds=1))
    finally:
        store.close()
    assert everything(warehouse_path) == again
    assert len(again["model_calls"]) == len({row[0] for row in again["model_calls"]})


def test_what_is_booked_meanwhile_waits_and_is_booked_once(
    store_url: str, warehouse_path: Path, start_writer: StartWriter
) -> None:
    store = company(store_url)
    try:
        with store.books() as books:
            chunks = books.events()
            first = next(chunks)
            book(store, programs(5, 11))  # after the moment that the books are of
            rebuild(warehouse_path, (chunk for part in ([first], chunks) for chunk in part), books.waiting, NOW)
        writer = start_writer(store)
        assert writer.flush(60)
        writer.close()
        found = everything(warehouse_path)
        rebuilt(store, warehouse_path, NOW + timedelta(seconds=1))
    finally:
        store.close()
    assert everything(warehouse_path) == found


@pytest.mark.parametrize("damage", ["text", "cut", "gone", "flipped"])
def test_a_damaged_file_is_replaced_and_kept(
    open_test_store: OpenTestStore, warehouse_path: Path, start_writer: StartWriter, damage: str
) -> None:
    store = open_test_store()
    book(store, some(400))
    writer = start_writer(store)
    assert writer.flush(60)
    writer.close()
    before, good = everything(warehouse_path), warehouse_path.read_bytes()
    broken = {"text": b"not a database", "cut": good[:5000], "gone": b"", "flipped": bytes(8192) + good[8192:]}[damage]
    warehouse_path.write_bytes(broken)
    if damage == "gone":
        warehouse_path.unlink()
    done = rebuilt(store, warehouse_path)
    assert everything(warehouse_path) == before
    if damage == "gone":
        assert done.aside is None
    else:
        assert done.damage and done.aside is not None and done.aside.read_bytes() == broken


def test_events_of_kinds_that_nobody_knows_yet_are_kept(
    open_test_store: OpenTestStore, warehouse_path: Path, start_writer: StartWriter
) -> None:
    store = open_test_store()
    book(store, some(3))
    store._database.write(lambda connection: post(connection, "from_the_future", {"event_id": "f1"}, NOW))
    writer = start_writer(store)
    assert writer.flush(60)
    writer.close()
    store._database.write(lambda connection: post(connection, "from_the_future", {"event_id": "f2"}, NOW))
    done = rebuilt(store, warehouse_path)
    assert done.unread == 1
    writer = start_writer(store)
    assert writer.flush(60)
    writer.close()
    assert len(everything(warehouse_path)["unread_events"]) == 2


def test_it_is_refused_while_another_process_has_the_file(store: Store, sqlite_url: str, warehouse_path: Path) -> None:
    from tests.warehouse.test_exactly_once import Drain

    book(store, some(3))
    drain = Drain(sqlite_url, warehouse_path, point="")
    drain.wait_until("drained")
    try:
        with pytest.raises(WarehouseBusy, match="Another process"):
            rebuilt(store, warehouse_path)
    finally:
        drain.kill()
    assert not list(warehouse_path.parent.glob("*.before-*"))


@pytest.mark.parametrize("seed", range(3))
def test_money_is_the_same_to_the_last_digit(open_test_store: OpenTestStore, warehouse_path: Path, seed: int) -> None:
    store = open_test_store()
    calls = some(random.Random(seed).randrange(50, 200), seed)
    book(store, calls)
    rebuilt(store, warehouse_path)
    spent = sum(call.outcome.cost.amount or 0 for call in calls)
    with duckdb.connect(str(warehouse_path), read_only=True) as con:
        assert con.sql("SELECT sum(cost_amount) FROM model_calls").fetchall() == [(spent,)]
    assert store.calls.spent(NOW - timedelta(days=9)) == spent


def test_what_only_the_exports_have_comes_back(
    open_test_store: OpenTestStore, warehouse_path: Path, tmp_path: Path
) -> None:
    """Books that lost rows, of two people of whom one is known, and a file that can't be read: nothing is missing."""
    store = open_test_store()
    for user in ("ann", "bob", "gone"):
        store.users.ensure(user, user)
        book(store, programs(20, len(user), user_id=user))
    con = open_warehouse(warehouse_path, NOW)
    apply(con, store.outbox.batch(99), complete=True, now=NOW)
    store.outbox.delete([row.id for row in store.outbox.batch(99)])
    exports = Exports(tmp_path / "exports", "key", UTC, lambda: NOW + timedelta(days=2))
    exports.seal(con)
    con.close()
    before = everything(warehouse_path)
    lost = [row[0] for row in before["model_calls"]][::3]
    store._database.write(lambda connection: connection.execute(delete(calls).where(calls.c.id.in_(lost))))
    event = AuditEvent.by(OPERATOR, Action.PERSON_FORGET, AuditOutcome.DONE)
    store.forgetting.forget("gone", NOW, event)
    store.outbox.delete([row.id for row in store.outbox.batch(99)])
    warehouse_path.write_bytes(b"what was a warehouse")
    people = {exports.pseudonym(user): user for user in ("ann", "gone")}
    with store.books() as books:
        done = rebuild(
            warehouse_path, books.events(Forgotten.REMOVE), books.waiting, NOW, Exported(exports.folder, people)
        )
    assert done.restored.rows == {"model_calls": len(lost)} and done.restored.unread == ()
    after = everything(warehouse_path)
    stayed = [
        tuple(exports.pseudonym("bob") if value == "bob" and row[0] in lost else value for value in row)
        for row in before["model_calls"]
        if "gone" not in row
    ]
    assert after["model_calls"] == sorted(stayed, key=repr), "also those that came back of whom is forgotten are gone"


def test_an_exported_file_that_cant_be_read_is_told(store: Store, warehouse_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports" / "model_calls"
    folder.mkdir(parents=True)
    (folder / "2026-11-01.parquet").write_bytes(b"PAR1")
    with store.books() as books:
        done = rebuild(warehouse_path, books.events(), books.waiting, NOW, Exported(folder.parent, {}))
    assert done.restored.unread == ("model_calls/2026-11-01.parquet",) and not done.restored.rows
