"""How long readers wait between one piece of an answer and the next, counted while it streams by."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from operator import add, sub

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BOUNDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper edges in seconds."""


class Gaps:
    """The moments at which pieces of one answer came. Only for the thread that streams it: a piece costs an append."""

    __slots__ = ("_moments",)

    def __init__(self) -> None:
        self._moments: list[float] = []

    def piece(self, now: float) -> None:
        """A piece came, at this moment of a clock in seconds."""
        self._moments.append(now)

    def counted(self) -> tuple[list[int], float]:
        """How many gaps are no longer than each bound, how many there are, and their sum in seconds.

        The first piece ends no gap.
        """
        moments = self._moments
        gaps = sorted(map(sub, moments[1:], moments))
        counts = [bisect_right(gaps, bound) for bound in BOUNDS]
        return [*counts, len(gaps)], moments[-1] - moments[0] if moments else 0.0


class GapHistogram(Collector):
    """The gaps of all answers, by labels. Thread-safe; takes an answer's all at once."""

    def __init__(self, name: str, help_text: str, labels: tuple[str, ...]) -> None:
        self._name, self._help, self._labels = name, help_text, labels
        self._sums: dict[tuple[str, ...], tuple[list[int], float]] = {}
        self._lock = threading.Lock()

    def add(self, labels: tuple[str, ...], gaps: Gaps) -> None:
        """An answer has ended."""
        counted = gaps.counted()
        with self._lock:
            before = self._sums.get(labels)
            if before is not None:
                counted = list(map(add, before[0], counted[0])), before[1] + counted[1]
            self._sums[labels] = counted

    def collect(self) -> Iterator[Metric]:
        """As the registry asks."""
        family = HistogramMetricFamily(self._name, self._help, labels=self._labels)
        with self._lock:
            sums = dict(self._sums)
        for labels, (counts, total) in sums.items():
            buckets = list(zip((*map(str, BOUNDS), "+Inf"), map(float, counts), strict=True))
            family.add_metric(labels, buckets, total)
        yield family
