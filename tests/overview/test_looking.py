"""The overview of a running Gearbox, against what programs did to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.alerts.evaluator import LEASE
from core.budgets import Beside
from core.errors import AccessRefused
from core.overview.findings import Severity
from core.overview.service import OverviewService, Watched
from data.values.actor import Actor, Role
from data.values.alerts import Severity as AlertSeverity
from data.values.budgets import BudgetOwner
from tests.alerts.house import ADMIN, MONDAY, ROUND, Replica, opened
from tests.api.gearbox import Gearbox, running
from tests.warehouse.books import Clock

MINUTE = timedelta(minutes=1)


def overview_of(replica: Replica, elapsed: Callable[[], float] = time.monotonic) -> OverviewService:
    watched = Watched(
        audit=replica.trail.status,
        circuits=lambda: [],
        budgets=lambda _actor: [],
        spent=lambda _actor: Beside(Decimal(3), None),
        home=replica.home,
        version="1",
        objective=0.99,
        clock=replica.clock,
        elapsed=elapsed,
    )
    return OverviewService(replica.access, replica.store, replica.writer, watched)


def ask(gearbox: Gearbox, prompt: str) -> None:
    body = {"model": "sandbox/scripted", "messages": [{"role": "user", "content": prompt}]}
    gearbox.ask("POST", "/v1/chat/completions", json=body)


def test_a_provider_that_fails_is_told_and_one_s_own_mistake_is_not(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        services, owner = gearbox.services, gearbox.services.actor()
        for _ in range(6):
            ask(gearbox, "[[words:1]][[pace:instant]]")
        ask(gearbox, "[[fault:401]]")
        services.reports.budgets.all(owner)  # the warehouse has what was booked
        seen = services.overview.look(owner)
        assert seen.providers is not None
        (sandbox,) = seen.providers
        assert (sandbox.provider, sandbox.calls, sandbox.failed) == ("sandbox", 7, 0)
        assert seen.errors is not None
        assert seen.errors.left == 1.0
        assert seen.spent is not None and seen.spent.budget is None  # the sandbox costs nothing
        services.reports.budgets.set(owner, BudgetOwner.ORGANISATION, "", Decimal(100))
        told = services.overview.look(owner).spent
        assert told is not None and told.budget is not None and told.budget.budget.amount == 100
        assert all(each.severity is Severity.NOTICE for each in seen.findings)

        ask(gearbox, "[[fault:500]]")  # three tries
        services.reports.budgets.all(owner)
        seen = services.overview.look(owner)
        assert seen.providers is not None
        assert [(each.provider, each.failed) for each in seen.providers] == [("sandbox", 3)]
        assert seen.errors is not None
        assert seen.errors.failed == 3


def test_members_and_analysts_do_not_see_it(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        for role in (Role.MEMBER, Role.ANALYST):
            with pytest.raises(AccessRefused):
                gearbox.services.overview.look(Actor("somebody", frozenset({role})))


def test_what_fires_is_found_by_every_process_at_the_limits_of_admins(sqlite_url: str, tmp_path: Path) -> None:
    """Of two processes on a database one evaluates; the other shows the same."""
    clock = Clock(MONDAY)
    with (
        opened(sqlite_url, tmp_path / "one", clock) as one,
        opened(sqlite_url, tmp_path / "one", clock, host="there", writer=one.writer) as other,
    ):
        one.disk.free = 15
        one.rounds(3 * MINUTE)
        assert overview_of(other).look(ADMIN).findings == ()
        rule = next(each for each in other.settings.rules(ADMIN) if each.key == "disk-low")
        other.settings.change_rule(ADMIN, replace(rule, fires_at=20, clears_at=25, severity=AlertSeverity.WARNING))
        one.rounds(MINUTE)
        other.evaluator.run()
        seen = overview_of(other).look(ADMIN)
        (pending,) = seen.findings
        assert (pending.title, pending.severity) == ("The disk is nearly full", Severity.NOTICE)
        one.rounds(2 * MINUTE)
        (found,) = overview_of(other).look(ADMIN).findings
        assert (found.severity, found.alert) == (Severity.WARNING, one.inbox.open(ADMIN)[0].alert.id)
        assert "15.0 %" in found.detail


def test_that_nobody_watches_is_found_once_it_lasts(sqlite_url: str, tmp_path: Path) -> None:
    elapsed, clock = [0.0], Clock(MONDAY)
    with opened(sqlite_url, tmp_path / "home", clock) as replica:
        looks = overview_of(replica, lambda: elapsed[0])
        assert looks.look(ADMIN).findings == ()
        replica.rounds(ROUND)
        assert looks.look(ADMIN).watching.at == clock()
        replica.evaluator.stand_down()
        assert looks.look(ADMIN).findings == ()
        elapsed[0] += 60
        assert [each.title for each in looks.look(ADMIN).findings] == ["Nobody watches"]
        replica.rounds(ROUND)
        assert looks.look(ADMIN).findings == ()
        clock.forward(LEASE)  # its rounds fail, or it hangs
        assert looks.look(ADMIN).watching.at is None
