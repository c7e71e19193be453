"""The part of the composition that says what is on for whom; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access.access import Access
from core.clock import utc_now
from core.config import Settings
from core.flags.capabilities import Capability, declared
from core.flags.effects import FlagEffects
from core.flags.flags import Flags
from core.flags.guarding import LOOKED, Guardrails
from core.flags.running import FlagUpkeep
from core.flags.service import FlagService
from core.flags.snapshot import REFRESHED, FlagSnapshot
from core.flags.watching import RolloutWatcher
from core.periodic import Periodic
from data.store import Store
from data.warehouse.writer import WarehouseWriter

if TYPE_CHECKING:
    from core.flags.exposures import Exposures


@dataclass(frozen=True, slots=True)
class FlagParts:
    """What is asked everywhere, what admins do, and what rolls rollouts back."""

    flags: Flags
    admin: FlagService
    effects: FlagEffects
    guardrails: Guardrails


def make_flags(
    settings: Settings,
    access: Access,
    store: Store,
    writer: WarehouseWriter,
    stack: ExitStack,
    *,
    observe: Callable[[str, str], None],
) -> FlagParts:
    """The flags, kept up to date in the background until `stack` ends that.

    Args:
        observe: told of each evaluation: the flag's key, and the variant.
    """
    snapshot, flags, admin = _made(settings, access, store, observe)
    upkeep = FlagUpkeep(snapshot, flags)
    stack.callback(upkeep.finish)
    stack.enter_context(Periodic("gearbox-flags", upkeep.step, REFRESHED))
    watcher = RolloutWatcher(access, store, snapshot, environment=settings.environment, clock=utc_now)
    guardrails = Guardrails(access, store, snapshot, watcher)
    # In a thread of its own: books may take longer than flags may wait for.
    stack.enter_context(Periodic("gearbox-guardrails", guardrails.look, LOOKED))
    return FlagParts(flags, admin, FlagEffects(access, store, writer, utc_now), guardrails)


def make_service(settings: Settings, access: Access, store: Store) -> FlagService:
    """What admins do, for a process that lives for one command: nothing runs beside it."""
    return _made(settings, access, store)[2]


def _made(
    settings: Settings, access: Access, store: Store, observe: Callable[[str, str], None] = lambda _flag, _variant: None
) -> tuple[FlagSnapshot, Flags, FlagService]:
    def exposures() -> Exposures:
        from core.flags.exposures import Exposures

        return Exposures(store, utc_now, observe)

    snapshot, environment = FlagSnapshot(store, declared()), settings.environment
    flags = Flags(snapshot, off=_off(settings), environment=environment, clock=utc_now, exposures=exposures)
    return snapshot, flags, FlagService(access, store, snapshot, flags, environment=environment, clock=utc_now)


def _off(settings: Settings) -> frozenset[Capability]:
    """What the operator turns off: no flag turns it on again."""
    on = {
        Capability.LEARNED_SELECTION: settings.auto,
        Capability.SANDBOX: settings.sandbox,
        Capability.RESPONSE_CACHE: settings.cache_megabytes > 0,
    }
    return frozenset(capability for capability, is_on in on.items() if not is_on)
