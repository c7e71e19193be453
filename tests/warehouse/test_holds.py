"""Rules of retention spare what is on hold, in every table, and in the files that are made of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.holds import Held, Hold, HoldScope
from data.values.retention import KINDS, OF_TEAMS, RetentionRule
from data.warehouse.erasing import apply_retention, outdated
from data.warehouse.expiring import expiring
from data.warehouse.exports import Exports
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import keep_zone
from tests.warehouse.books import Clock, book, some

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
PEOPLE, TEAMS = ("ann", "bob", "cy"), ("red", "blue", None)
TOLD = AuditEvent.by(Actor("admin", frozenset(Role)), Action.HOLD_PLACE, AuditOutcome.DONE)
VALUES: dict[str, Any] = {"VARCHAR": "x", "BOOLEAN": False, "BIGINT": 1, "DOUBLE": 1.0}

HELD = {
    "nobody": Held(),
    "a person": Held(user_ids=frozenset({"ann"})),
    "two people": Held(user_ids=frozenset({"ann", "bob"})),
    "a team": Held(user_ids=frozenset({"cy"}), team_ids=frozenset({"red"})),
    "everybody": Held(everybody=True),
}


def rule(kind: str, days: int, team_id: str | None = None) -> RetentionRule:
    return RetentionRule(kind, team_id, days, "admin", NOW)


def fill(con: Any, rng: random.Random, rows: int = 40) -> None:
    """Rows of every table, of people and teams in turn, up to twelve days old."""
    for kind in KINDS:
        columns = [(name, type_) for name, type_, *_ in con.execute(f"DESCRIBE {kind}").fetchall()]
        for number in range(rows):
            own = {
                "event_id": f"{kind}-{number}",
                "turn_id": f"turn-{number}",
                "ts": (NOW - timedelta(days=rng.random() * 12)).replace(tzinfo=None),
                "user_id": rng.choice(PEOPLE),
                "team_id": rng.choice(TEAMS),
            }
            values = [own[name] if name in own else VALUES.get(type_) for name, type_ in columns]
            con.execute(f"INSERT INTO {kind} VALUES ({', '.join('?' * len(values))})", values)


def everything(con: Any) -> dict[str, list[dict[str, Any]]]:
    return {kind: con.sql(f"SELECT * FROM {kind}").pl().to_dicts() for kind in KINDS}


def is_held(held: Held, kind: str, row: dict[str, Any]) -> bool:
    of_team = kind in OF_TEAMS and row["team_id"] in held.team_ids
    return held.everybody or row["user_id"] in held.user_ids or of_team


@pytest.mark.parametrize("whom", HELD)
def test_nothing_of_whom_is_held_is_removed_and_all_else_is(warehouse_path: Path, whom: str) -> None:
    held, rng = HELD[whom], random.Random(3)
    con = open_warehouse(warehouse_path, NOW)
    keep_zone(con, ZONE)
    fill(con, rng)
    rules = [rule(kind, 5) for kind in KINDS] + [rule(kind, 2, "red") for kind in sorted(OF_TEAMS)]
    before = everything(con)
    today = NOW.astimezone(ZONE).date()

    def is_young(kind: str, row: dict[str, Any]) -> bool:
        days = 2 if kind in OF_TEAMS and row["team_id"] == "red" else 5
        return bool(row["ts"].replace(tzinfo=UTC).astimezone(ZONE).date() >= today - timedelta(days=days))

    expected = {
        kind: {row["event_id"] for row in rows if is_young(kind, row) or is_held(held, kind, row)}
        for kind, rows in before.items()
    }
    told = sum(expiring(con, each, rules, held, now=NOW, zone=ZONE).rows for each in rules)
    removed = apply_retention(con, rules, NOW, ZONE, lambda: held)
    left = {kind: {row["event_id"] for row in rows} for kind, rows in everything(con).items()}
    assert left == expected
    assert told == removed == sum(map(len, before.values())) - sum(map(len, left.values()))
    assert (removed > 0) is (not held.everybody)
    if held != Held():
        assert apply_retention(con, rules, NOW, ZONE) > 0, "once it is released, what only waited for it goes"
    con.close()


def test_what_a_rule_would_remove_is_told_before(warehouse_path: Path) -> None:
    con = open_warehouse(warehouse_path, NOW)
    fill(con, random.Random(4))
    wanted, held = rule("model_calls", 5), HELD["a person"]
    rows = con.sql("SELECT ts, user_id FROM model_calls").pl()
    where, parameters = outdated(wanted, [wanted], Held(), NOW, UTC) or ("", [])
    old = con.execute(f"SELECT ts, user_id FROM model_calls WHERE {where}", parameters).fetchall()
    assert len(old) < rows.height
    found = expiring(con, wanted, [rule("model_calls", 1)], held, now=NOW, zone=UTC)
    free = [ts for ts, user_id in old if user_id != "ann"]
    assert (found.rows, found.held) == (len(free), len(old) - len(free)) and found.held > 0
    assert found.oldest == min(free).replace(tzinfo=UTC)
    nothing = expiring(con, rule("model_calls", 400), [], held, now=NOW, zone=UTC)
    assert (nothing.rows, nothing.oldest, nothing.held) == (0, None, 0)
    con.close()


def test_exported_files_of_old_days_keep_what_is_held(warehouse_path: Path, tmp_path: Path) -> None:
    con = open_warehouse(warehouse_path, NOW)
    keep_zone(con, UTC)
    fill(con, random.Random(5))
    exports = Exports(tmp_path / "exports", "key", UTC, lambda: NOW)

    def seal() -> None:
        with con.cursor() as cursor:
            cursor.begin()
            exports.seal(cursor)

    def people_of(before: date) -> set[str]:
        paths = [path for path in (exports.folder / "model_calls").glob("*.parquet") if path.stem < str(before)]
        return {person for path in paths for person in pl.read_parquet(path)["person"]}

    edge = NOW.date() - timedelta(days=5)
    seal()
    assert people_of(edge) == {exports.pseudonym(each) for each in PEOPLE}
    apply_retention(con, [rule("model_calls", 5)], NOW, UTC, lambda: HELD["a person"])
    seal()
    assert people_of(edge) == {exports.pseudonym("ann")}
    con.close()


def test_the_writer_asks_who_is_held(store: Store, start_writer: Callable[..., Any], clock: Clock) -> None:
    store.users.ensure("ann", "Ann")
    hold = Hold("h", HoldScope.PERSON, "ann", "Case 7", "They asked.", "admin", clock())
    store.holds.place(hold, TOLD)
    book(store, mine := some(10, user_id="ann"))
    book(store, some(10, seed=2, user_id="bob"))
    store.retention.set(RetentionRule("model_calls", None, 2, "admin", clock()), TOLD)
    writer = start_writer(store, rules=store.retention.all, held=store.holds.held)
    assert writer.flush(10)
    clock.forward(timedelta(days=9))

    def kept() -> dict[str, int]:
        assert writer.flush(10)
        with writer.reader() as cursor:
            return dict(cursor.execute("SELECT user_id, count(*) FROM model_calls GROUP BY user_id").fetchall())

    assert kept() == {"ann": len(mine)}
    store.holds.release("h", "admin", clock(), TOLD)
    assert kept() == {}, "the same day, as soon as it is released"
