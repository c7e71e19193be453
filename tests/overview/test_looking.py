"""The overview of a running Gearbox, against what programs did to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import AccessRefused
from core.overview.findings import Severity
from data.values.actor import Actor, Role
from tests.api.gearbox import Gearbox, running


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
        assert all(each.severity is Severity.NOTICE for each in seen.findings)

        ask(gearbox, "[[fault:500]]")  # three tries
        services.reports.budgets.all(owner)
        seen = services.overview.look(owner)
        assert [each.title for each in seen.findings if each.severity > Severity.NOTICE] == ["sandbox fails"]
        assert seen.errors is not None
        assert seen.errors.failed == 3


def test_members_and_analysts_do_not_see_it(tmp_path: Path) -> None:
    with running(tmp_path) as gearbox:
        for role in (Role.MEMBER, Role.ANALYST):
            with pytest.raises(AccessRefused):
                gearbox.services.overview.look(Actor("somebody", frozenset({role})))
