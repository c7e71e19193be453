"""What another way of choosing would have earned, from the choices that were made: IPS, SNIPS and the doubly robust.

Only decisions of the policy with a known propensity say anything of others: a person's pick was made for reasons that
nobody wrote down. IPS after Horvitz and Thompson (JASA 47, 1952), SNIPS after Swaminathan and Joachims (NeurIPS 2015),
the doubly robust estimator after Dudík, Langford and Li (ICML 2011), the effective sample size after Kong (1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.values.routing import Chooser, Decision

ENOUGH = 20.0
"""Effective decisions below which an estimate is not to be shown as one."""

_Z = 1.959963984540054

Target = Callable[[Decision], Mapping[str, float]]
"""Another way of choosing: how likely it takes each model for a decision. It may look at everything but the outcome."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision whose answer somebody judged: `quality` in [0, 1], and how much the judgement counts.

    `all_known`: its arms are all candidates; where they are only the best ones, nothing is known of any other.
    """

    decision: Decision
    quality: float
    weight: float = 1.0
    all_known: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """What a way of choosing is estimated to earn.

    Args:
        ips, snips, dr: by the three estimators.
        n: decisions that it rests on.
        effective: how many decisions by the other way itself they are worth (Kong's effective sample size). Those that
            are left to the model that was chosen, as the other way's could not answer, count for none.
        left_out: judged decisions that say nothing here: not the policy's, without a propensity, or of so many
            candidates that not all are known.
    """

    ips: Estimate
    snips: Estimate
    dr: Estimate
    n: int
    effective: float
    left_out: int

    @property
    def enough(self) -> bool:
        """It rests on enough to be shown."""
        return self.effective >= ENOUGH


def always(model_id: str) -> Target:
    """The way of choosing that takes one model, whatever was asked."""
    return lambda decision: {model_id: 1.0}


def estimate(judged: Iterable[Judged], target: Target) -> OffPolicy | None:
    """What `target` would have earned; None where no decision says anything of it.

    Decisions in which the other way's model could not answer are its own misses: they are left to the model that was
    chosen there, as they would have been.
    """
    everything = list(judged)
    usable = [each for each in everything if _says_something(each, target)]
    if not usable:
        return None
    trust = np.array([each.weight for each in usable])
    quality = np.array([each.quality for each in usable])
    ratios, expected, predicted, is_its = np.array([_terms(each.decision, target) for each in usable]).T
    if not ratios.any():
        return None
    importance = trust * ratios
    own = importance * is_its
    return OffPolicy(
        ips=_mean(ratios * quality, trust),
        snips=_mean(quality, importance),
        dr=_mean(expected + ratios * (quality - predicted), trust),
        n=len(usable),
        effective=float(own.sum() ** 2 / (own**2).sum()) if own.any() else 0.0,
        left_out=len(everything) - len(usable),
    )


def on_policy(judged: Iterable[Judged]) -> Estimate | None:
    """What the policy's own choices earned; None below `ENOUGH` judgements, weak ones counting in part.

    Weak signals differ little from each other: the interval of a few of them is narrow, and says nothing.
    """
    own = [each for each in judged if each.decision.chooser is Chooser.POLICY]
    if sum(each.weight for each in own) < ENOUGH:
        return None
    return _mean(np.array([each.quality for each in own]), np.array([each.weight for each in own]))


def _says_something(judged: Judged, target: Target) -> bool:
    decision = judged.decision
    if decision.chooser is not Chooser.POLICY or not decision.propensity or decision.arm is None:
        return False
    return judged.all_known or any(arm.model_id in target(decision) for arm in decision.arms)


def _terms(decision: Decision, target: Target) -> Sequence[float]:
    """Of one decision: the importance ratio, what the target is expected to earn, what the chosen model was, and 1.0
    where one of the target's models could have answered, else 0.0.

    The expectations are those of the decision itself, made before its outcome, so that they share no error with it.
    """
    qualities = {arm.model_id: arm.quality for arm in decision.arms}
    wanted = {model: share for model, share in target(decision).items() if model in qualities}
    total = sum(wanted.values())
    wanted = {model: share / total for model, share in wanted.items()} if total else {decision.chosen: 1.0}
    propensity = decision.propensity if total else 1.0
    ratio = wanted.get(decision.chosen, 0.0) / (propensity or 1.0)
    earns = sum(share * qualities[model] for model, share in wanted.items())
    return ratio, earns, qualities[decision.chosen], float(bool(total))


def _mean(values: Any, weights: Any) -> Estimate:
    """Weighted, with the interval of a ratio of sums (the delta method)."""
    total = weights.sum()
    value = float((values * weights).sum() / total)
    n = len(values)
    spread = float(((weights * (values - value)) ** 2).sum()) * n / max(n - 1, 1)
    half = _Z * spread**0.5 / float(total)
    return Estimate(value, value - half, value + half)
