"""Flags in the database, with their history, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text

from data.store import Store, migrate
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.tables import flag_changes, flags
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import Conflict, GearboxError
from data.values.flag_checks import FlagRefused
from data.values.flag_evaluation import FlagContext, evaluate
from data.values.flags import Flag, FlagState, Prerequisite, from_json
from tests.conftest import OpenTestStore
from tests.flags.test_evaluation import NOW, flag, rollout
from tests.store.conftest import Clock

TOLD = AuditEvent(Action.FLAG_FLIP, AuditOutcome.DONE, "ann")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


def save(store: Store, flag: Flag, why: str = "") -> Flag:
    return store.flags.save(flag, {}, by="ann", why=why, event=TOLD)


def test_every_change_is_in_the_history_and_in_the_log(store: Store, store_url: str, clock: Clock) -> None:
    first = save(store, flag(rollout(5), key="x"), "a first try")
    clock.forward(60)
    second = save(store, replace(first, state=FlagState.KILLED, created_at=None), "it fails\0")
    assert (first.version, second.version, first.created_at) == (1, 2, clock() - timedelta(seconds=60))
    assert store.flags.all() == {"x": second}
    newest, oldest = store.flags.history("x")
    assert (newest.before, newest.after, newest.by, newest.why, newest.at) == (
        first,
        second,
        "ann",
        "it fails",
        clock(),
    )
    assert (oldest.before, oldest.after) == (None, first)
    assert store.flags.change("x", 1) == oldest
    assert store.flags.change("x", 3) is None
    assert store.flags.history("y") == []
    assert store.flags.changed() == {"x": clock()}
    engine = make_engine(store_url)
    with engine.connect() as connection:
        flips = connection.execute(text("SELECT count(*) FROM audit_events WHERE action = 'flag.flip'")).scalar()
    engine.dispose()
    assert flips == 2


def test_who_comes_second_is_refused_and_nothing_is_half_kept(store: Store) -> None:
    first = save(store, flag(key="x"))
    save(store, replace(first, description="by one"))
    mark = store.flags.mark()
    for late in (replace(first, description="by another"), replace(first, version=0)):
        with pytest.raises(Conflict):
            save(store, late)
    with pytest.raises(FlagRefused):
        save(store, flag(key="y", prerequisites=(Prerequisite("none", "on"),)))
    assert store.flags.mark() == mark
    assert len(store.flags.history()) == 2


def test_a_key_that_is_taken_is_told_as_such(store: Store) -> None:
    save(store, flag(key="x"))
    with pytest.raises(Conflict, match="There is a flag of this key already"):
        save(store, flag(key="x"))


def test_two_that_are_saved_at_once_can_not_need_each_other(store: Store, open_test_store: OpenTestStore) -> None:
    x, y = save(store, flag(key="x")), save(store, flag(key="y"))
    outcomes: list[str] = []

    def needs(kept: Store, one: Flag, other: str) -> None:
        try:
            save(kept, replace(one, prerequisites=(Prerequisite(other, "on"),)))
            outcomes.append("kept")
        except GearboxError as error:
            outcomes.append(type(error).__name__)

    pair = [(store, x, "y"), (open_test_store(), y, "x")]
    threads = [threading.Thread(target=needs, args=each) for each in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["FlagRefused", "kept"]


def test_the_mark_tells_of_every_change(store: Store) -> None:
    marks = [store.flags.mark()]
    kept = save(store, flag(key="x"))
    marks.append(store.flags.mark())
    save(store, replace(kept, state=FlagState.REMOVED))
    marks.append(store.flags.mark())
    save(store, flag(key="y"))
    marks.append(store.flags.mark())
    assert len(set(marks)) == 4


def test_one_of_a_newer_release_is_off_and_its_history_is_passed_over(store: Store, store_url: str) -> None:
    newer: dict[str, Any] = {"key": "x", "kind": "colour"}
    engine = make_engine(store_url)
    with engine.begin() as connection:
        connection.execute(insert(flags).values(key="x", version=3, body=newer, changed_at=NOW))
        change = {"id": "a", "key": "x", "version": 3, "at": NOW, "by": "ann", "why": ""}
        connection.execute(insert(flag_changes).values(**change, after=newer))
    engine.dispose()
    found = store.flags.all()
    assert evaluate(found, "x", FlagContext("ann"), NOW).value is False
    assert found["x"].version == 3
    assert store.flags.history() == []


def test_uses(store: Store, clock: Clock) -> None:
    store.flags.used({"x", "y"}, clock())
    clock.forward(60)
    store.flags.used({"y"}, clock())
    assert store.flags.uses() == {"x": clock() - timedelta(seconds=60), "y": clock()}


@pytest.fixture
def older(store_url: str) -> Any:
    """A database of the release before there were flags."""
    if (path := sqlite_path(store_url)) is not None:
        path.parent.mkdir(exist_ok=True)
        create_file(path)
    engine = make_engine(store_url)
    with engine.begin() as connection:
        migrate.upgrade(connection, "0024")
    yield engine
    engine.dispose()


def test_for_whom_models_are_chosen_is_carried_over(older: Engine) -> None:
    rules = [
        ("", "", False), ("ann", "", True), ("bob", "", False), ("", "red", True), ("", "blue", False),
    ]  # fmt: skip
    with older.begin() as connection:
        for user, team, on in rules:
            connection.execute(
                text("INSERT INTO feature_rules VALUES ('auto-model', :user, :team, :is_on, :at)"),
                {"user": user, "team": team, "is_on": on, "at": NOW.replace(tzinfo=None)},
            )
        migrate.upgrade(connection, "0025")
    with older.connect() as connection:
        kept = from_json(connection.execute(select(flags.c.body)).scalar_one())
        assert connection.execute(select(flag_changes.c.by, flag_changes.c.version)).one() == ("gearbox", 1)

    def is_on(user_id: str, *teams: str) -> bool:
        return evaluate({kept.key: kept}, kept.key, FlagContext(user_id, team_ids=teams), NOW).value is True

    assert kept.key == "learned-selection"
    assert [
        is_on("ann", "blue"),
        is_on("bob", "red"),
        is_on("eve", "red"),
        is_on("eve", "red", "blue"),
        is_on("eve"),
    ] == [True, False, True, False, False]
