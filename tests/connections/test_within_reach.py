"""What calls may use is read once in two seconds, and anew after every change of this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.config import Settings
from core.errors import NotFound
from core.providers.within_reach import REMEMBERED_S, WithinReach
from data.store import OwnerId, Store
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire
from tests.connections.conftest import clock
from tests.databases import open_store
from tests.people import ALICE, BOB

MINE = Endpoint("e1", "mine", "Mine", EndpointKind.CUSTOM, Wire.OPENAI, "http://127.0.0.1:9", None, KeyOwner.USER)
MINE = replace(MINE, owner_id=ALICE.user_id)


class Watch:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def elapsed() -> Watch:
    return Watch()


@pytest.fixture
def within_reach(store: Store, elapsed: Watch) -> WithinReach:
    return WithinReach(store.endpoints, elapsed)


@pytest.fixture
def elsewhere(store: Store, settings: Settings) -> Iterator[Store]:
    """Another process with the same database, which is there already."""
    opened = open_store(settings.store_url, owner=OwnerId("test-host", 2, "other"), clock=clock)
    yield opened
    opened.close()


def test_it_is_at_hand_once_it_was_read_and_only_for_whom(within_reach: WithinReach, store: Store) -> None:
    store.endpoints.add(MINE)
    assert not within_reach.at_hand(ALICE)
    assert within_reach.of(ALICE) == (MINE,)
    assert within_reach.at_hand(ALICE)
    assert not within_reach.at_hand(BOB)
    assert not within_reach.at_hand(replace(ALICE, team_ids=("t1",)))  # a team's keys come and go with it
    assert within_reach.of(BOB) == ()


def test_a_change_of_this_process_counts_at_once(within_reach: WithinReach, store: Store) -> None:
    assert within_reach.of(ALICE) == ()
    store.endpoints.add(MINE)
    assert not within_reach.at_hand(ALICE)
    assert within_reach.of(ALICE) == (MINE,)
    store.endpoints.remove(KeyOwner.USER, ALICE.user_id, MINE.id)
    assert within_reach.of(ALICE) == ()


def test_a_change_of_another_process_counts_after_two_seconds(
    within_reach: WithinReach, elsewhere: Store, elapsed: Watch
) -> None:
    assert within_reach.of(ALICE) == ()
    elsewhere.endpoints.add(MINE)
    elapsed.now = REMEMBERED_S - 0.01
    assert within_reach.of(ALICE) == ()
    assert not within_reach.at_hand(ALICE)  # it would not be any more by the time that somebody asks
    elapsed.now = REMEMBERED_S
    assert within_reach.of(ALICE) == (MINE,)


def test_what_failed_to_be_written_is_read_anew_too(within_reach: WithinReach, store: Store) -> None:
    within_reach.of(ALICE)
    with pytest.raises(NotFound):
        store.endpoints.remove(KeyOwner.USER, ALICE.user_id, "nothing")
    assert not within_reach.at_hand(ALICE)
