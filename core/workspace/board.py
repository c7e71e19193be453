"""All notices in memory, read again in the background: no page and no request waits for the database to know them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import GearboxError, UnderMaintenance
from data.values.notices import Announcement, Maintenance, Standing, in_order

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)

REFRESHED_S = 1.0
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
        self._is_failing = False
        self.refresh()

    def refresh(self) -> None:
        """Read them. Raises StoreError."""
        notices = self._store.notices
        self._read = _Read(tuple(in_order(notices.announcements())), notices.maintenance())

    def look(self) -> None:
        """The same, for the background: a database that can't be read is said once, and tried again."""
        try:
            self.refresh()
            if self._is_failing:
                log.info("the notices can be read again")
            self._is_failing = False
        except GearboxError as error:
            if not self._is_failing:
                log.warning("the notices can't be read, the last ones count: %s", error)
            self._is_failing = True

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
        words = f" {maintenance.words}" if maintenance.words else ""
        remedy = "Try again when it is over."
        return UnderMaintenance(f"Maintenance is on.{words}", remedy, retry_after=wait.total_seconds())


class BoardThread:
    """Keeps a board up to date until it is closed."""

    def __init__(self, board: NoticeBoard) -> None:
        self._board = board
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gearbox-notices", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(REFRESHED_S):
            try:
                self._board.look()
            except Exception:  # whatever it is: without this thread no maintenance would begin or end here
                log.exception("looking for notices failed; it goes on")
