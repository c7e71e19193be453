"""Days on which an unusual share of calls failed. Pure.

As in `data.analytics.anomalies` a day is told by up to eight weeks before it, by medians, since the days that are
looked for are in the history, too. Shares of few calls vary by chance alone, so each day counts by how many calls it
had: by the root's arcsine, whose chance is the same whatever is usual (Anscombe, "The transformation of Poisson,
binomial and negative-binomial data", Biometrika 35, 1948). Weekdays and trends are not told apart: failures have none
of their own. Only more than usual stands out; `tests/analytics/test_failing.py` has how many quiet days are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.analytics.anomalies import MARKS, TOLD, WEEKS_AT_LEAST, WEEKS_AT_MOST, Anomaly

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Array = NDArray[np.float64]

_MAD = 1.4826
_FEW = 5  # failed calls are no news
_TWICE = 2.0  # as large a share as usual, at least: many calls make the smallest difference certain


def failing(failed: Sequence[int], calls: Sequence[int], *, last: int | None = None) -> tuple[Anomaly, ...]:
    """The days that stand out; all amounts of them are shares of the day's calls.

    Args:
        failed: calls of each day, none left out, the oldest first; no day that is not over.
        calls: all calls of the same days.
        last: look only at so many of the newest days; None for all.
    """
    import numpy as np

    parts, wholes = np.asarray(failed, dtype=float), np.asarray(calls, dtype=float)
    first = max(len(parts) - (len(parts) if last is None else last), 7 * WEEKS_AT_LEAST)
    found = (
        _judged(parts[max(0, at - 7 * WEEKS_AT_MOST) : at + 1], wholes[max(0, at - 7 * WEEKS_AT_MOST) : at + 1], at)
        for at in range(first, len(parts))
    )
    return tuple(each for each in found if each is not None)


def _judged(parts: _Array, wholes: _Array, index: int) -> Anomaly | None:
    """What is to be said of the last of these days."""
    import numpy as np

    busy = wholes > 0
    part, whole = float(parts[-1]), float(wholes[-1])
    before = busy[:-1]
    if part < _FEW or np.mean(before) < 0.5:
        return None
    angles, weights = _angles(parts[:-1][before], wholes[:-1][before]), np.sqrt(wholes[:-1][before] + 0.5)
    usual = _middle(angles, weights)
    scores = 2 * weights * (angles - usual)
    # At least what chance alone comes to; more, where days differ by more than that.
    spread = max(1.0, _MAD * float(np.median(np.abs(scores))))
    of_day = np.sqrt(whole + 0.5)
    away = float(2 * of_day * (_angles(np.array([part]), np.array([whole]))[0] - usual) / spread)
    expected, high, low = (
        float(np.sin(np.clip(usual + side * spread / (2 * of_day), 0, np.pi / 2)) ** 2) for side in (0, TOLD, -TOLD)
    )
    if away <= MARKS or part / whole < _TWICE * expected:
        return None
    return Anomaly(index, part / whole, low, expected, high, away)


def _angles(parts: _Array, wholes: _Array) -> _Array:
    import numpy as np

    angles: _Array = np.arcsin(np.sqrt((parts + 0.375) / (wholes + 0.75)))
    return angles


def _middle(values: _Array, weights: _Array) -> float:
    """The weighted median."""
    import numpy as np

    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2)])
