"""How the last calls of each tool went, in this process: what the Tools page shows of speed and failures.

No arguments and no results: they are the person's who called.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

LAST = 100
"""Calls of one tool that are remembered."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the last calls: how many, how many failed, seconds in the middle and of the slowest twentieth.

    `error` is the last failure, `error_at` when that was; empty and None when none failed.
    """

    calls: int
    failed: int
    median: float
    p95: float
    error: str = ""
    error_at: datetime | None = None


class CallRecord:
    """Thread-safe. `observe` is told of each call, too."""

    def __init__(
        self, clock: Callable[[], datetime], observe: Callable[[str, float, str], None] = lambda *_call: None
    ) -> None:
        self._clock = clock
        self._observe = observe
        self._lock = threading.Lock()
        self._calls: dict[str, deque[tuple[float, str, datetime]]] = {}

    def add(self, name: str, seconds: float, error: str = "") -> None:
        """A call has ended; `error` says why it failed, in words without what was asked or answered."""
        self._observe(name, seconds, error)
        with self._lock:
            self._calls.setdefault(name, deque(maxlen=LAST)).append((seconds, error[:_LONGEST], self._clock()))

    def of(self, name: str) -> Standing | None:
        """How the last calls of a tool went; None when there were none."""
        with self._lock:
            calls = list(self._calls.get(name, ()))
        if not calls:
            return None
        seconds = [each[0] for each in calls]
        failed = [each for each in calls if each[1]]
        slowest = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
        error, at = (failed[-1][1], failed[-1][2]) if failed else ("", None)
        return Standing(len(calls), len(failed), median(seconds), slowest, error, at)
