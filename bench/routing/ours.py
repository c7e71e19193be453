"""Gearbox's policy in replay: the estimator of `data.learning.routing`, with the prior's rows as its prior.

No model is new here: all of them are there from the first round on (`new_below=0`), so none has a capped share.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.routing.replay import Prior
from bench.routing.table import Ints
from data.learning.routing.estimator import RoutingBandit


class Gearbox:
    """`settings` are the estimator's; how tasks hang together comes from the quarter, where `alike` says so."""

    def __init__(self, prior: Prior, rng: np.random.Generator, alike: bool = True, **settings: Any) -> None:
        self._rng = rng
        self._tasks = np.eye(prior.task_count)
        tasks, arms, rewards = prior.observations()
        counts = np.zeros((prior.arms, prior.task_count))
        sums = np.zeros_like(counts)
        np.add.at(counts, (arms, tasks), 1)
        np.add.at(sums, (arms, tasks), rewards)
        self._bandit = RoutingBandit(
            n_arms=prior.arms,
            prior=sums / np.maximum(counts, 1),
            prior_counts=counts,
            noise=prior.quarter.noise,
            prior_noise=prior.quarter.prior_noise,
            likeness=prior.quarter.likeness if alike else None,
            task_levels=prior.quarter.task_levels,
            level_precision=prior.quarter.level_precision,
            **settings,
        )

    def choose(self, task: int, allowed: Ints) -> int:
        return self._bandit.choose(self._tasks[task], self._rng, allowed=allowed).place

    def learn(self, task: int, arm: int, reward: float) -> None:
        self._bandit.partial_fit(self._tasks[task : task + 1], [reward], arms=[arm])
