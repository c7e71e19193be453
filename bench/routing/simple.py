"""The ways that are written down in textbooks: each starts from the same few rows as everything else.

Where they count by task, an arm's pseudo-observations at its mean over all prior rows are added (`shrink`, how many, is
tuned on the quarter): without them a few rows of a task would say more than they know.
"""

from __future__ import annotations

import numpy as np

from bench.routing.replay import Prior
from bench.routing.table import Floats, Ints


class Random:
    """Any model that can answer."""

    def __init__(self, prior: Prior, rng: np.random.Generator) -> None:
        self._rng = rng

    def choose(self, task: int, allowed: Ints) -> int:
        return int(self._rng.choice(allowed))

    def learn(self, task: int, arm: int, reward: float) -> None:
        """Nothing."""


class Ranked:
    """The first that can answer of a fixed order of each task: best in hindsight, or a static prior."""

    def __init__(self, values: Floats) -> None:
        self._values = values

    def choose(self, task: int, allowed: Ints) -> int:
        return int(allowed[np.argmax(self._values[task, allowed])])

    def learn(self, task: int, arm: int, reward: float) -> None:
        """Nothing."""


class Counts:
    """Mean rewards by task and arm, or by arm alone (`by_task=False`), that grow from the prior's."""

    def __init__(self, prior: Prior, rng: np.random.Generator, shrink: float = 5, by_task: bool = True) -> None:
        self._rng = rng
        self._by_task = by_task
        tasks, arms, rewards = prior.observations()
        rows = prior.task_count if by_task else 1
        of_arm = (np.bincount(arms, rewards, prior.arms) + shrink * prior.level()) / (
            np.bincount(arms, minlength=prior.arms) + shrink
        )
        self.n = np.full((rows, prior.arms), float(shrink))
        self.total = np.tile(of_arm * shrink, (rows, 1))
        np.add.at(self.n, (tasks * by_task, arms), 1)
        np.add.at(self.total, (tasks * by_task, arms), rewards)

    def row(self, task: int) -> int:
        return task if self._by_task else 0

    def means(self) -> Floats:
        return np.asarray(self.total / self.n)

    def learn(self, task: int, arm: int, reward: float) -> None:
        self.n[self.row(task), arm] += 1
        self.total[self.row(task), arm] += reward

    def _best(self, values: Floats, allowed: Ints) -> int:
        return int(allowed[np.argmax(values[allowed])])


class EpsilonGreedy(Counts):
    """The best so far, else any, with a fixed probability or one that falls as `epsilon / sqrt(plays of the task)`."""

    def __init__(
        self,
        prior: Prior,
        rng: np.random.Generator,
        shrink: float = 5,
        by_task: bool = True,
        *,
        epsilon: float = 0.05,
        falls: bool = False,
    ) -> None:
        super().__init__(prior, rng, shrink, by_task)
        self._epsilon, self._falls = epsilon, falls

    def choose(self, task: int, allowed: Ints) -> int:
        row = self.row(task)
        epsilon = self._epsilon / np.sqrt(self.n[row].sum()) if self._falls else self._epsilon
        if self._rng.random() < epsilon:
            return int(self._rng.choice(allowed))
        return self._best(self.total[row] / self.n[row], allowed)


class Ucb1(Counts):
    """UCB1 (Auer et al. 2002), its width tuned."""

    def __init__(
        self, prior: Prior, rng: np.random.Generator, shrink: float = 5, by_task: bool = True, width: float = 0.2
    ) -> None:
        super().__init__(prior, rng, shrink, by_task)
        self._width = width

    def choose(self, task: int, allowed: Ints) -> int:
        row = self.row(task)
        n = self.n[row]
        bound = self.total[row] / n + self._width * np.sqrt(2 * np.log(n.sum()) / n)
        return self._best(bound, allowed)


class BetaThompson(Counts):
    """Thompson sampling with a Beta for each task and arm; a reward counts as that much success, `sharpness` times."""

    def __init__(
        self, prior: Prior, rng: np.random.Generator, shrink: float = 5, by_task: bool = True, sharpness: float = 1
    ) -> None:
        super().__init__(prior, rng, shrink, by_task)
        self._sharpness = sharpness

    def choose(self, task: int, allowed: Ints) -> int:
        row = self.row(task)
        good = np.maximum(self.total[row] * self._sharpness, 1e-3)
        bad = np.maximum((self.n[row] - self.total[row]) * self._sharpness, 1e-3)
        return self._best(self._rng.beta(good, bad), allowed)


class LinUcb:
    """LinUCB with disjoint models (Li et al. 2010), rewards centred; for features see `Prior.features`."""

    def __init__(
        self, prior: Prior, rng: np.random.Generator, alpha: float = 0.2, alike: bool = False, times: int = 1
    ) -> None:
        self._alpha = alpha
        self._centre = prior.levels()
        self._features = prior.features(alike)
        size = self._features.shape[1]
        self._inverse = np.tile(np.eye(size), (prior.arms, 1, 1))
        self._sum = np.zeros((prior.arms, size))
        self._theta = np.zeros((prior.arms, size))
        for task, arm, reward in zip(*prior.observations(times), strict=True):
            self.learn(int(task), int(arm), float(reward))

    def choose(self, task: int, allowed: Ints) -> int:
        features = self._features[task]
        spread = np.maximum((self._inverse @ features) @ features, 0)
        values = self._theta @ features + self._alpha * np.sqrt(spread)
        return int(allowed[np.argmax(values[allowed])])

    def learn(self, task: int, arm: int, reward: float) -> None:
        features, inverse = self._features[task], self._inverse[arm]
        along = inverse @ features
        inverse -= np.outer(along, along) / (1 + along @ features)
        self._sum[arm] += (reward - self._centre[task]) * features
        self._theta[arm] = inverse @ self._sum[arm]
