"""Letters for what is known of a model at a task: from everything, with the interval, and none while that is wide.

The thresholds are in `THRESHOLDS`, the reasons in ADR 53.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from data.learning.routing.posterior import Belief, Posterior
from data.values.routing import Grade, Graded
from data.values.tasks import Task

THRESHOLDS: Mapping[Grade, float] = MappingProxyType(
    {
        Grade.A: 0.90,
        Grade.A_MINUS: 0.85,
        Grade.B: 0.80,
        Grade.B_MINUS: 0.75,
        Grade.C: 0.68,
        Grade.C_MINUS: 0.60,
        Grade.D: 0.50,
        Grade.F: 0.0,
    }
)
"""The least quality of each. Quality is the share of answers that people find good: nine of ten is an A, and a model
whose every second answer is bad fails."""

LETTERS_AT_MOST = 2
"""Letters that the interval may touch (A- and A are one letter) before a grade is given."""

OBSERVATIONS_AT_LEAST = 5.0
"""Effective ones; published figures alone are no grade."""

CREDIBLE = 1.6448536269514722
"""Standard deviations on either side that hold 90 % of a normal distribution."""

_LETTERS = "ABCDF"


def letter(quality: float) -> Grade:
    """The grade of a quality in [0, 1]."""
    return next(grade for grade, least in THRESHOLDS.items() if quality >= least)


def grade(quality: float, low: float, high: float, n: float) -> Grade | None:
    """The grade of a quality with its credible interval; None while too little is known."""
    if n < OBSERVATIONS_AT_LEAST or _touched(low, high) > LETTERS_AT_MOST:
        return None
    return letter(quality)


def grades(
    posterior: Posterior,
    model_ids: Iterable[str],
    tasks: Iterable[Task] = tuple(Task),
    *,
    team_ids: Iterable[str] = (),
    user_id: str = "",
    drifts: Mapping[tuple[str, Task], float] | None = None,
) -> list[Graded]:
    """What is known of each model at each task, by task and then in the models' order.

    Args:
        posterior: a state of the statistics.
        model_ids: models to grade.
        tasks: tasks to grade them at.
        team_ids: as these teams see it; with none, as everybody does.
        user_id: as this person sees it.
        drifts: see `data.learning.routing.drift`.
    """
    models, teams = tuple(model_ids), tuple(team_ids)
    return [
        each
        for task in tasks
        for each in _graded(posterior.belief(models, {task: 1.0}, teams, user_id), task, drifts or {})
    ]


def _graded(belief: Belief, task: Task, drifts: Mapping[tuple[str, Task], float]) -> Iterable[Graded]:
    for model, mean, doubt, n in zip(belief.model_ids, belief.mean, belief.doubt, belief.n, strict=True):
        quality, seen = float(mean), float(n)
        low = max(0.0, quality - CREDIBLE * float(doubt))
        high = min(1.0, quality + CREDIBLE * float(doubt))
        yield Graded(model, task, quality, low, high, seen, grade(quality, low, high, seen), drifts.get((model, task)))


def _touched(low: float, high: float) -> int:
    """How many letters an interval touches."""
    return _LETTERS.index(letter(low)[0]) - _LETTERS.index(letter(high)[0]) + 1
