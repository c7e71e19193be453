"""The metrics of one stage of a rollout: what was seen of both groups, and whether it has to be rolled back."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from datetime import date
from statistics import median

from data.analytics.evidence import Evidence, NumberEvidence, RateEvidence
from data.values.guardrails import RATES, ArmSeen, Guardrail, Metric, MetricSeen, Outcome, Watched

FEWEST_UNITS = 3
"""With so many treated units there has to be evidence without the one that did most for it: `1 / alpha` will do, as
this is asked beside the test and not in its place."""
MOST_OF_ONE = 20
"""Outcomes of a metric that count for one unit on one day (UTC): people differ, and one who asks a thousand times
would else stand for their whole group."""
MOST_KEPT = 50_000
"""Outcomes of a metric that are kept, the last ones: what is shown, and what a breach is checked with."""


class _Metric:
    def __init__(self, watched: Watched, limit: float) -> None:
        self.watched, self.limit = watched, limit
        self.evidence = evidence_of(watched)
        self.kept: deque[Outcome] = deque(maxlen=MOST_KEPT)
        self._taken = Counter[str]()
        self._day: date | None = None
        self._added = self._again_at = 0

    def add(self, outcome: Outcome) -> bool:
        """Take it; whether it counts."""
        if outcome.at.date() != self._day:
            self._day, self._taken = outcome.at.date(), Counter()
        self._taken[outcome.unit_id] += 1
        if self._taken[outcome.unit_id] > MOST_OF_ONE:
            return False
        self.evidence.add(outcome.value, is_treated=outcome.is_treated)
        self.kept.append(outcome)
        self._added += 1
        return True

    def is_breached(self, without_one: float) -> bool:
        """Whether the evidence is enough, without the treated unit that did most for it, too.

        That is asked anew only when there is a fiftieth more: it goes through all outcomes.
        """
        if self.evidence.peak < self.limit or self._added < self._again_at:
            return False
        self._again_at = self._added + self._added // 50 + 1
        return self._is_of_more_than_one(without_one)

    def arm(self, *, is_treated: bool) -> ArmSeen:
        found = [each for each in self.kept if each.is_treated is is_treated]
        values = [each.value for each in found]
        level = None
        if values:
            level = sum(values) / len(values) if self.watched.metric in RATES else median(values)
        return ArmSeen(len(values), len({each.unit_id for each in found}), level)

    def _is_of_more_than_one(self, limit: float) -> bool:
        others = self.arm(is_treated=False).level or 0.0
        worse = Counter(each.unit_id for each in self.kept if each.is_treated and each.value > others)
        treated = {each.unit_id for each in self.kept if each.is_treated}
        if len(treated) < FEWEST_UNITS or not worse:
            return True
        [(worst, _)] = worse.most_common(1)
        without = evidence_of(self.watched)
        for each in self.kept:
            if each.unit_id != worst:
                without.add(each.value, is_treated=each.is_treated)
        return without.peak >= limit


class RolloutEvidence:
    """What was seen since a stage of a rollout began. Not thread-safe.

    The metrics share the guardrail's `alpha` (Bonferroni). The tests take outcomes for independent of each
    other, which those of one person are not: so one person alone rolls nothing back where there are three.
    """

    def __init__(self, guardrail: Guardrail) -> None:
        self._without_one = 1 / guardrail.alpha
        self._metrics = {each.metric: _Metric(each, guardrail.limit(each.metric)) for each in guardrail.watched}

    def add(self, outcomes: Iterable[Outcome]) -> Metric | None:
        """Take outcomes in the order in which they came; the metric that has to roll it back, if one has.

        It is looked after every outcome, and those after the one that decides are not taken.
        """
        for outcome in outcomes:
            metric = self._metrics.get(outcome.metric)
            if metric is not None and metric.add(outcome) and metric.is_breached(self._without_one):
                return outcome.metric
        return None

    def seen(self) -> tuple[MetricSeen, ...]:
        """Every metric as it stands."""
        return tuple(
            MetricSeen(
                name,
                metric.arm(is_treated=True),
                metric.arm(is_treated=False),
                metric.evidence.now,
                metric.limit,
            )
            for name, metric in self._metrics.items()
        )


def evidence_of(watched: Watched) -> Evidence:
    """The test of a metric, before its first outcome."""
    if watched.metric in RATES:
        return RateEvidence(watched.least_harm)
    return NumberEvidence(watched.least_harm)
