"""Tool calls, sign-ins and the team of each: from the books to the warehouse, each exactly once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.store import OwnerId, Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.people import Team
from data.warehouse.drain import apply
from data.warehouse.file import open_warehouse
from tests.conftest import OpenTestStore
from tests.store.test_secrets import sealed
from tests.warehouse.activity import call, do_everything, session, used
from tests.warehouse.books import NOW, Clock, book
from tests.warehouse.conftest import StartWriter

TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, "admin")


@pytest.fixture
def teams(open_test_store: OpenTestStore, clock: Clock) -> Store:
    """Ann joined b first, then a; Bob is in a; Cy is in none. Team a pays with the secret `secret`."""
    store = open_test_store(clock=clock)
    for team in "abc":
        store.teams.add(Team(team, f"Team {team}", NOW), TOLD)
    for person in ("ann", "bob", "cy"):
        store.users.ensure(person, person)
    for team, person, day in (("b", "ann", 1), ("a", "ann", 2), ("a", "bob", 1)):
        store.teams.join(team, person, NOW + timedelta(days=day), TOLD)
    theirs = sealed("secret")
    binding = replace(theirs.binding, owner_kind=KeyOwner.TEAM, owner_id="a")
    store.secrets.add(replace(theirs, binding=binding), TOLD)
    return store


def rows(path: Path, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """In any order; only while nobody has the file open."""
    with duckdb.connect(str(path), read_only=True) as con:
        return sorted(con.sql(f"SELECT {columns} FROM {table}").fetchall(), key=repr)


def drained(store: Store, path: Path, start_writer: StartWriter) -> None:
    writer = start_writer(store)
    assert writer.flush(30) and writer.status().unread_rows == 0
    writer.close()


def test_a_call_is_the_paying_teams_else_of_the_team_joined_first(
    teams: Store, warehouse_path: Path, start_writer: StartWriter
) -> None:
    do_everything(teams)
    drained(teams, warehouse_path, start_writer)
    assert rows(warehouse_path, "model_calls", "user_id, key_owner = 'team', team_id") == [
        ("ann", False, "b"),
        ("ann", True, "a"),
        ("bob", False, "a"),
        ("cy", False, None),
        ("cy", True, "a"),
    ]
    assert set(rows(warehouse_path, "tool_calls", "user_id, team_id")) == {("ann", "b"), ("cy", None)}
    assert rows(warehouse_path, "sign_ins", "user_id, team_id, mode") == [("ann", "b", "oidc"), ("cy", None, "oidc")]


def test_it_stays_the_teams_when_people_leave_or_the_team_is_no_more(
    teams: Store, warehouse_path: Path, start_writer: StartWriter
) -> None:
    begun = call("ann")
    teams.calls.intend(begun.intent).result(30)
    do_everything(teams)
    teams.teams.leave("b", "ann", TOLD)
    teams.teams.remove("b", TOLD)
    teams.teams.join("c", "ann", NOW - timedelta(days=9), TOLD)
    teams.calls.conclude(begun.intent.id, begun.outcome).result(30)  # it was begun while she was there
    later = call("ann")
    book(teams, [later])
    teams.activity.tool_ended(used("ann", 9)).result(30)
    drained(teams, warehouse_path, start_writer)
    found = dict(rows(warehouse_path, "model_calls", "event_id, team_id"))
    assert (found[begun.intent.id], found[later.intent.id]) == ("b", "c")
    assert sorted(str(team) for team in found.values()) == ["None", "a", "a", "a", "b", "b", "c"]
    uses = dict(rows(warehouse_path, "tool_calls", "event_id, team_id"))
    assert (uses["use-ann-1"], uses["use-ann-9"]) == ("b", "c")


def test_a_session_is_one_sign_in_however_often_it_begins(
    teams: Store, warehouse_path: Path, start_writer: StartWriter, open_test_store: OpenTestStore
) -> None:
    """A browser's tabs come in at the same moment, at two replicas: only the first of them begins the session."""
    other = open_test_store(owner=OwnerId("elsewhere", 1, "x"))
    with ThreadPoolExecutor(8) as pool:
        several = [pool.submit((teams if number % 2 else other).sessions.begin, session("ann")) for number in range(8)]
        for each in several:
            each.exception(30)  # the loser of a race on PostgreSQL may be refused
    teams.sessions.begin(session("ann"))
    teams.sessions.begin(session("ann", 2, "header"))
    teams.sessions.revoke("ann", NOW)
    teams.sessions.begin(session("ann"))
    drained(teams, warehouse_path, start_writer)
    came = rows(warehouse_path, "sign_ins", "ts, user_id, mode")
    assert came == [
        ((NOW - timedelta(hours=hours)).replace(tzinfo=None), "ann", mode)
        for hours, mode in ((2, "header"), (1, "oidc"))
    ]
    assert not {row[0] for row in rows(warehouse_path, "sign_ins", "event_id")} & {"hash-ann-1", "hash-ann-2"}


def test_sessions_that_are_deleted_stay_in_the_books(
    teams: Store, warehouse_path: Path, start_writer: StartWriter
) -> None:
    teams.sessions.begin(session("ann"))
    assert teams.sessions.purge(NOW + timedelta(days=99)) == 1
    drained(teams, warehouse_path, start_writer)
    assert len(rows(warehouse_path, "sign_ins")) == 1
    with teams.books() as books:
        assert [kind for chunk in books.events() for kind, _ in chunk] == ["sign_in"]


@pytest.mark.parametrize("batch", [3, 7, 99])
def test_killed_after_any_commit_each_is_booked_once(teams: Store, warehouse_path: Path, batch: int) -> None:
    """Each batch is booked, and read again as if the process had died before the outbox was told."""
    do_everything(teams)
    con = open_warehouse(warehouse_path, NOW)
    while waiting := teams.outbox.batch(batch):
        for _ in range(2):
            apply(con, waiting, complete=len(waiting) < batch, now=NOW)
        teams.outbox.delete([row.id for row in waiting])
    con.close()
    counts = [rows(warehouse_path, table, "count(*), count(DISTINCT event_id)") for table in _TABLES]
    assert counts == [[(5, 5)], [(6, 6)], [(2, 2)]]
    times = rows(warehouse_path, "tool_calls", "status, latency_ms")
    assert times == [("denied", None)] * 2 + [("done", 125.0)] * 2 + [("failed", 250.0)] * 2


_TABLES = ("model_calls", "tool_calls", "sign_ins")
