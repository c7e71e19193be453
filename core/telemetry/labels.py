"""Keeps the values of a metric's labels few, whatever people, programs and servers call their models."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from prometheus_client.metrics import MetricWrapperBase

OTHER = "other"
"""What stands for all values that came when there was no more room."""

_LONGEST = 128


class Bounded:
    """The first values that come keep their names; all later ones are `other`. Thread-safe.

    A time series stays for as long as the process does, here and in whatever stores it, so their number has to have a
    limit that nobody outside can raise. See https://prometheus.io/docs/practices/naming/#labels.

    Args:
        most: values with a name.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def of(self, *values: str) -> tuple[str, ...]:
        """The labels to use for these: as many."""
        if (known := self._known.get(values)) is not None:
            return known
        with self._lock:
            if len(self._known) >= self._most:
                return (OTHER,) * len(values)
            return self._known.setdefault(values, tuple(value[:_LONGEST] for value in values))


M = TypeVar("M", bound=MetricWrapperBase)


class Series(Generic[M]):
    """The time series of a metric, found by a look into a dictionary: its own `labels` takes ten times as long."""

    def __init__(self, metric: M) -> None:
        self._metric = metric
        self._known: dict[tuple[str, ...], M] = {}

    def of(self, *labels: str) -> M:
        """The one with these labels, in the metric's order."""
        known = self._known.get(labels)
        return self._known.setdefault(labels, self._metric.labels(*labels)) if known is None else known
