"""What all runs on one table share: which quarter is never replayed, rewards, and who gets which rows first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.routing.replay import Prior
from bench.routing.table import Floats, Ints, Table
from data.learning.routing.reward import share
from data.learning.routing.tuning import Tuned, tuned

PRIOR_SHARE = 0.005
_SPLIT = 20261129


@dataclass(frozen=True, slots=True)
class World:
    """A table, ready to be replayed.

    Args:
        rewards: (prompts, models) in [0, 1], NaN: that model can't answer.
        costs: of each, as a share of a usual answer's; None: there are none.
        held: the quarter for priors and settings; `replayed`: the others.
        quarter: which of its tasks are alike, and how noisy rewards are.
    """

    table: Table
    rewards: Floats
    costs: Floats | None
    held: Ints
    replayed: Ints
    quarter: Tuned

    @property
    def prior_rows(self) -> int:
        return min(int(len(self.rewards) * PRIOR_SHARE), len(self.held) // 2)

    def prior(self, seed: int) -> tuple[Prior, Ints]:
        """At most 0.5 % of the prompts, drawn from the quarter: one of each task first, as far as that goes.

        The second are the rows themselves.
        """
        rng = np.random.default_rng((seed, 1))
        drawn = rng.permutation(self.held)
        tasks = self.table.tasks[drawn]
        first = np.zeros(len(drawn), dtype=bool)
        first[np.unique(tasks, return_index=True)[1]] = True
        rows = np.concatenate([drawn[first], drawn[~first]])[: self.prior_rows]
        return Prior(self.table.tasks[rows], self.rewards[rows], self.quarter), rows


def world(table: Table, cost_weight: float) -> World:
    order = np.random.default_rng(_SPLIT).permutation(len(table.scores))
    held, replayed = order[: len(order) // 4], order[len(order) // 4 :]
    rewards, costs = table.scores, None
    if table.costs is not None:
        costs = _shares(table.costs, held)
        rewards = table.scores - cost_weight * costs
        # One line for all, so that rewards lie in [0, 1] for those who need that; shares of gaps don't change.
        low, high = float(np.nanmin(rewards)), float(np.nanmax(rewards))
        rewards = (rewards - low) / (high - low)
    whole = held[np.isfinite(rewards[held]).all(axis=1)]  # of the others it can't be told what was hard
    quarter = tuned(table.tasks[whole], rewards[whole], len(table.task_names))
    return World(table, rewards, costs, held, replayed, quarter)


def _shares(costs: Floats, held: Ints) -> Floats:
    """What each costs as a share of a usual answer's, the median of the quarter, as choosing does it.

    Where a cost is not known it is that model's mean, else the usual one.
    """
    usual = float(np.nanmedian(costs[held])) or float(np.nanmean(costs[held])) or 1.0
    known = np.isfinite(costs)
    sums, counts = np.where(known, costs, 0).sum(axis=0), known.sum(axis=0)
    of_model = np.where(counts > 0, sums / np.maximum(counts, 1), usual)
    return np.asarray(share(np.where(known, costs, of_model), usual), dtype=np.float64)
