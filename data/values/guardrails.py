"""Guardrails of rollouts: what is watched, what counts as harm, and what was seen where one was rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Metric(StrEnum):
    """What a rollout may make worse. More is worse in each."""

    ERROR_RATE = "error_rate"  # of calls that ended
    LATENCY = "latency"  # of chat calls that were answered, in milliseconds
    COST = "cost_per_turn"  # US dollars, of turns whose price is known
    THUMBS_DOWN = "thumbs_down"  # of answers that were judged


RATES = frozenset({Metric.ERROR_RATE, Metric.THUMBS_DOWN})
"""Metrics that are shares; of the others each outcome is a number."""


class Back(StrEnum):
    """What a rollout is rolled back to."""

    CONTROL = "control"  # its share becomes 0: everybody has what the control group has
    KILL = "kill"  # the flag is killed: everybody has its off variant


@dataclass(frozen=True, slots=True)
class Watched:
    """One metric that is watched.

    Args:
        least_harm: less is no harm. Of a rate as a difference (0.01 is one percentage point), of the others as a
            ratio (0.25 is a quarter slower or dearer).
    """

    metric: Metric
    least_harm: float


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What rolls a rollout back by itself.

    Args:
        watched: each metric once.
        alpha: the chance that a rollout which does no harm is rolled back however long it is watched; the metrics
            share it (see `limit`), and each stage of a schedule has it anew.
        back_to: what a breach leads to.
        is_on: False keeps it for later.
    """

    watched: tuple[Watched, ...]
    alpha: float = 0.05
    back_to: Back = Back.CONTROL
    is_on: bool = True

    def limit(self, metric: Metric) -> float:
        """The evidence (an e-value) for a rollback by this metric: 1 divided by its part of `alpha`.

        Errors have half of it, as they do the most harm the soonest; the others share the rest evenly.
        """
        others = len(self.watched) - any(each.metric is Metric.ERROR_RATE for each in self.watched)
        if others == len(self.watched) or not others:
            return len(self.watched) / self.alpha
        return (2 if metric is Metric.ERROR_RATE else 2 * others) / self.alpha


USUAL_HARM = {Metric.ERROR_RATE: 0.01, Metric.LATENCY: 0.25, Metric.COST: 0.5, Metric.THUMBS_DOWN: 0.05}
"""The least harm where nobody said another one, in the units of `Watched`."""


def usual(*metrics: Metric) -> Guardrail:
    """What watches these metrics, or all of them, with the usual least harm."""
    return Guardrail(tuple(Watched(metric, USUAL_HARM[metric]) for metric in metrics or Metric))


@dataclass(frozen=True, slots=True)
class ArmSeen:
    """Outcomes of one group.

    Args:
        outcomes: how many.
        units: of so many people, teams or conversations.
        level: the share of bad ones, or the median in the metric's unit; None without outcomes.
    """

    outcomes: int
    units: int
    level: float | None


@dataclass(frozen=True, slots=True)
class MetricSeen:
    """One metric of a rollout, in both groups.

    Args:
        evidence: the e-value against "the treated are not worse off by the least harm": what a gambler who bets
            against that has made of 1.
        limit: a rollback needs so much.
    """

    metric: Metric
    treated: ArmSeen
    control: ArmSeen
    evidence: float
    limit: float


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a rollout was rolled back, and what had been seen.

    Args:
        metric: the one that was worse.
        share: what was treated before, in `data.values.flags.PARTS`.
        since: when counting had begun.
        seen: all metrics at that moment.
    """

    at: datetime
    metric: Metric
    share: int
    since: datetime
    seen: tuple[MetricSeen, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of something that one of a rollout's units asked for.

    Args:
        at: when it was asked for, or judged.
        unit_id: whose.
        value: of a rate 1 where it was bad, else 0; of the others the number itself.
    """

    metric: Metric
    at: datetime
    unit_id: str
    is_treated: bool
    value: float
