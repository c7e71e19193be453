"""All that is compared, and the settings of each that are tried on the quarter that is never replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from bench.routing.libraries import Mabwiser, VowpalWabbit
from bench.routing.ours import Gearbox
from bench.routing.replay import Policy, Prior
from bench.routing.simple import BetaThompson, Counts, EpsilonGreedy, LinUcb, Random, Ranked, Ucb1

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to choose: what makes a policy of a prior, an rng and settings, and the settings that are tried."""

    name: str
    make: Callable[..., Policy]
    tried: tuple[Settings, ...] = ({},)


def _grid(**values: Sequence[Any]) -> tuple[Settings, ...]:
    return tuple(dict(zip(values, each, strict=True)) for each in product(*values.values()))


def static(prior: Prior, rng: np.random.Generator, shrink: float = 5) -> Policy:
    """The best of each task by the prior rows, for ever."""
    return Ranked(Counts(prior, rng, shrink).means())


STATIC, RANDOM, SINGLE = "static prior", "random", "best single"
OURS, VOWPAL = "Gearbox", "Vowpal Wabbit"
LIN_TS, LIN_UCB = "mabwiser LinTS", "mabwiser LinUCB"

_LINEAR: Mapping[str, Sequence[Any]] = {"alpha": (0.05, 0.15), "alike": (False, True), "times": (1, 3)}

WAYS = (
    Way(OURS, Gearbox),  # as it comes: three orders of a quarter tell its settings from luck no better than we do
    Way(RANDOM, Random),
    Way(STATIC, static, _grid(shrink=(1, 3, 10, 30))),
    Way("epsilon-greedy", EpsilonGreedy, _grid(shrink=(1, 3, 10), epsilon=(0.02, 0.05), by_task=(True, False))),
    Way("UCB1", Ucb1, _grid(shrink=(1, 3, 10), width=(0.05, 0.1, 0.2), by_task=(True, False))),
    Way("LinUCB", LinUcb, _grid(**_LINEAR)),
    Way("Beta-Thompson", BetaThompson, _grid(shrink=(1, 3, 10), sharpness=(1, 2, 4), by_task=(True, False))),
    Way(LIN_TS, Mabwiser, _grid(kind=("ts",), **_LINEAR)),
    Way(LIN_UCB, Mabwiser, _grid(kind=("ucb",), **_LINEAR)),
    Way(
        VOWPAL,
        VowpalWabbit,
        _grid(
            explore=("--squarecb --gamma_scale 100", "--squarecb --gamma_scale 1000"),
            rate=(0.05, 0.5),
            alike=(False, True),
            times=(1, 3),
        ),
    ),
)

BY_NAME = {way.name: way for way in WAYS}
