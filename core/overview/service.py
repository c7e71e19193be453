"""Whether all is well: what admins look at first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.access.access import Access
from core.access.policy import Permission
from core.audit.report import ChainStatus
from core.budgets import BudgetView
from core.errors import GearboxError
from core.overview.findings import RECENT, Machine, Overview, findings
from core.providers.circuits import CircuitState
from core.providers.directory import RESERVED
from core.telemetry.instruments import OWN
from core.telemetry.readings import EXPIRES_SOON
from data.analytics.health import ErrorBudget, ProviderHealth, error_budget, provider_health
from data.store import Store
from data.values.actor import Actor
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True, slots=True)
class Watched:
    """What is asked besides the database and the warehouse."""

    audit: Callable[[], ChainStatus]
    circuits: Callable[[], Sequence[CircuitState]]
    budgets: Callable[[Actor], Sequence[BudgetView]]
    home: Path
    version: str
    objective: float
    clock: Callable[[], datetime]


class OverviewService:
    """Looks at everything anew each time; blocking, some 30 ms."""

    def __init__(self, access: Access, store: Store, writer: WarehouseWriter, watched: Watched) -> None:
        self._access = access
        self._store = store
        self._writer = writer
        self._watched = watched

    def look(self, actor: Actor) -> Overview:
        """How it stands.

        Raises:
            AccessRefused: the actor may not see how the server is doing.
            StoreError: the database can't be read.
        """
        self._access.require(actor, Permission.SEE_METRICS)
        now = self._watched.clock()
        providers, errors = self._calls(now)
        seen = Overview(
            at=now,
            version=self._watched.version,
            migration=self._store.revision,
            findings=(),
            store=self._store.standing.at(now, now + EXPIRES_SOON),
            warehouse=self._writer.status(),
            audit=self._watched.audit(),
            machine=_machine(self._watched.home),
            providers=providers,
            errors=errors,
            budgets=self._budgets(actor),
            alerts=self._store.alerts.count_firing(),
        )
        return replace(seen, findings=findings(seen, self._watched.circuits()))

    def _calls(self, now: datetime) -> tuple[tuple[ProviderHealth, ...] | None, ErrorBudget | None]:
        try:
            with self._writer.reader() as cursor:
                health = provider_health(cursor, now, RECENT)
                return _named(health), error_budget(cursor, now, self._writer.zone, self._watched.objective)
        except GearboxError:
            return None, None

    def _budgets(self, actor: Actor) -> tuple[BudgetView, ...] | None:
        try:
            return tuple(self._watched.budgets(actor))
        except GearboxError:  # of the warehouse, or of who may not see spending
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
