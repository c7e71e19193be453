"""The policy as an estimator, for replays and for whoever wants to try it on a table of outcomes.

The same means, intervals and draws as those that choose in the app (`shrinkage`, `propensity`), over arrays in place
of stored statistics.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from data.learning.routing.propensity import Drawn, Manner, draw, propensities
from data.learning.routing.shrinkage import centred, informed, uninformed
from data.learning.routing.views import View, mixed

VERSION = 1
"""Of what `dumps` writes."""

_GRID = 2.0**20

_SLACK = 0.15  # standard deviations of one reward that an arm may be off for long without having changed
_KEPT = 0.15  # of what was seen of an arm, and of its prior, once it has changed
_STATE = ("sums_", "trust_", "surprise_")


class RoutingBandit(BaseEstimator):  # type: ignore[misc]
    """Learns which arm earns most at which task.

    Contexts are probabilities of tasks, (n, tasks). Rewards may be of any sign and size.

    Args:
        n_arms: how many there are.
        prior: rewards expected before anything is seen, (arms, tasks), of which only the differences between arms
            count; None: nothing is. What is seen may tell that it says nothing: see `shrinkage.borne_out`.
        prior_counts: how many observations each is worth, (arms, tasks) or one number for all; 0: not known.
        prior_cap: the most that a prior counts for in a cell.
        prior_noise: variance of one of those around its task's level, in units of `noise`. Below 1 where the same
            prompts were given to all arms: how hard they were is the same for all.
        likeness: covariance of an arm's effects between tasks, (tasks, tasks); see `tuning`. None: of `common`, the
            variance that all tasks share, and `own`, that of each, both in units of `noise`.
        task_levels: what all arms together earn at each task, (tasks,), where that is known, with the precision
            `level_precision`, (tasks,): what one arm showed is then much or little before others were tried.
        noise: variance of one observation around what the arm earns at its task.
        spread, floor, new_share: see `Manner`.
        new_below: with fewer observations at all tasks, the prior's included, an arm is new; 0: none is, as all are
            where a replay begins.
        decay: what is known of an arm at a task, once it was taken there once more; 1: all counts the same for ever,
            and, with `watch` off, any order learns the same. What is forgotten gives way to the prior.
        watch: how far an arm's rewards may add up to be off what was expected of them, in standard deviations of one,
            before it counts as another than it was: then most of what is known of it is forgotten, the prior too.
            0: nobody watches.
    """

    def __init__(
        self,
        *,
        n_arms: int = 2,
        prior: Any = None,
        prior_counts: Any = 6.0,
        prior_cap: float = 50.0,
        prior_noise: float = 1.0,
        likeness: Any = None,
        common: float = 0.05,
        own: float = 0.1,
        task_levels: Any = None,
        level_precision: Any = 1e-3,
        noise: float = 0.2,
        spread: float = 0.3,
        floor: float = 0.001,
        new_share: float = 0.1,
        new_below: float = 0.0,
        decay: float = 1.0,
        watch: float = 22.0,
    ) -> None:
        self.n_arms = n_arms
        self.prior = prior
        self.prior_counts = prior_counts
        self.prior_cap = prior_cap
        self.prior_noise = prior_noise
        self.likeness = likeness
        self.common = common
        self.own = own
        self.task_levels = task_levels
        self.level_precision = level_precision
        self.noise = noise
        self.spread = spread
        self.floor = floor
        self.new_share = new_share
        self.new_below = new_below
        self.decay = decay
        self.watch = watch

    def partial_fit(self, X: Any, y: Any, *, arms: Any, sample_weight: Any = None) -> RoutingBandit:  # noqa: N803
        """Learn from rewards `y` (n,) of the arms (n,) that were taken in contexts `X` (n, tasks)."""
        contexts = np.atleast_2d(np.asarray(X, dtype=float))
        weights = np.ones(len(contexts)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        self._begin(contexts.shape[1])
        rewards = np.asarray(y, dtype=float)
        taken = np.asarray(arms)
        # What is expected is read before the rewards: one by one where somebody watches, else all at once.
        parts = np.arange(len(contexts))[:, None] if self.watch else [np.arange(len(contexts))]
        for part in parts:
            for shares, reward, arm, weight in zip(
                contexts[part], rewards[part], taken[part], weights[part], strict=True
            ):
                self._learn(shares, float(reward), int(arm), float(weight))
            self._look(np.unique(taken[part]))
        return self

    def _learn(self, shares: Any, reward: float, arm: int, weight: float) -> None:
        """One reward, and what is forgotten for it."""
        if self.watch:
            self._compare(shares, reward, arm)
        if self.decay < 1:
            self.sums_[:, arm] *= 1.0 - (1.0 - self.decay) * shares * min(weight, 1.0)
        counts = weight * shares
        self.sums_[:, arm] += np.rint(np.stack([counts, counts * reward]) * _GRID) / _GRID

    def _compare(self, shares: Any, reward: float, arm: int) -> None:
        """A reward with what was expected: cumulative sums to either side (Page, Biometrika 41, 1954)."""
        variance = self.noise + float(self.variances_[arm] @ shares**2)
        off = (reward - float((self.means_[arm] + self.levels_) @ shares)) / np.sqrt(variance)
        self.surprise_[:, arm] = np.maximum(self.surprise_[:, arm] + np.array([off, -off]) - _SLACK, 0.0)
        if self.surprise_[:, arm].max() > self.watch:
            self.surprise_[:, arm] = 0.0
            self.sums_[:, arm] *= _KEPT
            self.trust_[arm] *= _KEPT
            self._expect(np.array([arm]))

    def predict(self, X: Any) -> Any:  # noqa: N803
        """Expected rewards, (n, arms)."""
        contexts = np.atleast_2d(np.asarray(X, dtype=float))
        self._begin(contexts.shape[1])
        return contexts @ (self.means_ + self.levels_).T

    def choose(self, shares: Any, rng: np.random.Generator, allowed: Any = None) -> Drawn:
        """An arm for one context, (tasks,); of those in `allowed` (indices) only, where that is given."""
        means, deviations, is_new = self._beliefs(shares)
        if allowed is None:
            return draw(means, deviations, is_new, rng, manner=self._manner())
        drawn = draw(means[allowed], deviations[allowed], is_new[allowed], rng, manner=self._manner())
        return Drawn(int(allowed[drawn.place]), drawn.explored)

    def propensities(self, shares: Any, rng: np.random.Generator, draws: int = 2000) -> Any:
        """How likely `choose` is to take each arm, (arms,)."""
        return propensities(*self._beliefs(shares), rng, manner=self._manner(), draws=draws)

    def dumps(self) -> str:
        """Parameters and what was learned, as JSON; `loads` makes an estimator that goes on exactly as this one."""
        params = {name: _plain(value) for name, value in self.get_params().items()}
        kept = {name: getattr(self, name).tolist() for name in _STATE} if hasattr(self, "sums_") else None
        return json.dumps({"version": VERSION, "params": params, "state": kept}, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> RoutingBandit:
        """Of what `dumps` wrote.

        Raises:
            ValueError: it is of another version.
        """
        kept = json.loads(text)
        if kept.get("version") != VERSION:
            raise ValueError(f"The learned state is of version {kept.get('version')}, this release reads {VERSION}.")
        made = cls(**kept["params"])
        if kept["state"] is not None:
            state = {name: np.array(kept["state"][name]) for name in _STATE}
            made._begin(state["sums_"].shape[2])
            for name, value in state.items():
                setattr(made, name, value)
            made._expect(np.arange(made.n_arms))
            made._look(np.arange(made.n_arms))
        return made

    def _manner(self) -> Manner:
        return Manner(self.floor, self.new_share, self.spread)

    def _beliefs(self, shares: Any) -> tuple[Any, Any, Any]:
        shares = np.asarray(shares, dtype=float)
        self._begin(len(shares))
        return self.means_ @ shares, np.sqrt(self.variances_ @ shares**2), self.is_new_

    def _begin(self, tasks: int) -> None:
        """Once the number of tasks is known: what the prior says, and nothing seen."""
        if hasattr(self, "sums_"):
            return
        shape = (self.n_arms, tasks)
        self.sums_ = np.zeros((2, *shape))  # observations, and their rewards
        likeness = np.asarray(self.likeness) if self.likeness is not None else self._usual(tasks)
        pseudo = np.zeros(shape)
        if self.prior is not None:
            pseudo = np.minimum(np.broadcast_to(self.prior_counts, shape), self.prior_cap)
        prior = np.nan_to_num(np.asarray(self.prior, dtype=float)) if self.prior is not None else pseudo
        self.known_before_ = pseudo.sum(axis=1)
        self.prior_ = centred(prior, pseudo), pseudo, likeness
        self.trust_ = np.ones(self.n_arms)  # in the prior, of each arm
        self.surprise_ = np.zeros((2, self.n_arms))  # above and below what was expected
        everyone = np.arange(self.n_arms)
        self.views_ = [View.of(*shape)]
        if pseudo.any():
            self.views_.append(View.of(*shape))
            self.views_[1].expect(everyone, uninformed(self.n_arms, likeness))
        self._expect(everyone)
        self._look(everyone)

    def _expect(self, arms: Any) -> None:
        """What the prior says of some arms, as far as it is trusted."""
        effects, pseudo, likeness = self.prior_
        counts = pseudo[arms] * self.trust_[arms, None]
        self.views_[0].expect(arms, informed(effects[arms], counts, likeness, self.noise * self.prior_noise))

    def _usual(self, tasks: int) -> Any:
        return self.noise * (self.common * np.ones((tasks, tasks)) + self.own * np.eye(tasks))

    def _look(self, arms: Any) -> None:
        """Again at what some arms showed, and what it means for all."""
        counts, sums = self.sums_[:, arms]
        means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
        known = np.zeros(counts.shape[1]) if self.task_levels is None else np.asarray(self.task_levels)
        precision = np.broadcast_to(self.level_precision, known.shape)
        for view in self.views_:
            view.look(arms, counts, means, self.noise, known=known, precision=precision)
        self.means_, self.variances_, self.levels_ = mixed(self.views_)
        self.is_new_ = self.known_before_ + self.sums_[0].sum(axis=1) < self.new_below


def _plain(value: Any) -> Any:
    """An array as lists; NaN, which JSON has not, does not occur in parameters that matter."""
    return value.tolist() if isinstance(value, np.ndarray) else value
