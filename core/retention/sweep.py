"""Removes what only waited for a hold to end, where whoever released it did not get to that."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from core.errors import GearboxError
from core.retention.holds import purge
from data.store import Store

EVERY = timedelta(minutes=5)
_LEASE = "hold-sweep"
_log = logging.getLogger(__name__)


class HoldSweep:
    """Sweeps at once and every five minutes, in one process at a time, until it is closed."""

    def __init__(self, store: Store, every: timedelta = EVERY) -> None:
        self._store = store
        self._every = every
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="gearbox-hold-sweep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """End after what it is at; `timeout` in seconds."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """One sweep; nothing where another process is at it, or nothing waits."""
        if not self._store.holds.waiting() or not self._store.leases.acquire(_LEASE, self._every):
            return
        try:
            if gone := purge(self._store):
                _log.info("%d deleted conversations are on hold no more, and are removed", gone.conversations)
        finally:
            self._store.leases.release(_LEASE)

    def _work(self) -> None:
        while True:
            try:
                self.run()
            except GearboxError as error:
                _log.error("Looking for what is on hold no more failed: %s", error.explain())
            except Exception:  # noqa: BLE001  # the thread must outlive any error: it would never look again
                _log.exception("Looking for what is on hold no more failed.")
            if self._closing.wait(self._every.total_seconds()):
                return
