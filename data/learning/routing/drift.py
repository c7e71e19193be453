"""Whether a model's recent answers differ from its earlier ones by more than chance.

Recent is the period that runs and the one before it (four to eight weeks), earlier all before those. Welch's test for
each model at each task, and Benjamini and Hochberg's procedure (JRSS B 57, 1995) over all of them: where a hundred
cells are looked at, five would else be marked by chance every day.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from data.learning.routing.statistics import EPOCH, HALF_LIFE, SCALE, epoch_of
from data.values.routing import Level, Tallies, Tally
from data.values.tasks import Task

FALSE_MARKS = 0.05
"""Share of the marks that may be chance."""

SEEN_AT_LEAST = 12.0
"""Effective observations on either side; with fewer the normal approximation marks too much."""

_GROWTH = 2.0 ** (EPOCH / HALF_LIFE)  # what the latest event of a period weighs against its first


def drifts(tallies: Tallies, now: datetime) -> dict[tuple[str, Task], float]:
    """By model and task, where it drifted: recent quality minus that of all, in points of quality (-1 to 1).

    Args:
        tallies: statistics; only everybody's count.
        now: what is recent is recent by then.
    """
    current = epoch_of(now)
    sides: dict[tuple[str, Task], tuple[list[Tally], list[Tally]]] = defaultdict(lambda: ([], []))
    for key, tally in tallies.items():
        if key.level is Level.ALL and key.epoch <= current:
            late, early = sides[key.model_id, key.task]
            (late if key.epoch >= current - 1 else early).append(tally)
    samples = {cell: (_sample(late), _sample(early)) for cell, (late, early) in sides.items()}
    enough = {cell: both for cell, both in samples.items() if min(side.n for side in both) >= SEEN_AT_LEAST}
    marked = _discoveries({cell: _chance(*both) for cell, both in enough.items()})
    return {cell: _against_all(*enough[cell]) for cell in sorted(marked)}


@dataclass(frozen=True, slots=True)
class _Sample:
    """Of one side: the effective number of observations, their mean and that of their squares."""

    n: float
    mean: float
    square: float


def _sample(tallies: list[Tally]) -> _Sample:
    """All as they counted when they happened: it is the sides that are compared, nothing decays within one."""
    weight = sum(tally.weight for tally in tallies) / SCALE
    if weight <= 0:
        return _Sample(0.0, 0.0, 0.0)
    mean = sum(tally.quality for tally in tallies) / SCALE / weight
    return _Sample(weight / _GROWTH, mean, sum(tally.square for tally in tallies) / SCALE / weight)


def _chance(late: _Sample, early: _Sample) -> float:
    """How likely so large a difference is where there is none, on both sides."""
    (one, one_error), (other, other_error) = _tempered(late), _tempered(early)
    return math.erfc(abs(one - other) / math.sqrt(one_error + other_error) / math.sqrt(2))


def _tempered(side: _Sample) -> tuple[float, float]:
    """Mean and its variance, with a good and a bad one added: a row of good ones is no certainty.

    Agresti and Caffo, The American Statistician 54 (2000).
    """
    n = side.n + 2
    mean, square = (side.n * side.mean + 1) / n, (side.n * side.square + 1) / n
    return mean, (square - mean * mean) / n


def _discoveries(chances: dict[tuple[str, Task], float]) -> list[tuple[str, Task]]:
    ordered = sorted(chances, key=lambda cell: chances[cell])
    kept = 0
    for rank, cell in enumerate(ordered, 1):
        if chances[cell] <= FALSE_MARKS * rank / len(ordered):
            kept = rank
    return ordered[:kept]


def _against_all(late: _Sample, early: _Sample) -> float:
    everything = (late.n * late.mean + early.n * early.mean) / (late.n + early.n)
    return late.mean - everything
