"""The part of the composition that says what is on for whom; `core.services` puts it together with the rest."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access.access import Access
from core.clock import utc_now
from core.config import Settings
from core.flags.capabilities import Capability, declared
from core.flags.flags import Flags
from core.flags.running import FlagThread
from core.flags.service import FlagService
from core.flags.snapshot import FlagSnapshot
from data.store import Store

if TYPE_CHECKING:
    from core.flags.exposures import Exposures


@dataclass(frozen=True, slots=True)
class FlagParts:
    """What is asked everywhere, and what admins do."""

    flags: Flags
    admin: FlagService


def make_flags(settings: Settings, access: Access, store: Store, stack: ExitStack) -> FlagParts:
    """The flags, kept up to date in the background until `stack` ends that."""

    def exposures() -> Exposures:
        from core.flags.exposures import Exposures

        return Exposures(store, utc_now)

    snapshot = FlagSnapshot(store, declared())
    flags = Flags(snapshot, off=_off(settings), environment=settings.environment, clock=utc_now, exposures=exposures)
    running = FlagThread(snapshot, flags)
    stack.callback(running.close)
    running.start()
    admin = FlagService(access, store, snapshot, flags, environment=settings.environment, clock=utc_now)
    return FlagParts(flags, admin)


def _off(settings: Settings) -> frozenset[Capability]:
    """What the operator turns off: no flag turns it on again."""
    on = {
        Capability.LEARNED_SELECTION: settings.auto,
        Capability.SANDBOX: settings.sandbox,
        Capability.RESPONSE_CACHE: settings.cache_megabytes > 0,
    }
    return frozenset(capability for capability, is_on in on.items() if not is_on)
