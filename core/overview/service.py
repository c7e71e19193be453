"""Whether all is well: what admins look at first."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from core.access.access import Access
from core.access.policy import Permission
from core.alerts.evaluator import LEASE
from core.alerts.quiet import quiet_times
from core.alerts.rules import KEY_EXPIRING, rules_now
from core.audit.report import ChainStatus
from core.budgets import Beside, BudgetView
from core.errors import GearboxError
from core.overview.findings import RECENT, Machine, Overview, Watching, findings
from core.providers.circuits import CircuitState
from core.providers.directory import RESERVED
from core.telemetry.instruments import OWN
from data.analytics.health import ErrorBudget, ProviderHealth, error_budget, provider_health
from data.store import Store
from data.store.alerts import ALERT_LEASE
from data.values.actor import Actor
from data.values.alert_delivery import is_silenced
from data.values.alerts import AlertState
from data.warehouse.writer import WarehouseWriter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watched:
    """What is asked besides the database and the warehouse."""

    audit: Callable[[], ChainStatus]
    circuits: Callable[[], Sequence[CircuitState]]
    budgets: Callable[[Actor], Sequence[BudgetView]]
    spent: Callable[[Actor], Beside]
    home: Path
    version: str
    objective: float
    clock: Callable[[], datetime]
    elapsed: Callable[[], float] = time.monotonic


class OverviewService:
    """Reads anew each time how everything stands, and what the rules of alerts came to; blocking, some 30 ms.

    Nothing is judged here a second time, and no source of alerts is asked: their rows are the same for every replica.
    """

    def __init__(self, access: Access, store: Store, writer: WarehouseWriter, watched: Watched) -> None:
        self._access = access
        self._store = store
        self._writer = writer
        self._watched = watched
        self._nobody_since: float | None = None

    def look(self, actor: Actor) -> Overview:
        """How it stands.

        Raises:
            AccessRefused: the actor may not see how the server is doing.
            StoreError: the database can't be read.
        """
        self._access.require(actor, Permission.SEE_METRICS)
        now = self._watched.clock()
        providers, errors = self._calls(now)
        alerts = self._store.alerts.open()
        seen = Overview(
            at=now,
            version=self._watched.version,
            migration=self._store.revision,
            findings=(),
            watching=self._watching(sum(each.state is AlertState.FIRING for each in alerts)),
            store=self._store.standing.at(now, now + (soon := self._keys_ending())),
            warehouse=self._writer.status(),
            audit=self._watched.audit(),
            machine=_machine(self._watched.home),
            providers=providers,
            errors=errors,
            budgets=_where_it_can(lambda: tuple(self._watched.budgets(actor))),
            spent=_where_it_can(lambda: self._watched.spent(actor)),
            keys_ending=soon,
        )
        silences = quiet_times(self._store, now)
        silenced = {each.id for each in alerts if is_silenced(each, silences, now)}
        return replace(seen, findings=findings(seen, alerts, self._watched.circuits(), silenced))

    def _watching(self, firing: int) -> Watching:
        until = self._store.leases.held_until(ALERT_LEASE)
        if until is not None:
            self._nobody_since = None
            return Watching(firing, until - LEASE)  # each round renews it as it ends
        now = self._watched.elapsed()
        if self._nobody_since is None:
            self._nobody_since = now
        return Watching(firing, None, timedelta(seconds=now - self._nobody_since))

    def _keys_ending(self) -> timedelta:
        return timedelta(days=max(rules_now(self._store.alert_rules.changed())[KEY_EXPIRING].fires_at, 0))

    def _calls(self, now: datetime) -> tuple[tuple[ProviderHealth, ...] | None, ErrorBudget | None]:
        def read() -> tuple[tuple[ProviderHealth, ...], ErrorBudget]:
            with self._writer.reader() as cursor:
                health = provider_health(cursor, now, RECENT)
                return _named(health), error_budget(cursor, now, self._writer.zone, self._watched.objective)

        return _where_it_can(read) or (None, None)


def _where_it_can(read: Callable[[], T]) -> T | None:
    """None where the warehouse can't be read, or the actor may not see spending."""
    try:
        return read()
    except GearboxError:
        return None


def _named(health: Sequence[ProviderHealth]) -> tuple[ProviderHealth, ...]:
    """Servers that people entered as one: their names are these people's words."""
    named: dict[str, ProviderHealth] = {}
    for each in health:
        name = each.provider if each.provider in RESERVED else OWN
        before = named.get(name, ProviderHealth(name, 0, 0, None))
        slower = max((ms for ms in (before.ttft_ms, each.ttft_ms) if ms is not None), default=None)
        named[name] = ProviderHealth(name, before.calls + each.calls, before.failed + each.failed, slower)
    return tuple(named.values())


def _machine(home: Path) -> Machine:
    disk = shutil.disk_usage(home)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(disk.free, disk.total, _memory(), load, os.cpu_count() or 1)


def _memory() -> int | None:
    """What the process holds in memory, where the system tells it as Linux does."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
