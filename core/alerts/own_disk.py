"""What only a process itself can see: how full the disk of its machine is."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from core.alerts.alerts import Alerts
from core.alerts.rules import DISK_LOW, rules_now
from core.alerts.sources.source import Parts

EVERY = timedelta(minutes=1)
HOLDS = timedelta(minutes=5)
"""A machine that tells nothing any more is not there any more: its alert is resolved then."""

_log = logging.getLogger(__name__)


class OwnDisk:
    """Tells while the disk is not well, and once when it is again: one with room costs no writes."""

    def __init__(self, parts: Parts, alerts: Alerts) -> None:
        self._parts = parts
        self._alerts = alerts
        self._clock: Callable[[], datetime] = parts.clock
        self._looked: datetime | None = None
        self._told = False

    def run(self) -> None:
        """Look, if it is time to. Raises StoreError."""
        now = self._clock()
        if self._looked is not None and now - self._looked < EVERY:
            return
        self._looked = now
        try:
            usage = self._parts.disk(self._parts.home)
        except OSError as error:
            _log.warning("The disk with Gearbox's files can't be looked at: %s", error)
            return
        free, machine = 100 * usage.free / usage.total, socket.gethostname()
        is_well = rules_now(self._parts.store.alert_rules.changed())[DISK_LOW].is_well(free)
        if not is_well or self._told:
            words = f"{free:.1f} % of the disk with Gearbox's files is free on {machine}: {usage.free / 1e9:,.1f} GB."
            self._alerts.tell(DISK_LOW, machine, words, value=free, holds=HOLDS)
        self._told = not is_well
