"""The metrics that are read when somebody asks: how much waits, how far behind what runs in the background is."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.audit.report import ChainStatus
from core.errors import GearboxError
from core.providers.circuits import CircuitState
from core.telemetry.instruments import MOST_MODELS
from core.telemetry.labels import Bounded
from data.store.standing import Standing
from data.warehouse.writer import WarehouseStatus

EXPIRES_SOON = timedelta(days=14)
"""A key that ends within so long should have been replaced."""

_log = logging.getLogger(__name__)
_Part = Callable[[], Iterator[Metric]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the numbers are. All of them block.

    Args:
        home: the folder of run-time files, whose disk may fill up.
    """

    standing: Standing
    warehouse: Callable[[], WarehouseStatus]
    audit: Callable[[], ChainStatus]
    circuits: Callable[[], list[CircuitState]]
    maintenance: Callable[[], object | None]
    home: Path
    clock: Callable[[], datetime]


class Readings(Collector):
    """Reads all of it anew each time. What can't be read is left out, and `gearbox_reading_failed` says so: a gap in a
    chart is true, and a zero would not be."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._models = Bounded(MOST_MODELS)

    def collect(self) -> Iterator[Metric]:
        """As the registry asks; blocks."""
        parts: dict[str, _Part] = {
            "store": self._store, "warehouse": self._warehouse, "audit": self._audit, "circuits": self._open_circuits,
            "disk": self._disk, "workspace": self._workspace,
        }  # fmt: skip
        failed = GaugeMetricFamily("gearbox_reading_failed", "1 where a part could not be read.", labels=["part"])
        for name, part in parts.items():
            try:
                found = list(part())
            except (GearboxError, OSError) as error:
                _log.warning("metrics of %s could not be read: %s", name, error)
                found = []
            failed.add_metric([name], float(not found))
            yield from found
        yield failed

    def describe(self) -> Iterator[Metric]:
        """Nothing is read to find out what there will be."""
        return iter(())

    def _store(self) -> Iterator[Metric]:
        now = self._from.clock()
        standing = self._from.standing.at(now, now + EXPIRES_SOON)
        yield _gauge("people", "People who may come in.", standing.people)
        yield _gauge("sessions", "Browsers that are signed in.", standing.sessions)
        yield _gauge("turns_running", "Answers in progress, of all processes.", standing.turns)
        yield _gauge("keys", "Versions of provider keys in use.", standing.keys)
        days = EXPIRES_SOON.days
        yield _gauge("keys_expiring", f"Of them, those that end within {days} days.", standing.keys_expiring)

    def _warehouse(self) -> Iterator[Metric]:
        status = self._from.warehouse()
        waited = 0.0 if status.oldest_waiting is None else (self._from.clock() - status.oldest_waiting).total_seconds()
        yield _gauge("warehouse_up", "1 while the usage warehouse can be written.", float(not status.last_error))
        yield _gauge("outbox_events", "Events that wait for the warehouse.", status.rows_waiting)
        yield _gauge("outbox_lag_seconds", "How long the oldest of them has waited.", max(waited, 0.0))
        yield _gauge("warehouse_unread_events", "Events that this release could not read.", status.unread_rows)

    def _audit(self) -> Iterator[Metric]:
        status = self._from.audit()
        yield _gauge("audit_refusing", "1 while it can't be kept and keys are refused.", bool(status.refusing))
        yield _gauge("audit_pending_events", "Events that no signed checkpoint covers yet.", status.pending)
        if status.checkpoint_at is not None:
            at = status.checkpoint_at.timestamp()
            yield _gauge("audit_checkpoint_timestamp_seconds", "When the newest checkpoint was signed.", at)

    def _open_circuits(self) -> Iterator[Metric]:
        # Not by endpoint: those have names that people gave them.
        family = GaugeMetricFamily(
            "gearbox_circuits_open",
            "Endpoints where a model that kept failing is left alone.",
            labels=["model"],
        )
        for labels, count in Counter(self._models.of(state.circuit.model) for state in self._from.circuits()).items():
            family.add_metric(labels, count)
        yield family

    def _disk(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(self._from.home)
        yield _gauge("disk_free_bytes", "Free where Gearbox keeps its files.", usage.free)
        yield _gauge("disk_size_bytes", "The size of that disk.", usage.total)

    def _workspace(self) -> Iterator[Metric]:
        yield _gauge("maintenance", "1 while maintenance is on.", float(self._from.maintenance() is not None))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gearbox_{name}", text, value=float(value))
