"""Usage as a person may see it: their own calls, or everyone's for those who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from core.access.access import Access
from core.access.policy import Permission
from data.analytics.period import Period, span_of
from data.analytics.usage import UsageReport, usage_report
from data.values.actor import Actor
from data.warehouse.writer import WarehouseStatus, WarehouseWriter

FRESHEN_S = 2.0
"""How long a report waits at most for calls that just ended (normally 10 ms; the process's first drain imports
Polars). What takes longer shows as waiting."""


@dataclass(frozen=True, slots=True)
class UsageView:
    """A report with whose calls it counts and when it was made (UTC)."""

    report: UsageReport
    everyone: bool
    made_at: datetime


class UsageService:
    """What the Usage page asks for."""

    def __init__(
        self, access: Access, writer: WarehouseWriter, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._access = access
        self._writer = writer
        self._clock = clock

    def view(self, actor: Actor, period: Period, zone: tzinfo, *, only_mine: bool = False) -> UsageView:
        """Usage in a period that ends with today in `zone`; with `only_mine` never anybody else's.

        Raises:
            AccessRefused: the actor may see no usage at all.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_OWN_USAGE)
        everyone = not only_mine and self._access.may(actor, Permission.SEE_ALL_USAGE)
        self._writer.flush(FRESHEN_S)
        now = self._clock()
        with self._writer.reader() as cursor:
            report = usage_report(cursor, span_of(period, now, zone), None if everyone else actor.user_id)
        return UsageView(report, everyone, now)

    def status(self) -> WarehouseStatus:
        """How the warehouse is doing."""
        return self._writer.status()
