"""The statistics as they count at a time, each level's and scope's in arrays: (models, tasks) each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from data.learning.routing.statistics import COST_SCALE, SCALE, remaining
from data.values.routing import Level, Tallies
from data.values.tasks import Task

TASKS = {task: place for place, task in enumerate(Task)}
"""Their columns."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one level and scope, decayed to now, (models, tasks) each."""

    weight: Any
    quality: Any
    priced: Any
    cost: Any
    timed: Any
    seconds: Any

    @classmethod
    def zero(cls, shape: tuple[int, int]) -> Sums:
        """Of nothing."""
        return cls(*(np.zeros(shape) for _ in range(6)))


def scopes_of(tallies: Tallies, places: Mapping[str, int], now: datetime) -> dict[tuple[Level, str], Sums]:
    """The sums of each scope, decayed; the last row, of models that nothing is known of, stays empty."""
    shape = (len(places) + 1, len(TASKS))
    found: dict[tuple[Level, str], Sums] = defaultdict(lambda: Sums.zero(shape))
    found[Level.ALL, ""] = Sums.zero(shape)
    decays = {epoch: remaining(epoch, now) for epoch in {key.epoch for key in tallies}}
    for key, tally in tallies.items():
        sums, cell, worth = found[key.level, key.scope_id], (places[key.model_id], TASKS[key.task]), decays[key.epoch]
        sums.weight[cell] += tally.weight * worth / SCALE
        sums.quality[cell] += tally.quality * worth / SCALE
        sums.priced[cell] += tally.priced * worth / SCALE
        sums.cost[cell] += tally.cost * worth / COST_SCALE
        sums.timed[cell] += tally.timed * worth / SCALE
        sums.seconds[cell] += tally.seconds * worth / SCALE
    return dict(found)


def without(weight: Any, good: Any, less: Any, less_good: Any) -> tuple[Any, Any]:
    """What remains of a level where the ones below it are taken out; never less than nothing."""
    rest = np.maximum(weight - less, 0.0)
    return rest, np.clip(good - less_good, 0.0, rest)


def mean_of(totals: Any, numbers: Any, shares: Any) -> Any:
    """Of an answer by each model, over the tasks by their shares, else over all tasks; NaN where nothing was seen."""
    near, far = numbers @ shares, numbers.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(near > 0, (totals @ shares) / near, totals.sum(axis=1) / far)
