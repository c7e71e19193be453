"""What rollouts do, as admins see it: calls of the treated beside those of the control group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.policy import Permission
from data.analytics.flag_effect import VariantEffect, flag_effect
from data.store import Store
from data.values.actor import Actor
from data.values.flags import Flag
from data.warehouse.writer import WarehouseWriter

_MOST_CHANGES = 1_000


class FlagEffects:
    """Reads the warehouse. Blocking."""

    def __init__(self, access: Access, store: Store, writer: WarehouseWriter, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._writer = writer
        self._clock = clock

    def of(self, actor: Actor, flag: Flag, days: int) -> Sequence[VariantEffect]:
        """Each variant with what became of its calls in the last days.

        Raises:
            AccessRefused: the actor manages no flags.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.MANAGE_FLAGS)
        now = self._clock()
        # A version ends as the next one begins.
        ended = {change.version - 1: change.at for change in self._store.flags.history(flag.key, _MOST_CHANGES)}
        with self._writer.reader() as cursor:
            return flag_effect(cursor, flag.key, flag.unit, now - timedelta(days=days), now, ended=ended)
