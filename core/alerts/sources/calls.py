"""Calls of models: endpoints that answer nobody, and what is unlike the same hour of past weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.alerts.sources.source import Parts
from data.analytics.spikes import spikes, streaks
from data.values.alerts import Observation

_NEW = "nothing is known of this hour in past weeks, so it is held against what is usual anywhere"


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """As a source. Raises WarehouseError."""
    now = parts.clock()
    with parts.writer.reader() as cursor:
        down, (failing, late) = streaks(cursor, now), spikes(cursor, now)
    return {
        "provider-down": [
            Observation(
                each.endpoint_id,
                each.failures,
                f"{each.provider} has not answered: the last {each.failures} calls in a row failed.",
            )
            for each in down
        ],
        "error-spike": [
            Observation(
                each.provider,
                each.spreads,
                f"{each.now:.0%} of the calls of {each.provider} failed in the last 15 minutes; "
                + (f"{each.usual:.1%} is usual at this hour." if each.is_known else f"{_NEW}: {each.usual:.0%}."),
            )
            for each in failing
        ],
        "latency-spike": [
            Observation(
                each.provider,
                each.spreads,
                f"{each.provider} begins to answer after {each.now / 1000:.1f} s in the median of the last 15 minutes; "
                f"{each.usual / 1000:.1f} s is usual at this hour.",
            )
            for each in late
        ],
    }
