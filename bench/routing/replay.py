"""Replay: prompts come once each, a policy chooses a model, and is told what that model's answer was worth."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bench.routing.table import Floats, Ints
from data.learning.routing.tuning import Tuned


class Policy(Protocol):
    """What chooses. `allowed` are the indices of the models that can answer, rising; rewards lie in [0, 1]."""

    def choose(self, task: int, allowed: Ints) -> int: ...

    def learn(self, task: int, arm: int, reward: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known before the first round.

    Args:
        tasks, rewards: of a few prompts of the quarter, (prompts, models) in [0, 1], NaN: not known.
        quarter: found on the quarter, features of its tasks: how alike they order models, and how noisy rewards are;
            it says nothing of which model is good.
    """

    tasks: Ints
    rewards: Floats
    quarter: Tuned

    @property
    def task_count(self) -> int:
        return len(self.quarter.likeness)

    @property
    def arms(self) -> int:
        return int(self.rewards.shape[1])

    def level(self) -> float:
        """Mean reward of everything; a half where nothing is known."""
        return float(np.nanmean(self.rewards)) if np.isfinite(self.rewards).any() else 0.5

    def levels(self) -> Floats:
        """Mean reward of all models at each task, (tasks,), as the quarter has it: what linear ways centre by."""
        return np.asarray(self.quarter.task_levels, dtype=np.float64)

    def observations(self, times: int = 1) -> tuple[Ints, Ints, Floats]:
        """Task, arm and reward of each one, that many times.

        All models answered the same prompts: that says more of their order than rewards of different prompts do.
        """
        rows, arms = (np.repeat(each, times) for each in np.nonzero(np.isfinite(self.rewards)))
        return self.tasks[rows], arms.astype(np.int64), self.rewards[rows, arms]

    def features(self, alike: bool) -> Floats:
        """Of each task, (tasks, features): which it is, a one, and if wanted the likeness to the others.

        A ridge regression over the last is the Gaussian process with that covariance.
        """
        count = self.task_count
        plain = np.hstack([np.eye(count), np.ones((count, 1))])
        return np.hstack([plain, np.linalg.cholesky(self.quarter.likeness / self.quarter.noise)]) if alike else plain


Maker = Callable[[Prior, np.random.Generator], Policy]


@dataclass(frozen=True, slots=True)
class Told:
    """What of its choices a policy is told: a share, so many rounds later, as thumbs (0 or 1) or as they are."""

    share: float = 1.0
    delay: int = 0
    thumbs: bool = False


EVERYTHING = Told()


def replay(policy: Policy, tasks: Ints, rewards: Floats, rng: np.random.Generator, told: Told = EVERYTHING) -> Ints:
    """The arm that was chosen in each round.

    Args:
        tasks, rewards: in the order of the rounds; rewards (rounds, arms), NaN: that arm can't answer.
        rng: decides which choices are told and how thumbs fall, a thumb up being as likely as the reward is high.
    """
    can: NDArray[np.bool_] = np.isfinite(rewards)
    everyone = np.arange(rewards.shape[1])
    whole: list[bool] = np.all(can, axis=1).tolist()
    tells = rng.random(len(tasks)) < told.share
    luck = rng.random(len(tasks))
    waiting: deque[tuple[int, int, int, float]] = deque()
    chosen = np.empty(len(tasks), dtype=np.int64)
    for index, task in enumerate(tasks.tolist()):
        while waiting and waiting[0][0] <= index:
            policy.learn(*waiting.popleft()[1:])
        arm = policy.choose(task, everyone if whole[index] else np.flatnonzero(can[index]))
        chosen[index] = arm
        reward = float(rewards[index, arm])
        if tells[index]:
            seen = float(luck[index] < reward) if told.thumbs else reward
            waiting.append((index + 1 + told.delay, task, arm, seen))
    return chosen
