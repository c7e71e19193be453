"""Times of something that is done again and again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:,.0f} ms (p95 {self.p95:,.0f})"


def timed(work: Callable[[], object], rounds: int) -> Times:
    """Of `rounds`, after one that does not count."""
    work()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return Times(statistics.median(took), took[min(len(took) - 1, round(0.95 * (len(took) - 1)))])
