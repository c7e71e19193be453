"""Drawing a model from what is known (Thompson, Biometrika 25, 1933), and how likely each was to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is drawn.

    Args:
        floor: share of the choices that are made uniformly, so that every candidate has a known, non-zero chance.
        new_share: of the other choices, in which new models take part at all: their share of the traffic is no more
            than that and the floor's.
        spread: by which the posterior's deviation is stretched in a draw; 0 takes the best mean.
    """

    floor: float = 0.02
    new_share: float = 0.1
    spread: float = 0.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """The place of the model that was drawn, and whether it is another than the one with the highest mean."""

    place: int
    explored: bool


def draw(
    mean: Any,
    deviation: Any,
    is_new: Any,
    rng: np.random.Generator,
    *,
    manner: Manner = Manner(),
) -> Drawn:
    """One of the candidates. All arrays are (models,); `mean` is of what is to be as high as possible."""
    best = int(np.argmax(mean))
    if rng.random() < manner.floor:
        place = int(rng.integers(len(mean)))
        return Drawn(place, place != best)
    scores = mean + manner.spread * deviation * rng.standard_normal(len(mean))
    if rng.random() >= manner.new_share and not is_new.all():
        scores = np.where(is_new, -np.inf, scores)
    place = int(np.argmax(scores))
    return Drawn(place, place != best)


def propensities(
    mean: Any,
    deviation: Any,
    is_new: Any,
    rng: np.random.Generator,
    *,
    manner: Manner = Manner(),
    draws: int = 2000,
) -> Any:
    """How likely `draw` is to take each candidate, (models,); they sum to one.

    By Monte Carlo, but for the floor, which is known: no candidate has less than its share of that.
    """
    models = len(mean)
    scores = mean + manner.spread * deviation * rng.standard_normal((draws, models))
    found = np.bincount(scores.argmax(axis=1), minlength=models) / draws
    if is_new.any() and not is_new.all():
        old = np.flatnonzero(~is_new)
        without = np.bincount(old[scores[:, old].argmax(axis=1)], minlength=models) / draws
        found = manner.new_share * found + (1 - manner.new_share) * without
    return manner.floor / models + (1 - manner.floor) * found
