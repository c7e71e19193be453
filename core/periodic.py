"""What runs beside the requests: one step again and again, in a thread of its own that nothing ends but its owner."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from core.errors import GearboxError

_JOIN = 10.0  # seconds: a step that hangs delays the end of the process by no more

_log = logging.getLogger(__name__)


class Periodic:
    """Runs a step every so often, whatever becomes of it: who enters it starts it, who leaves it ends it.

    A fault ends nothing. It is logged once for each kind of error until a step succeeds again: a database that is away
    for an hour is one line, not one for each period.

    Args:
        name: of the thread, for logs and profilers, such as `gearbox-alerts`.
        step: is run on that thread alone, never twice at a time.
        every: the pause before each step, also before the first: that keeps no start waiting.
    """

    def __init__(self, name: str, step: Callable[[], object], every: timedelta) -> None:
        self._step = step
        self._every = every.total_seconds()
        self._closing = False
        self._wake = threading.Event()
        self._met: set[type[Exception]] = set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Have the next step now, or right after the one that is under way. Thread-safe, does not wait."""
        self._wake.set()

    def close(self, timeout: float = _JOIN) -> None:
        """End after the step that is under way; wait for that, `timeout` seconds at most."""
        self._closing = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._every)
            self._wake.clear()
            if self._closing:
                return
            self._tried()

    def _tried(self) -> None:
        name = self._thread.name
        try:
            self._step()
        except Exception as error:  # noqa: BLE001  # the thread must outlive any error: nobody would do its work
            if type(error) in self._met:
                return
            self._met.add(type(error))
            if isinstance(error, GearboxError):
                _log.error("%s met trouble, and goes on: %s", name, error.explain())
            else:
                _log.exception("%s met an unexpected error, and goes on.", name)
        else:
            if self._met:
                _log.info("%s works again.", name)
                self._met.clear()
