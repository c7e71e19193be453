"""What a month will have come to, from the days before: the sum of the days to come, with an interval. Pure.

The model is a weighted linear regression over up to eight weeks of whole days:

    spend of day t = m[weekday of t] + b * share[weekday of t] * (t - middle) + error,
    standard deviation of the error = s * share[weekday of t]^0.75

with a mean of its own for each weekday, one trend that all share in by their size, and errors that grow with what a day
comes to: more than those of counts (^0.5), which only vary by chance, less than those of shares (^1).

The rest of the month is a sum c·days, so its mean and the variance of its forecast follow from the regression (as in
Greene, "Econometric Analysis", on prediction): s² c'(X'WX)⁻¹c for what is not known of the means and the trend, and s²
times the sizes of the days to come for chance, more where the trend makes them larger. Days follow on each other: the
variance is multiplied by (1 + r)/(1 - r), where r is the correlation of an error with that of the day before (Bartlett,
"Some aspects of the time-correlation problem", 1935), as far as it is positive. The interval is Student's t around the
mean. `tests/analytics/test_forecast.py` has how often it held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Array = NDArray[np.float64]

DAYS_AT_LEAST, DAYS_AT_MOST = 21, 56
HOLDS = 0.8
"""In how many of all months the interval is meant to hold."""
_GROWS = 1.5  # the variance of an error, with the size of its day
_MOST_CORRELATED = 0.8


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sum will come to by the end of some days to come.

    Args:
        low, high: in `HOLDS` of all such forecasts the sum is between these.
        days: of how many days it is told.
    """

    low: float
    expected: float
    high: float
    days: int


def forecast(past: Sequence[float], ahead: Sequence[float], *, so_far: float = 0.0) -> Forecast | None:
    """What `so_far` and the days ahead come to.

    Args:
        past: of each whole day, none left out, the oldest first.
        ahead: the days to come, the first one right after the past: how much of each is still to come, 1 for all of it.
        so_far: what is sure already.

    Returns:
        None where there are fewer than `DAYS_AT_LEAST` days since the first one with anything: too little to say.
    """
    import numpy as np

    days = np.asarray(past, dtype=float)
    used = np.flatnonzero(days)
    since = len(days) if not len(used) else len(days) - int(used[0])
    known = days[len(days) - min(since, DAYS_AT_MOST) :]
    if not len(used) or since < DAYS_AT_LEAST or not known.any():
        return None
    if not any(ahead):
        return Forecast(so_far, so_far, so_far, len(known))
    mean, deviation, freedom = _rest(known, np.asarray(ahead, dtype=float))
    reach = _t(0.5 + HOLDS / 2, freedom) * deviation
    low, middle, high = (so_far + max(0.0, value) for value in (mean - reach, mean, mean + reach))
    return Forecast(low, middle, high, len(known))


def _rest(known: _Array, ahead: _Array) -> tuple[float, float, int]:
    """Mean and standard deviation of the sum of the days ahead, and the degrees of freedom of the latter."""
    import numpy as np

    number, weekday = len(known), np.arange(len(known)) % 7
    coming = np.arange(number, number + len(ahead))
    means = np.array([known[weekday == each].mean() for each in range(7)])
    # A weekday on which there was nothing so far may still have something: its errors are not zero.
    share = np.maximum(means, 0.02 * means.mean()) / means.mean()
    middle = (number - 1) / 2
    design, wanted = np.zeros((number, 8)), np.zeros(8)
    design[np.arange(number), weekday] = 1.0
    design[:, 7] = share[weekday] * (np.arange(number) - middle)
    np.add.at(wanted, coming % 7, ahead)
    wanted[7] = float(np.sum(ahead * share[coming % 7] * (coming - middle)))
    weight = share[weekday] ** -_GROWS
    inverse = np.linalg.inv(design.T @ (design * weight[:, None]))
    found = inverse @ (design.T @ (weight * known))
    errors = (known - design @ found) * np.sqrt(weight)
    freedom = number - design.shape[1]
    variance = float(errors @ errors) / freedom
    mean = float(wanted @ found)
    flat = float(np.sum(ahead * means[coming % 7]))
    larger = max(1.0, mean / flat) if flat > 0 else 1.0
    chance = float(np.sum(ahead**2 * (larger * share[coming % 7]) ** _GROWS))
    follows = _follows(errors, freedom)
    spread = variance * (1 + follows) / (1 - follows) * (float(wanted @ inverse @ wanted) + chance)
    return mean, float(np.sqrt(spread)), freedom


def _follows(errors: _Array, freedom: int) -> float:
    """How much a day's error is like the day before; 0 where it is not, or the other way round."""
    import numpy as np

    total = float(errors @ errors)
    if total == 0:
        return 0.0
    found = float(errors[1:] @ errors[:-1]) / total
    # Errors around means that were fitted to them look less alike than they are, by about 1/n for each of these.
    found += (len(errors) - freedom) / len(errors) / 7
    return float(np.clip(found, 0.0, _MOST_CORRELATED))


def _t(probability: float, freedom: int) -> float:
    """Student's t at a probability (Abramowitz and Stegun, 26.7.5): right to 0.001 from six degrees of freedom on."""
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, 1)))
