"""Flags over a test's own store, put together from their real parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.access.access import Access
from core.flags.capabilities import Capability, declared
from core.flags.exposures import Exposures
from core.flags.flags import Flags
from core.flags.guarding import Guardrails
from core.flags.service import FlagService
from core.flags.snapshot import FlagSnapshot
from core.flags.watching import RolloutWatcher
from data.store import Store
from data.values.actor import Role
from tests.chat.house import now
from tests.people import ALICE

ADMIN = replace(ALICE, roles=frozenset({Role.ADMIN}))


@dataclass(frozen=True)
class FlagHouse:
    """What one process has."""

    store: Store
    snapshot: FlagSnapshot
    flags: Flags
    admin: FlagService
    guardrails: Guardrails


def flag_house(
    store: Store,
    *,
    off: frozenset[Capability] = frozenset(),
    environment: str = "production",
    clock: Callable[[], datetime] = now,
) -> FlagHouse:
    """A process's flags; nothing runs beside them: tests call `snapshot.refresh` and `exposures.write`."""
    snapshot = FlagSnapshot(store, declared())
    flags = Flags(snapshot, off=off, environment=environment, clock=clock, exposures=lambda: Exposures(store, clock))
    access = Access(store)
    admin = FlagService(access, store, snapshot, flags, environment=environment, clock=clock)
    watcher = RolloutWatcher(access, store, snapshot, environment=environment, clock=clock)
    return FlagHouse(store, snapshot, flags, admin, Guardrails(access, store, snapshot, watcher))
