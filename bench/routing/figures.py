"""Shares of gaps with intervals over paired seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bench.routing.table import Floats, Ints

MARKS = (100, 300, 1000, 3000)


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and half of its 95 % interval (Student's t over seeds)."""

    value: float
    half: float

    @property
    def low(self) -> float:
        return self.value - self.half

    @property
    def high(self) -> float:
        return self.value + self.half

    def __str__(self) -> str:
        return f"{self.value:6.1%} ±{self.half:5.1%}"


@dataclass(frozen=True, slots=True)
class Rounds:
    """What could be had in each round of each seed, (seeds, rounds): by chance, and in hindsight by the best model
    of the task and by the best of the prompt.
    """

    chance: Floats
    per_task: Floats
    oracle: Floats


def hindsight(tasks: Ints, rewards: Floats) -> tuple[Floats, Floats]:
    """Mean reward of each model at each task, (tasks, models), and of each at all of them, (models,); NaN: none."""
    known = np.isfinite(rewards)
    filled = np.where(known, rewards, 0)
    sums = np.zeros((int(tasks.max()) + 1, rewards.shape[1]))
    counts = np.zeros_like(sums)
    np.add.at(sums, tasks, filled)
    np.add.at(counts, tasks, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / counts, filled.sum(axis=0) / known.sum(axis=0)


def best_of(values: Floats, rewards: Floats) -> Ints:
    """The model, in each row, that stands highest in `values` (rows, models) of those that can answer."""
    can = np.isfinite(rewards) & np.isfinite(values)
    return np.asarray(np.argmax(np.where(can, values, -np.inf), axis=1), dtype=np.int64)


def taken(values: Floats, arms: Ints) -> Floats:
    """The value of the arm that was taken in each row."""
    return np.asarray(values[np.arange(len(arms)), arms], dtype=np.float64)


def rounds_of(tasks: Ints, rewards: Floats) -> tuple[Floats, Floats, Floats]:
    """By chance, by the best of each task and by an oracle, a value a row."""
    of_task, _ = hindsight(tasks, rewards)
    best = taken(rewards, best_of(of_task[tasks], rewards))
    return np.nanmean(rewards, axis=1), best, np.nanmax(rewards, axis=1)


def marks(rounds: int) -> list[int]:
    return [*(mark for mark in MARKS if mark < rounds), rounds]


def share(gained: Floats, there: Floats) -> Figure:
    """Sum of what was gained over the sum of what was there to gain, each a value a seed.

    A ratio of means, its interval by linearisation: shares of single seeds are too wild where little was there.
    """
    ratio = float(gained.sum() / there.sum())
    return Figure(ratio, mean_of((gained - ratio * there) / there.mean()).half)


def mean_of(values: Floats) -> Figure:
    count = len(values)
    half = float(stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / np.sqrt(count)) if count > 1 else float("inf")
    return Figure(float(values.mean()), half)


def shares(got: Floats, base: Floats, top: Floats, until: Sequence[int], since: int = 0) -> list[Figure]:
    """The share of the gap from `base` to `top` that was closed in the rounds up to each mark; all (seeds, rounds)."""
    return [share((got - base)[:, since:mark].sum(axis=1), (top - base)[:, since:mark].sum(axis=1)) for mark in until]


def difference(mine: Floats, other: Floats, rounds: Rounds, until: int) -> Figure:
    """How much more of the gap to the best per task is closed, paired by seed; in points of that gap."""
    gap = (rounds.per_task - rounds.chance)[:, :until].sum(axis=1).mean()
    return mean_of((mine - other)[:, :until].sum(axis=1) / gap)
