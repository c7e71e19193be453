"""Locks after failures, and rates."""

from __future__ import annotations

import pytest

from core.access.lockout import ACCOUNT_FAILURES, ADDRESS_FAILURES, WINDOW, Lockout
from core.access.rate_limit import RateLimit
from core.errors import RateLimited
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from tests.access.house import THERE, Clock
from tests.conftest import OpenTestStore

ANN = Actor("ann", frozenset({Role.MEMBER}), address=THERE)


def locked_for(lockout: Lockout, account: str = "", address: str = "") -> float:
    try:
        lockout.check(account=account, address=address)
    except RateLimited as refusal:
        assert "Try again in" in refusal.remedy
        return refusal.retry_after
    return 0


def test_each_further_failure_locks_for_twice_as_long(store: Store, clock: Clock) -> None:
    lockout = Lockout(store, clock)
    waits = []
    for _ in range(ACCOUNT_FAILURES + 6):
        lockout.failed(ANN, account="ann")
        waits.append(locked_for(lockout, "ann"))
        clock.forward(seconds=waits[-1])
        assert locked_for(lockout, "ann") == 0
    assert waits == [0] * (ACCOUNT_FAILURES - 1) + [60, 120, 240, 480, 900, 900, 900]


def test_a_success_forgets_the_accounts_failures_and_not_the_addresses(store: Store, clock: Clock) -> None:
    lockout = Lockout(store, clock)
    for number in range(ADDRESS_FAILURES):
        assert locked_for(lockout, "ann", THERE) == 0
        lockout.failed(ANN, account="ann")
        if number % 2:
            lockout.succeeded(account="ann")
    assert locked_for(lockout, "ann") == 0
    assert locked_for(lockout, address=THERE) == 60
    assert locked_for(lockout, "bob", "198.51.100.7") == 0


def test_failures_long_ago_do_not_count(store: Store, clock: Clock) -> None:
    lockout = Lockout(store, clock)
    for _ in range(ACCOUNT_FAILURES - 1):
        lockout.failed(ANN, account="ann")
    clock.forward(seconds=WINDOW.total_seconds())
    lockout.failed(ANN, account="ann")
    assert locked_for(lockout, "ann") == 0


def test_all_processes_count_together(open_test_store: OpenTestStore, clock: Clock) -> None:
    processes = [Lockout(open_test_store(owner=OwnerId("host", number, "x"), clock=clock), clock) for number in (1, 2)]
    for number in range(ACCOUNT_FAILURES):
        processes[number % 2].failed(ANN, account="ann")
    assert [locked_for(lockout, "ann") for lockout in processes] == [60, 60]


def test_a_rate_is_held_and_bursts_are_allowed() -> None:
    clock = Clock()
    limit = RateLimit(60, burst=3, elapsed=clock.elapsed)
    for _ in range(3):
        limit.check("ann", "address")
    with pytest.raises(RateLimited) as refusal:
        limit.check("ann")
    assert refusal.value.retry_after == pytest.approx(1)
    limit.check("bob")
    limit.check("")
    passed = 0
    for _ in range(100):
        clock.forward(seconds=0.25)
        try:
            limit.check("ann")
            passed += 1
        except RateLimited:
            pass
    assert passed == 25


def test_no_limit_and_many_keys() -> None:
    RateLimit(0).check(*["ann"] * 10_000)
    clock = Clock()
    limit = RateLimit(1, elapsed=clock.elapsed)
    limit.check("ann")
    for number in range(10_001):
        limit.check(f"address-{number}")
    with pytest.raises(RateLimited):
        limit.check("ann")
    clock.forward(minutes=2)
    limit.check("new")
    assert len(limit._buckets) == 1, "full buckets are forgotten"
