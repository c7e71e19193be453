"""How long a decision takes over many candidates: from what is known of them to the one that is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice

import numpy as np

from data.learning.analysis import PromptAnalyzer
from data.learning.routing.posterior import Posterior
from data.learning.routing.propensity import draw
from data.learning.routing.reward import rewards
from data.learning.routing.statistics import Evidence, increments, merged
from data.values.routing import Weights
from data.values.tasks import Task

CANDIDATES = 200
DECISIONS = 3000
_EVENTS = 4000
_NOW = datetime(2026, 11, 29, tzinfo=UTC)
_CERTAIN: Mapping[Task, float] = {Task.CODE: 0.8, Task.MATH: 0.2}


def decision_times(prompts: Sequence[str], decisions: int = DECISIONS) -> tuple[list[float], list[float]]:
    """Milliseconds of each decision: where the task is given, and with the prompt's analysis in it."""
    models = [f"provider/model-{place}" for place in range(CANDIDATES)]
    rng = np.random.default_rng(0)
    posterior = _posterior(models, rng)
    costs = rng.uniform(0.0001, 0.05, CANDIDATES)
    analyzer = PromptAnalyzer()
    analyzer.analyze(prompts[0])

    def decide(tasks: Mapping[Task, float]) -> int:
        belief = posterior.belief(models, tasks, ("team",), "user")
        worth = rewards(belief.mean, costs, belief.seconds, Weights())
        return draw(worth, belief.deviation, belief.is_new, rng).place

    decide(_CERTAIN)
    some = list(islice(cycle(prompts), decisions))
    return (
        _timed(lambda _: decide(_CERTAIN), some),
        _timed(lambda prompt: decide(analyzer.analyze(prompt).tasks), some),
    )


def _posterior(models: Sequence[str], rng: np.random.Generator) -> Posterior:
    """Of a busy half year: everybody's experience, a team's and a person's."""
    tasks = list(Task)
    events = (
        increments(
            Evidence(
                models[int(rng.integers(len(models)))],
                {tasks[int(rng.integers(len(tasks)))]: 1.0},
                _NOW,
                user_id="user" if rng.random() < 0.1 else "",
                team_ids=("team",) if rng.random() < 0.3 else (),
                quality=float(rng.random() < 0.7),
                seconds=float(rng.uniform(1, 20)),
            )
        )
        for _ in range(_EVENTS)
    )
    return Posterior.of(merged(events), {}, _NOW, models=models)


def _timed(decide: Callable[[str], int], prompts: Sequence[str]) -> list[float]:
    took = []
    for prompt in prompts:
        began = time.perf_counter()
        decide(prompt)
        took.append((time.perf_counter() - began) * 1000)
    return took
