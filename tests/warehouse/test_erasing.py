"""What is taken out of the warehouse is gone, sums follow, and a receipt stays."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.analytics.by_day import days_of
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.outbox import OutboxRow
from data.values.people import Identity, Person
from data.values.retention import Forgotten, RetentionRule
from data.warehouse.drain import apply
from data.warehouse.erasing import GONE_PREFIX, apply_retention, receipts, scope_of
from data.warehouse.file import open_warehouse
from data.warehouse.rebuild import rebuild
from data.warehouse.rollups import keep_zone, refresh
from tests.conftest import OpenTestStore
from tests.warehouse.books import NOW, Clock, book, some
from tests.warehouse.test_rollups import NOW as MOMENT
from tests.warehouse.test_rollups import assert_same, event

ADMIN = Actor("admin", frozenset(Role))
ZONE = ZoneInfo("Europe/Berlin")


def forgotten(store: Store, user_id: str, policy: Forgotten) -> None:
    store.forgetting.forget(
        user_id, NOW, AuditEvent.by(ADMIN, Action.PERSON_FORGET, AuditOutcome.DONE, target=user_id), policy
    )


@pytest.mark.parametrize("policy", Forgotten)
def test_a_forgotten_persons_rows(
    open_test_store: OpenTestStore, start_writer: Callable[..., Any], warehouse_path: Path, policy: Forgotten
) -> None:
    store = open_test_store()
    ann = "5e1f0c0ffee"
    store.users.add(Person(ann, "Ann", NOW), Identity("https://id.example", "ann"))
    book(store, mine := some(30, user_id=ann))
    book(store, others := some(20, seed=2, user_id="bob"))
    writer = start_writer(store)
    assert writer.flush(10)
    forgotten(store, ann, policy)
    book(store, late := some(5, seed=3, user_id=ann))  # a call that ends after its person is gone
    assert writer.flush(10)
    kept = 0 if policy is Forgotten.REMOVE else len(mine) + len(late)
    with writer.reader() as cursor:
        people = dict(cursor.execute("SELECT user_id, count(*) FROM model_calls GROUP BY user_id").fetchall())
        assert people.pop("bob") == len(others)
        assert sum(people.values()) == kept
        assert all(person.startswith(GONE_PREFIX) for person in people)
        found = receipts(cursor)
        assert {(each.reason, each.policy, each.scope) for each in found} == {
            ("forgotten", policy.value, scope_of(ann))
        }
        assert sum(each.counts.get("model_calls", 0) for each in found) == len(mine) + len(late)
        days = days_of(cursor, NOW.date() - timedelta(days=2), NOW.date(), writer.zone)
        assert cursor.execute(f"SELECT sum(calls) FROM {days.usage}").fetchone() == (kept + len(others),)
    writer.close()
    with store.books() as books:
        rebuild(warehouse_path, books.events(Forgotten.ANONYMISE), books.waiting, NOW)
    con = open_warehouse(warehouse_path, NOW)
    again = dict(con.execute("SELECT user_id, count(*) FROM model_calls GROUP BY user_id").fetchall())
    con.close()
    assert ann.encode() not in warehouse_path.read_bytes(), "nowhere in the new file"
    assert again.pop("bob") == len(others) and sum(again.values()) == kept, "what was removed does not come back"
    assert ann not in again


def rule(kind: str, days: int, team_id: str | None = None) -> RetentionRule:
    return RetentionRule(kind, team_id, days, "admin", MOMENT)


def test_rows_are_removed_by_kind_and_team_and_sums_follow(warehouse_path: Path) -> None:
    rng = random.Random(8)
    con = open_warehouse(warehouse_path, MOMENT)
    keep_zone(con, ZONE)
    rows = [OutboxRow.of(number + 1, "model_call", event(rng, number, days=12)) for number in range(600)]
    rows.append(
        OutboxRow.of(
            9_999,
            "sign_in",
            {"event_id": "s", "ts": "2020-01-01T00:00:00+00:00", "user_id": "ann", "team_id": None, "mode": "local"},
        )
    )
    apply(con, rows, complete=True, now=MOMENT, zone=ZONE)
    refresh(con, ZONE, MOMENT)
    before = con.sql("SELECT * FROM model_calls").pl()
    removed = apply_retention(con, [rule("model_calls", 8), rule("model_calls", 3, "red")], MOMENT, ZONE)
    today = MOMENT.astimezone(ZONE).date()

    def is_kept(row: dict[str, Any]) -> bool:
        day = row["ts"].replace(tzinfo=UTC).astimezone(ZONE).date()
        return bool(day >= today - timedelta(days=3 if row["team_id"] == "red" else 8))

    wanted = {row["event_id"] for row in before.iter_rows(named=True) if is_kept(row)}
    left = {id_ for (id_,) in con.execute("SELECT event_id FROM model_calls").fetchall()}
    assert left == wanted and 0 < len(left) < 600 and removed == 600 - len(left)
    assert con.execute("SELECT count(*) FROM sign_ins").fetchone() == (1,), "another kind"
    days = days_of(con, today - timedelta(days=13), today, ZONE)
    assert_same(con, days, rng, times=40)
    refresh(con, ZONE, MOMENT)
    assert_same(con, days_of(con, today - timedelta(days=13), today, ZONE), rng, times=40)
    told = {(each.policy, each.scope): each.counts["model_calls"] for each in receipts(con)}
    assert set(told) == {("8 days", "everybody"), ("3 days", "red")} and sum(told.values()) == removed
    assert apply_retention(con, [rule("model_calls", 8)], MOMENT, ZONE) == 0
    assert len(receipts(con)) == 2, "no receipt for nothing"
    con.close()


def test_the_writer_keeps_the_rules(store: Store, start_writer: Callable[..., Any], clock: Clock) -> None:
    writer = start_writer(store, rules=store.retention.all)
    book(store, calls := some(10))
    assert writer.flush(10)
    assert count(writer) == len(calls)
    changed = AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="retention:model_calls")
    store.retention.set(RetentionRule("model_calls", None, 2, "admin", clock()), changed)
    clock.forward(timedelta(days=2))
    assert writer.flush(10)
    assert count(writer) == len(calls), "of yesterday's yesterday"
    clock.forward(timedelta(days=1))
    assert writer.flush(10)
    assert count(writer) == 0
    store.retention.remove("model_calls", None, changed)
    assert store.retention.all() == []


def count(writer: Any) -> int:
    with writer.reader() as cursor:
        (found,) = cursor.execute("SELECT count(*) FROM model_calls").fetchone()
    return int(found)
