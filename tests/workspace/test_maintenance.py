"""Maintenance: whom it keeps out, when it begins and ends, and what other processes see of it. On both databases."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import AccessRefused, GearboxError, NotFound, UnderMaintenance
from core.periodic import Periodic
from core.workspace.notices import ANNOUNCED_AHEAD
from data.store import Store
from data.values.errors import StoreError
from data.values.notices import Maintenance, Standing
from tests.conftest import OpenTestStore
from tests.people import ALICE
from tests.store.conftest import Clock
from tests.workspace.house import ADMIN, NoticeHouse, notice_house

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def house(store: Store, clock: Clock) -> NoticeHouse:
    return notice_house(store, clock)


def is_out(house: NoticeHouse) -> bool:
    try:
        house.access.require_open(ALICE)
    except UnderMaintenance:
        assert house.notices.keeping_out(ALICE) is not None
        return True
    return False


def test_it_keeps_out_whoever_does_not_manage_the_workspace(house: NoticeHouse) -> None:
    house.admin.hold_maintenance(ADMIN, "The disks are replaced.")
    with pytest.raises(UnderMaintenance, match="The disks are replaced"):
        house.access.require_open(ALICE)
    house.access.require_open(ADMIN)
    house.access.require_open(replace(ADMIN, scopes=frozenset({"manage_workspace"})))
    with pytest.raises(UnderMaintenance):
        house.access.require_open(replace(ADMIN, scopes=frozenset({"chat"})))
    house.admin.end_maintenance(ADMIN)
    assert not is_out(house)
    with pytest.raises(NotFound):
        house.admin.end_maintenance(ADMIN)


def test_what_is_planned_is_announced_and_begins_and_ends_by_itself_everywhere(
    house: NoticeHouse, clock: Clock
) -> None:
    other, begins = notice_house(house.store, clock), clock() + 2 * ANNOUNCED_AHEAD
    house.admin.hold_maintenance(ADMIN, "An upgrade.", starts_at=begins, ends_at=begins + HOUR)
    other.board.try_refresh()
    assert other.notices.shown_to(ALICE).maintenance is None
    clock.forward(ANNOUNCED_AHEAD.total_seconds())
    for shown in (other.notices.shown_to(ALICE), other.notices.for_anybody()):
        assert shown.maintenance is not None and not shown.is_on
    assert not is_out(house) and not is_out(other)
    clock.forward(ANNOUNCED_AHEAD.total_seconds())
    assert is_out(house) and is_out(other) and other.notices.shown_to(ADMIN).is_on
    clock.forward(HOUR.total_seconds())
    assert not is_out(house) and not is_out(other)
    assert house.admin.maintenance(ADMIN) is None


def test_what_was_begun_by_hand_ends_by_hand_unless_it_is_said_otherwise(house: NoticeHouse, clock: Clock) -> None:
    first = house.admin.hold_maintenance(ADMIN, "", ends_at=clock() + HOUR)
    clock.forward(7200)
    assert is_out(house)
    changed = house.admin.hold_maintenance(ADMIN, "It takes longer.", ends_at=clock() + HOUR, ends_itself=True)
    assert (changed.id, changed.starts_at) == (first.id, first.starts_at)
    clock.forward(3600)
    assert not is_out(house)


def test_nobody_is_told_to_stay_away_for_longer_than_an_hour(house: NoticeHouse, clock: Clock) -> None:
    def wait() -> float:
        with pytest.raises(UnderMaintenance) as refused:
            house.access.require_open(ALICE)
        return refused.value.retry_after

    house.admin.hold_maintenance(ADMIN, "")
    assert wait() == 30
    house.admin.hold_maintenance(ADMIN, "", ends_at=clock() + timedelta(minutes=20))
    assert wait() == 1200
    house.admin.hold_maintenance(ADMIN, "", ends_at=clock() + 9 * HOUR)
    assert wait() == 3600
    clock.forward(10 * 3600)
    assert wait() == 30


def test_the_background_sees_what_another_process_did(house: NoticeHouse, clock: Clock) -> None:
    other = notice_house(house.store, clock)
    with Periodic("notices", other.board.refresh, timedelta(seconds=0.01)):
        house.admin.hold_maintenance(ADMIN, "")
        _until(lambda: is_out(other))
        house.admin.end_maintenance(ADMIN)
        _until(lambda: not is_out(other))


def test_while_the_database_can_t_be_read_the_last_word_counts(house: NoticeHouse, clock: Clock) -> None:
    class Failing:
        """A store whose notices can't be read."""

        @property
        def notices(self) -> object:
            raise StoreError("The database is gone.")

    house.admin.hold_maintenance(ADMIN, "", ends_at=clock() + HOUR, ends_itself=True)
    house.board._store = Failing()  # type: ignore[assignment]
    house.board.try_refresh()
    assert is_out(house)
    clock.forward(3600)
    assert not is_out(house), "its end needs no database"


def test_what_can_t_be_is_refused_and_members_have_no_say(house: NoticeHouse, clock: Clock) -> None:
    later = clock() + HOUR
    for times in ({"starts_at": later}, {"ends_at": clock() - HOUR}, {"starts_at": later, "ends_at": clock()}):
        with pytest.raises(GearboxError):
            house.admin.hold_maintenance(ADMIN, "", **times)  # type: ignore[arg-type]
    with pytest.raises(AccessRefused):
        house.admin.hold_maintenance(ALICE, "")
    assert house.admin.maintenance(ADMIN) is None
    house.admin.hold_maintenance(ADMIN, "")
    with pytest.raises(AccessRefused):
        house.admin.end_maintenance(ALICE)
    assert is_out(house)


def test_alerts_are_quiet_for_as_long_as_it_was_expected_to_take(house: NoticeHouse, clock: Clock) -> None:
    def held(**changes: object) -> Maintenance:
        plain = Maintenance("m", "", clock(), None, False, None, "ada", clock())
        return replace(plain, **changes)  # type: ignore[arg-type]

    assert held().quiet_until == clock() + 4 * HOUR
    assert held(ends_at=clock() + HOUR).quiet_until == clock() + HOUR
    assert held(ends_at=clock() + HOUR, ended_at=clock() + HOUR / 2).quiet_until == clock() + HOUR / 2
    assert held(ended_at=clock() + 9 * HOUR).quiet_until == clock() + 4 * HOUR
    assert held(ends_at=clock() + HOUR).standing(clock() + 2 * HOUR) is Standing.LIVE


def _until(holds: object) -> None:
    began = time.monotonic()
    while not holds():  # type: ignore[operator]
        assert time.monotonic() - began < 5
        time.sleep(0.01)
