"""Means of models by task, where tasks that are alike learn from each other and the tasks' own levels are taken out.

`y = level(task) + effect(model at task) + noise`. A model's effects are a Gaussian vector over the tasks, independent
of the other models' (the intrinsic coregionalisation model: Bonilla et al., NIPS 2007), so that what a model shows at
one task says something of it at the others, as far as they are alike. The levels are fixed effects (Henderson,
Biometrics 31, 1975): that a task is hard, or a team severe, does not count against the models that were tried there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_LEAST = 1e-3
"""Observations that a task's level of zero is worth: next to nothing, so that levels without any data are finite."""

_ODDS = 4.0
"""Logarithm of those for a prior before anything is seen: one in fifty says nothing. With even odds, priors of a few
dozen prompts lost so much of their weight to chance that the first hundred choices were worse than the prior's own."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of each model's effects: means (models, tasks) and covariances (models, tasks, tasks)."""

    means: Any
    covariances: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """Of each model, what its observations say of its effects; sums over the models then give the tasks' levels.

    `precisions` (models, tasks, tasks): inverse covariances of a model's mean observations around the levels, the
    effects integrated out. `pulls` (models, tasks): those, times how far the observations are off the outlook.
    `misfits` (models,): minus twice the log density of a model's observations where all levels are 0, but for what is
    the same whatever the outlook.
    """

    precisions: Any
    pulls: Any
    misfits: Any


def expected(means: Any, counts: Any, likeness: Any, noise: float) -> Outlook:
    """Before anything is seen here: of a prior whose levels say nothing, only which model is better than which.

    Published scores, and those of a few prompts that happened to be hard, are on another scale than what people here
    say. Held against the latter, a wrong level would count for or against whichever model was tried first.

    Args:
        means: the prior's, (models, tasks); whatever where `counts` is 0.
        counts: how many observations each is worth, (models, tasks).
        likeness: covariance of a model's effects between tasks, (tasks, tasks).
        noise: variance of one of the prior's observations around its level.
    """
    return informed(centred(means, counts), counts, likeness, noise)


def centred(means: Any, counts: Any) -> Any:
    """A prior without its levels, (models, tasks); 0 where it says nothing."""
    known = counts > 0
    level = (means * counts).sum(axis=0, where=known) / np.maximum(counts.sum(axis=0), 1e-12)
    return np.where(known, means - level, 0.0)


def uninformed(models: int, likeness: Any) -> Outlook:
    """Of models of which nothing is known, by the covariance of their effects between tasks, (tasks, tasks)."""
    return Outlook(np.zeros((models, len(likeness))), np.broadcast_to(likeness, (models, *likeness.shape)))


def informed(effects: Any, counts: Any, likeness: Any, noise: float) -> Outlook:
    """What observations of effects themselves say, of any part of the models; arguments as for `expected`."""
    flat = uninformed(len(counts), likeness)
    return updated(flat, seen(flat, counts, effects, noise), np.zeros(counts.shape[1]))


def seen(outlook: Outlook, counts: Any, means: Any, noise: float) -> Seen:
    """What observations say; models are independent, so any part of them may be given.

    Args:
        outlook: what was known.
        counts: of observations, (models, tasks).
        means: of the observations, (models, tasks); 0 where there are none.
        noise: variance of one.
    """
    roots = np.sqrt(counts / noise)
    inner = roots[:, :, None] * outlook.covariances * roots[:, None, :]
    places = np.arange(counts.shape[1])
    inner[:, places, places] += 1.0
    precisions = roots[:, :, None] * np.linalg.inv(inner) * roots[:, None, :]
    off = means - outlook.means
    pulls = (precisions @ off[:, :, None])[:, :, 0]
    return Seen(precisions, pulls, (pulls * off).sum(axis=1) + np.linalg.slogdet(inner)[1])


def levels(found: Seen, known: Any = 0.0, precision: Any = _LEAST) -> tuple[Any, Any]:
    """The tasks' levels, (tasks,), and their covariance.

    Args:
        found: what was seen.
        known: of each task, what was known of its level before, (tasks,).
        precision: of that, (tasks,).
    """
    tasks = found.pulls.shape[1]
    before = np.broadcast_to(precision, (tasks,))
    covariance = np.linalg.inv(found.precisions.sum(axis=0) + np.diag(before))
    return covariance @ (found.pulls.sum(axis=0) + before * known), covariance


def evidence(found: Seen, known: Any = 0.0, precision: Any = _LEAST) -> float:
    """How well an outlook explains what was seen: log density, the levels integrated out; arguments as for `levels`.

    But for what is the same for every outlook: two that saw the same can be compared.
    """
    level, covariance = levels(found, known, precision)
    pulled = (found.pulls.sum(axis=0) + precision * np.broadcast_to(known, level.shape)) @ level
    return float(-0.5 * (found.misfits.sum() - pulled - np.linalg.slogdet(covariance)[1]))


def borne_out(with_prior: float, without: float) -> float:
    """How likely the prior says something, in (0, 1), after evidence of what was seen with it and without it.

    A robust prior is a mixture of itself and of one that says nothing (Schmidli et al., Biometrics 70, 2014): what
    contradicts it at some models takes its weight at those that it kept anybody from trying.
    """
    return float(1.0 / (1.0 + np.exp(np.clip(without - with_prior - _ODDS, -500.0, 500.0))))


def blended(one: Outlook, other: Outlook, share: float) -> Outlook:
    """Mean and covariance of a mixture: the one with probability `share`, else the other."""
    apart = one.means - other.means
    between = share * (1.0 - share) * apart[:, :, None] * apart[:, None, :]
    return Outlook(
        share * one.means + (1.0 - share) * other.means,
        share * one.covariances + (1.0 - share) * other.covariances + between,
    )


def updated(outlook: Outlook, found: Seen, level: Any) -> Outlook:
    """What is known then, for the same models and without the levels."""
    off = found.pulls - found.precisions @ level
    return Outlook(
        outlook.means + (outlook.covariances @ off[:, :, None])[:, :, 0],
        outlook.covariances - outlook.covariances @ found.precisions @ outlook.covariances,
    )
