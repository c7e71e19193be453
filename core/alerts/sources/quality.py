"""Models that people think less of than they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.alerts.sources.source import Parts
from data.analytics.drift import drifts
from data.values.alerts import Observation


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """As a source. Raises WarehouseError."""
    with parts.writer.reader() as cursor:
        found = drifts(cursor, parts.clock())
    return {
        "grade-drift": [
            Observation(
                each.model,
                each.spreads,
                f"{each.now:.0%} of last week's thumbs on answers of {each.model} were up; in the four weeks before, "
                f"{each.was:.0%} were.",
            )
            for each in found
        ]
    }
