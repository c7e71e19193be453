"""The way of events to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.alerts.sources.source import Parts
from data.values.alerts import Observation


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """How long the oldest event has waited, in seconds, as a source. Raises StoreError."""
    status = parts.writer.status()
    waited = (parts.clock() - status.oldest_waiting).total_seconds() if status.oldest_waiting else 0.0
    words = f"{status.rows_waiting:,} events wait for the usage warehouse, the oldest for {waited / 60:,.0f} minutes."
    return {"outbox-stuck": [Observation("", max(waited, 0.0), f"{words} {status.last_error}".strip())]}
