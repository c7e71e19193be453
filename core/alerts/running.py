"""Two threads: one holds what is seen against the rules, one tells channels, so that a slow one delays no rule."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from core.alerts.delivery import Deliverer
from core.alerts.evaluator import Evaluator
from core.errors import GearboxError

EVERY = timedelta(seconds=15)

_log = logging.getLogger(__name__)


class AlertThreads:
    """Works until it is closed; the first round comes after the first pause, so that it keeps no start waiting."""

    def __init__(self, evaluator: Evaluator, deliverer: Deliverer, every: timedelta = EVERY) -> None:
        self._evaluator = evaluator
        self._deliverer = deliverer
        self._every = every.total_seconds()
        self._closing = threading.Event()
        self._fresh = threading.Event()
        self._threads = [
            threading.Thread(target=self._evaluate, name="gearbox-alerts", daemon=True),
            threading.Thread(target=self._deliver, name="gearbox-alerts-send", daemon=True),
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """End after what is being done, and let another process lead; `timeout` in seconds for each thread."""
        self._closing.set()
        self._fresh.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout)
        with contextlib.suppress(GearboxError):
            self._evaluator.stand_down()

    def _evaluate(self) -> None:
        while not self._closing.wait(self._every):
            if _tried(self._evaluator.run):
                self._fresh.set()

    def _deliver(self) -> None:
        while not self._closing.is_set():
            self._fresh.wait(self._every)
            self._fresh.clear()
            if not self._closing.is_set():
                _tried(self._deliverer.run)


def _tried(act: Callable[[], object]) -> object:
    try:
        return act()
    except GearboxError as error:
        _log.error("Alerts met trouble: %s", error.explain())
    except Exception:  # noqa: BLE001  # the thread must outlive any error: nobody would be told of anything any more
        _log.exception("Alerts met an unexpected error.")
    return None
