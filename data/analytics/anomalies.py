"""Days that stand out from what was usual before them. Pure.

A day is told by the days before it alone, so that what is said of it stays when later ones come. Of up to eight weeks
before it:

- amounts become logarithms, since usage grows and varies in shares of itself;
- the trend is the median of all slopes between days of the same weekday (Sen's slope within seasons: Hirsch, Slack and
  Smith, "Techniques of trend analysis for monthly water quality data", Water Resources Research 18, 1982);
- what is usual on a weekday is the median of that weekday without the trend, moved by the median of how the last two
  weeks differed from it, so that a new level is the usual one after about a week;
- the spread is the median absolute deviation of all days from what the *other* days of their weekday say, times 1.4826
  (Hampel, "The influence curve and its role in robust estimation", JASA 69, 1974).

A day is marked where it is more than 3.5 spreads away (Iglewicz and Hoaglin, "How to detect and handle
outliers", 1993). Medians, because the days that are looked
for are in the history, too. `tests/analytics/test_anomalies.py` has the share of quiet days that are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Array = NDArray[np.float64]

WEEKS_AT_LEAST, WEEKS_AT_MOST = 4, 8
MARKS = 3.5
TOLD = 2.0  # spreads to each side of what is told as usual: about 95 of 100 days
_RECENT = 14
_MAD = 1.4826
_LEAST_SPREAD = 0.08  # nobody wants to hear of less, however even the days were
_GRAIN = 0.05  # of a usual day: what is less than this is next to nothing
_BUSY = 0.5  # of the days before have to have something


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A day that stands out.

    Args:
        index: of the day, among those that were looked at.
        value: what it was.
        low, high: between these it would have been usual; `expected` is in the middle of them.
        spreads: how far away it is, in spreads: negative where it is less.
    """

    index: int
    value: float
    low: float
    expected: float
    high: float
    spreads: float


def anomalies(values: Sequence[float], *, last: int | None = None, least: float = 0.0) -> tuple[Anomaly, ...]:
    """The days that stand out.

    Args:
        values: of each day, none left out, the oldest first; no day that is not over.
        last: look only at so many of the newest days; None for all.
        least: what one of these things is: 1 of calls or tokens, 0 of money. A difference of a few is none.

    Returns:
        In order of time. A day with fewer than four whole weeks before it, or with too little in them, is never there.
    """
    import numpy as np

    every = np.maximum(np.asarray(values, dtype=float), 0.0)
    first = max(len(every) - (len(every) if last is None else last), 7 * WEEKS_AT_LEAST)
    found = (
        _judged(every[max(0, at - 7 * WEEKS_AT_MOST) : at], every[at], at, least) for at in range(first, len(every))
    )
    return tuple(each for each in found if each is not None)


def _judged(before: _Array, value: float, index: int, least: float) -> Anomaly | None:
    import numpy as np

    weeks = len(before) // 7
    table = before[len(before) - 7 * weeks :].reshape(weeks, 7)  # the day in question has the weekday of column 0
    if np.mean(table > 0) < _BUSY and np.mean(table[:, 0] > 0) <= _BUSY:
        return None
    grain = max(least, _GRAIN * float(np.median(table[table > 0]))) if np.any(table > 0) else 0.0
    if grain == 0:
        return None
    middle, spread = _usual(np.log(table + grain))
    expected = float(np.exp(middle) - grain)
    # Counts of few things vary by chance alone: by the root of what is expected.
    chance = float(np.sqrt(max(expected, least) * least)) / (max(expected, 0.0) + grain)
    spread = max(spread, chance, _LEAST_SPREAD)
    away = float(np.log(value + grain) - middle) / spread
    if abs(away) <= MARKS:
        return None
    low, high = (max(0.0, float(np.exp(middle + side * TOLD * spread)) - grain) for side in (-1, 1))
    return Anomaly(index, float(value), low, max(0.0, expected), high, away)


def _usual(table: _Array) -> tuple[float, float]:
    """What the day after these whole weeks would usually be, and the spread around it; all of it logarithms."""
    import numpy as np

    weeks = len(table)
    age = 7 * weeks - np.arange(7 * weeks, dtype=float).reshape(weeks, 7)  # days before the one in question
    later, earlier = np.triu_indices(weeks, 1)[::-1]
    slope = np.median((table[later] - table[earlier]) / (7.0 * (later - earlier))[:, None])
    level = table + slope * age  # as it would be on the day in question
    but_one = np.array([[other for other in range(weeks) if other != week] for week in range(weeks)])
    others = np.median(level[but_one], axis=1)
    away = level - others
    spread = _MAD * float(np.median(np.abs(away - np.median(away))))
    weekday = np.median(level, axis=0)
    moved = float(np.median((level - weekday).reshape(-1)[-_RECENT:]))
    return float(weekday[0]) + moved, spread
