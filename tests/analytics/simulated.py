"""Days of usage as they might be: weekdays, trends, chance, and days that are like the one before."""

from __future__ import annotations

import numpy as np

WEEK = np.array([1.0, 1.05, 1.0, 0.95, 0.9, 0.2, 0.12])


def days(
    rng: np.random.Generator, number: int, *, usual: float, varies: float, growth: float = 0.0, alike: float = 0.0
) -> np.ndarray:
    """Positive amounts.

    Args:
        usual: of a busy day, at the beginning.
        varies: standard deviation of a day as a share of what is expected of it.
        growth: of a day over the day before.
        alike: correlation of a day's chance with that of the day before.
    """
    at = np.arange(number)
    expected = usual * np.exp(growth * at) * WEEK[at % 7]
    spread, chance = np.sqrt(np.log(1 + varies**2)), rng.normal(size=number)
    for day in range(1, number):
        chance[day] = alike * chance[day - 1] + np.sqrt(1 - alike**2) * chance[day]
    return np.asarray(expected * np.exp(spread * chance - spread**2 / 2))
