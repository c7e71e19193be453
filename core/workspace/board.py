"""All notices in memory, read again in the background: no page and no request waits for the database to know them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import GearboxError, UnderMaintenance
from core.workspace.marks import in_plain
from data.values.notices import Announcement, Maintenance, Standing, in_order

if TYPE_CHECKING:
    from data.store import Store

REFRESHED = timedelta(seconds=1)
"""How often it is looked whether another process changed something; what this one changes counts at once."""
_SOONEST, _LATEST = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Read:
    announcements: tuple[Announcement, ...] = ()
    maintenance: Maintenance | None = None


class NoticeBoard:
    """The notices as they were within the last second or two. Thread-safe; reading it takes no lock.

    What begins and ends by itself does so at its moment. While the database can't be read the last ones count.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._read = _Read()
        self.refresh()

    def refresh(self) -> None:
        """Read them. Raises StoreError."""
        notices = self._store.notices
        self._read = _Read(tuple(in_order(notices.announcements())), notices.maintenance())

    def try_refresh(self) -> None:
        """The same after a change, which is kept by then: if that can't be read, the next look sees it."""
        with suppress(GearboxError):
            self.refresh()

    def announcements(self) -> list[Announcement]:
        """Those that are live, what matters most first."""
        now = self._clock()
        return [each for each in self._read.announcements if each.standing(now) is Standing.LIVE]

    def maintenance(self) -> Maintenance | None:
        """The one that is on."""
        found = self._read.maintenance
        return found if found is not None and found.standing(self._clock()) is Standing.LIVE else None

    def maintenance_within(self, ahead: timedelta) -> Maintenance | None:
        """The one that begins within this time."""
        found, now = self._read.maintenance, self._clock()
        is_near = found is not None and found.standing(now) is Standing.PLANNED and found.starts_at - now <= ahead
        return found if is_near else None

    def refusal(self) -> UnderMaintenance | None:
        """What is said to whom maintenance keeps out; None while there is none."""
        maintenance = self.maintenance()
        if maintenance is None:
            return None
        left = maintenance.ends_at - self._clock() if maintenance.ends_at else _SOONEST
        # Nobody knows whether it takes longer, or less: nobody is told to stay away for the day.
        wait = min(max(left, _SOONEST), _LATEST)
        words = f" {in_plain(maintenance.words)}" if maintenance.words else ""
        remedy = "Try again when it is over."
        return UnderMaintenance(f"Maintenance is on.{words}", remedy, retry_after=wait.total_seconds())
