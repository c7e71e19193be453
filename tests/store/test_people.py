from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import StatementError

from data.store import Store
from data.store.endpoints import KeptListing
from data.store.tables import users
from tests.store.conftest import ANN, BOB, Clock


def test_preferences_are_kept_key_by_key(store: Store) -> None:
    assert store.preferences.load(ANN) == {}
    store.preferences.save(ANN, advanced=True, favourites=["sandbox/echo", "é"], user_id="a key like any other")
    store.preferences.save(ANN, advanced=False, model=None, sampling={"temperature": 0.25})
    store.preferences.save(BOB, advanced="unrelated")
    store.preferences.save(ANN)

    assert store.preferences.load(ANN) == {
        "advanced": False,
        "favourites": ["sandbox/echo", "é"],
        "user_id": "a key like any other",
        "model": None,
        "sampling": {"temperature": 0.25},
    }
    assert store.preferences.load(BOB) == {"advanced": "unrelated"}


def test_preferences_are_saved_together_or_not_at_all(store: Store) -> None:
    with pytest.raises((StatementError, TypeError), match="not JSON serializable"):
        store.preferences.save(ANN, first=1, second=object())
    assert store.preferences.load(ANN) == {}


def test_a_person_is_met_once_and_may_change_names(store: Store, clock: Clock, engine: Engine) -> None:
    met = clock()
    store.users.ensure(ANN, "Ann")
    clock.forward(60)
    store.users.ensure(ANN, "Ann")
    store.users.ensure(ANN, "Ann Other")
    with engine.connect() as connection:
        known = select(users.c.id, users.c.display_name, users.c.created_at)
        assert [tuple(row) for row in connection.execute(known)] == [(ANN, "Ann Other", met)]


def test_instants_come_back_in_utc_whatever_zone_they_went_in_with(store: Store) -> None:
    east = datetime(2026, 7, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    store.listings.save("key", KeptListing(("a", "b"), east))
    loaded = store.listings.load("key")
    assert loaded == KeptListing(("a", "b"), datetime(2026, 6, 30, 20, 0, 0, 123456, tzinfo=UTC))
    assert loaded.fetched_at.tzinfo is UTC


def test_instants_without_a_zone_are_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        store.listings.save("key", KeptListing((), datetime(2026, 7, 1)))
