"""How tasks and prompts hang together, found on a table of outcomes that is used for nothing else.

Which tasks are alike, and how hard each is for all models together, says nothing of which model is good: it says how
far what a model shows at one task carries over to another, and whether what it shows is much or little there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_KEPT = 0.95
"""Of the likeness as found; the rest is the same for all tasks, so that nothing is taken for certain."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """Settings for `RoutingBandit`, by the names of its parameters."""

    likeness: Any
    noise: float
    prior_noise: float
    task_levels: Any
    level_precision: Any


def tuned(tasks: Any, rewards: Any, n_tasks: int) -> Tuned:
    """Of prompts whose outcome is known for all arms.

    Args:
        tasks: of each prompt, as a number, (prompts,).
        rewards: of each arm, (prompts, arms).
        n_tasks: how many tasks there are; those without prompts are like the average one.
    """
    arms = rewards.shape[1]
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    counts = np.bincount(tasks, minlength=n_tasks)
    effects, within, paired = np.zeros((n_tasks, arms)), np.zeros(n_tasks), np.zeros(n_tasks)
    for task in np.flatnonzero(counts):
        chosen = tasks == task
        effects[task] = centred[chosen].mean(axis=0)
        within[task], paired[task] = rewards[chosen].var(axis=0).mean(), centred[chosen].var(axis=0).mean()
    several = counts > 1
    noise = max(float(np.average(within[several], weights=counts[several])), 1e-6) if several.any() else 0.2
    common = float(np.average(paired[several], weights=counts[several])) if several.any() else noise
    pooled = (counts * paired + 5 * common) / (counts + 5)  # a handful of prompts say little of their own variance
    mean, precision = _levels(tasks, rewards.mean(axis=1), counts)
    raw = effects @ effects.T / max(arms - 1, 1) - np.diag(pooled / np.maximum(counts, 1))
    paired_noise = max(common / noise * arms / max(arms - 1, 1), 0.02)
    return Tuned(_tempered(raw, several, noise), noise, paired_noise, mean, precision)


def _levels(tasks: Any, rewards: Any, counts: Any) -> tuple[Any, Any]:
    """How high the rewards of each task lie for the models as a whole, and how sure that is, (tasks,) each."""
    sums = np.bincount(tasks, rewards, len(counts))
    known = counts > 0
    mean = np.where(known, sums / np.maximum(counts, 1), rewards.mean() if len(rewards) else 0.0)
    spread = float(np.var(rewards - mean[tasks])) if len(rewards) else 0.0
    return mean, np.where(known, counts / max(spread, 1e-3), 1e-3)


def _tempered(raw: Any, known: Any, noise: float) -> Any:
    """A covariance: positive, never certain, and of the average kind for tasks of which nothing is known."""
    tasks = len(raw)
    raw = np.where(known[:, None] & known[None, :], raw, 0.0)
    values, vectors = np.linalg.eigh(raw)
    found = (vectors * np.clip(values, 0.0, None)) @ vectors.T
    usual = max(float(np.trace(found)) / max(int(known.sum()), 1), 0.002 * noise)
    flat = usual * (np.ones((tasks, tasks)) + np.eye(tasks)) / 2
    mixed = _KEPT * found + (1 - _KEPT) * flat + 0.05 * np.diag(np.diag(found))
    return mixed + _KEPT * np.where(~known[:, None] & ~known[None, :], flat, 0.0)
