"""From one event to what it adds to the statistics, and from the statistics to what they say at a time.

What an event adds depends on that event alone and is whole numbers, so any order, any number of writers and a rebuild
from the events come to the same, bit for bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from data.values.routing import Level, Tallies, Tally, TallyKey
from data.values.tasks import Task

SCALE = 1 << 20
"""Of weights, qualities and seconds: a millionth is finer than anything that is known of an answer."""
COST_SCALE = 1_000_000_000
"""Of US dollars: an answer of a small model costs some 0.00001."""

EPOCH = timedelta(days=28)
HALF_LIFE = timedelta(days=90)
"""After which an observation counts half: models and people change over months."""

_START = datetime(2020, 1, 1, tzinfo=UTC)
_LEAST = 0.02
"""Of P(task): less than that isn't worth a row."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one event says of one model.

    Args:
        model_id: the model that answered.
        tasks: how likely the prompt was of which task; the event is shared out among them.
        at: when it happened, with a time zone.
        quality: in [0, 1]; None: it says nothing of it, only of cost or time.
        weight: of the quality, 1 is a thumb's; see `data.learning.routing.reward`.
        cost: of the answer, US dollars; None: unpriced.
        seconds: until the whole answer; None: not measured.
    """

    model_id: str
    tasks: Mapping[Task, float]
    at: datetime
    user_id: str = ""
    team_ids: tuple[str, ...] = ()
    quality: float | None = None
    weight: float = 1.0
    cost: Decimal | None = None
    seconds: float | None = None


def increments(evidence: Evidence) -> dict[TallyKey, Tally]:
    """What the event adds, for everybody, its teams and its person. Nothing where it says nothing."""
    epoch = epoch_of(evidence.at)
    later = 2.0 ** ((evidence.at - _begin(epoch)) / HALF_LIFE)
    scopes = [(Level.ALL, ""), *((Level.TEAM, team) for team in sorted(set(evidence.team_ids)))]
    if evidence.user_id:
        scopes.append((Level.USER, evidence.user_id))
    found = {}
    for task, share in _shares(evidence.tasks).items():
        tally = _tally(evidence, later * share)
        if tally != Tally():
            for level, scope in scopes:
                found[TallyKey(level, scope, task, evidence.model_id, epoch)] = tally
    return found


def merged(several: Iterable[Tallies]) -> dict[TallyKey, Tally]:
    """Their sum; what comes to nothing is left out."""
    sums: dict[TallyKey, Tally] = defaultdict(Tally)
    for each in several:
        for key, tally in each.items():
            sums[key] += tally
    return {key: tally for key, tally in sums.items() if tally != Tally()}


def epoch_of(at: datetime) -> int:
    """The number of the period that a time lies in."""
    return (at - _START) // EPOCH


def remaining(epoch: int, now: datetime) -> float:
    """What a unit of an epoch's sums is worth now: with the event's own weight, its exact decay since it happened."""
    return float(2.0 ** -((now - _begin(epoch)) / HALF_LIFE))


def _begin(epoch: int) -> datetime:
    return _START + epoch * EPOCH


def _shares(tasks: Mapping[Task, float]) -> dict[Task, float]:
    """Of one event, among the tasks that are likely enough to matter; they sum to one."""
    likely = {task: share for task, share in tasks.items() if share >= _LEAST}
    total = sum(likely.values())
    return {task: share / total for task, share in likely.items()} if total > 0 else {}


def _tally(evidence: Evidence, counts: float) -> Tally:
    quality = evidence.quality
    weight = 0.0 if quality is None else counts * evidence.weight
    value = 0.0 if quality is None else min(1.0, max(0.0, quality))
    priced, timed = evidence.cost is not None, evidence.seconds is not None
    return Tally(
        weight=round(weight * SCALE),
        quality=round(weight * value * SCALE),
        square=round(weight * value * value * SCALE),
        priced=round(counts * SCALE) if priced else 0,
        cost=round(counts * float(evidence.cost or 0) * COST_SCALE) if priced else 0,
        timed=round(counts * SCALE) if timed else 0,
        seconds=round(counts * (evidence.seconds or 0.0) * SCALE) if timed else 0,
    )
