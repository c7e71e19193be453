"""Models that people think less of than they did: thumbs of the last week against those of the four weeks before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.analytics.asking import rows
from data.analytics.sample import IS_SAMPLE
from data.warehouse.answers import in_force

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WEEK, BEFORE = timedelta(days=7), timedelta(days=28)
_FEW_NOW, _FEW_BEFORE = 10, 20
_WORSE = 0.1  # of the share of thumbs up: nobody wants to hear of less

_THUMBS = f"""SELECT model_id, ts >= $recent AS is_recent,
       count(*) FILTER (signal = 'thumb_up') AS up, count(*) FILTER (signal = 'thumb_down') AS down
FROM {in_force("ts >= $since")} WHERE NOT {IS_SAMPLE} AND signal IN ('thumb_up', 'thumb_down')
GROUP BY ALL"""  # noqa: S608  # constants of ours


@dataclass(frozen=True, slots=True)
class Thumbs:
    """How many people liked and disliked answers."""

    up: int = 0
    down: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the share of thumbs up fell, in spreads; 0 where it is not worth telling. `now` and `was` are shares."""

    model: str
    spreads: float
    now: float
    was: float


def drifts(con: DuckDBPyConnection, now: datetime) -> list[Drift]:
    """Of each model with thumbs in the last week. Sample data counts nowhere."""
    recent = now - WEEK
    naive = {"recent": recent.replace(tzinfo=None), "since": (recent - BEFORE).replace(tzinfo=None)}
    found: dict[str, dict[bool, Thumbs]] = {}
    for row in rows(con, _THUMBS, naive):
        found.setdefault(row["model_id"], {})[row["is_recent"]] = Thumbs(row["up"], row["down"])
    return [
        Drift(model, *drift(of[True], of.get(False, Thumbs()))) for model, of in sorted(found.items()) if True in of
    ]


def drift(now: Thumbs, before: Thumbs) -> tuple[float, float, float]:
    """Spreads, the share now and the share before: two shares by the root's arcsine (Anscombe 1948). Pure."""
    share, was = (each.up / each.total if each.total else 0.0 for each in (now, before))
    if now.total < _FEW_NOW or before.total < _FEW_BEFORE or was - share < _WORSE:
        return 0.0, share, was
    fell = _angle(before) - _angle(now)
    return 2 * fell / math.sqrt(1 / (now.total + 0.5) + 1 / (before.total + 0.5)), share, was


def _angle(of: Thumbs) -> float:
    return math.asin(math.sqrt((of.up + 0.375) / (of.total + 0.75)))
