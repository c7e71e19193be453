"""The libraries that are compared: mabwiser and Vowpal Wabbit, with the same rows and features as everything else.

For features see `Prior.features`. mabwiser takes 2 ms for each update, nearly all of it to get going: it is
fitted whenever what it knows has grown by a hundredth (each round at first), and asked for the values of many contexts
at once. Beyond that it plays by its own rules. Vowpal Wabbit learns every round.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from bench.routing.replay import Prior
from bench.routing.table import Floats, Ints

GROWTH = 100


class Mabwiser:
    """LinTS and LinUCB of mabwiser: a ridge regression for each arm; rewards centred."""

    def __init__(
        self,
        prior: Prior,
        rng: np.random.Generator,
        kind: Literal["ts", "ucb"] = "ts",
        alpha: float = 0.2,
        alike: bool = False,
        *,
        times: int = 1,
    ) -> None:
        from mabwiser.mab import MAB, LearningPolicy

        way = LearningPolicy.LinTS if kind == "ts" else LearningPolicy.LinUCB
        arms = list(range(prior.arms))
        self._mab = MAB(arms, way(alpha=alpha, l2_lambda=1), seed=int(rng.integers(2**31)))
        self._samples = kind == "ts"
        self._contexts = prior.features(alike)
        self._centre = prior.levels()
        tasks, chosen, rewards = prior.observations(times)
        self._known = len(tasks)
        self._came = np.bincount(tasks, minlength=prior.task_count)
        self._news: list[tuple[int, int, float]] = []
        # Contexts of nothing but noughts change nothing; without prior rows there would be nothing to fit.
        self._mab.fit(
            np.concatenate([np.array(arms), chosen]),
            np.concatenate([np.zeros(prior.arms), rewards - self._centre[tasks]]),
            np.vstack([np.zeros((prior.arms, self._contexts.shape[1])), self._contexts[tasks]]),
        )
        self._values: list[Floats] = []
        self._used = [0] * prior.task_count
        self._ask()

    def choose(self, task: int, allowed: Ints) -> int:
        if self._used[task] >= len(self._values[task]):
            self._ask()
        values = self._values[task][self._used[task]]
        self._used[task] += self._samples
        return int(allowed[np.argmax(values[allowed])])

    def learn(self, task: int, arm: int, reward: float) -> None:
        self._news.append((task, arm, reward - self._centre[task]))
        self._came[task] += 1
        if len(self._news) * GROWTH < self._known:
            return
        tasks, arms, rewards = zip(*self._news, strict=True)
        self._mab.partial_fit(np.array(arms), np.array(rewards), self._contexts[list(tasks)])
        self._known += len(self._news)
        self._news.clear()
        self._ask()

    def _ask(self) -> None:
        """Values of all tasks; of Thompson sampling about as many draws of each as are needed until the next fit."""
        ahead = 1.5 * self._known / GROWTH * self._came / max(1, self._came.sum())
        draws = 1 + np.ceil(ahead).astype(np.int64) * self._samples
        said = self._mab.predict_expectations(np.repeat(self._contexts, draws, axis=0))
        rows = np.array(
            [[each[arm] for arm in range(len(each))] for each in (said if isinstance(said, list) else [said])]
        )
        self._values = np.split(rows, np.cumsum(draws)[:-1])
        self._used = [0] * len(draws)


class VowpalWabbit:
    """Vowpal Wabbit's contextual bandit with features of actions; by default SquareCB (Foster and Rakhlin 2020)."""

    def __init__(
        self,
        prior: Prior,
        rng: np.random.Generator,
        explore: str = "--squarecb --gamma_scale 100",
        rate: float = 0.5,
        alike: bool = False,
        *,
        times: int = 1,
    ) -> None:
        import vowpalwabbit

        self._rng = rng
        # Tasks by actions, actions alone: what the linear ones above have too.
        self._worker: Any = vowpalwabbit.Workspace(
            f"--cb_explore_adf {explore} --cb_type mtr -q TA --learning_rate {rate} "
            f"--random_seed {int(rng.integers(2**31))} --quiet"
        )
        self._shared = [
            "shared |T " + " ".join(f"f{place}:{value:.5g}" for place, value in enumerate(row) if value)
            for row in prior.features(alike)
        ]
        self._levels = prior.levels()
        self._actions = [f"|A a{arm}" for arm in range(prior.arms)]
        self._odds: dict[tuple[int, int], list[tuple[Ints, float]]] = {}
        everyone = np.arange(prior.arms)
        for row, task in enumerate(prior.tasks.tolist() * times):
            for arm in np.flatnonzero(np.isfinite(prior.rewards[row % len(prior.tasks)])).tolist():
                self._teach(task, arm, float(prior.rewards[row % len(prior.tasks), arm]), everyone, 1 / prior.arms)

    def choose(self, task: int, allowed: Ints) -> int:
        said = self._worker.predict([self._shared[task], *(self._actions[arm] for arm in allowed.tolist())])
        odds = np.maximum(np.array(said), 0)
        place = int(self._rng.choice(len(allowed), p=odds / odds.sum()))
        arm = int(allowed[place])
        self._odds.setdefault((task, arm), []).append((allowed, float(odds[place])))
        return arm

    def learn(self, task: int, arm: int, reward: float) -> None:
        """Of what was told of, the oldest choice of that arm for that task."""
        allowed, odds = self._odds[task, arm].pop(0)
        self._teach(task, arm, reward, allowed, odds)

    def _teach(self, task: int, arm: int, reward: float, allowed: Ints, odds: float) -> None:
        label = f"0:{self._levels[task] - reward:.6f}:{max(odds, 1e-4):.6f} "
        lines = [(label if each == arm else "") + self._actions[each] for each in allowed.tolist()]
        self._worker.learn([self._shared[task], *lines])
