"""The machine: events that don't reach the warehouse, and the disk."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from core.alerts.sources.source import Parts
from data.values.alerts import Observation


def outbox(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """How long the oldest event has waited for the warehouse, in seconds. Raises StoreError."""
    status = parts.writer.status()
    waited = (parts.clock() - status.oldest_waiting).total_seconds() if status.oldest_waiting else 0.0
    words = f"{status.rows_waiting:,} events wait for the usage warehouse, the oldest for {waited / 60:,.0f} minutes."
    return {"outbox-stuck": [Observation("", max(waited, 0.0), f"{words} {status.last_error}".strip())]}


def disk(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """How much of the disk with Gearbox's files is free, in percent: of the machine that evaluates. Raises OSError."""
    usage = parts.disk(parts.home)
    free = 100 * usage.free / usage.total
    words = f"{free:.1f} % of the disk with Gearbox's files is free: {usage.free / 1e9:,.1f} GB."
    return {"disk-low": [Observation(socket.gethostname(), free, words)]}
