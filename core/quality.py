"""How good answers are and what the choice of models earns, as analysts may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from core.access.access import Access
from core.access.policy import Permission
from core.usage import FRESHEN_S
from data.analytics.apart import enough
from data.analytics.period import Period, Span, span_of
from data.analytics.quality import Choices, Heads, JudgedChoice, QualityFacts, Shown, quality_facts
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.learning.routing.drift import drifts
from data.learning.routing.grades import grades
from data.learning.routing.offpolicy import Estimate, Judged, OffPolicy, always, estimate, on_policy
from data.learning.routing.posterior import Posterior
from data.learning.routing.priors import prior_of
from data.learning.routing.reward import WORTH
from data.learning.routing.statistics import Evidence, increments, merged
from data.learning.routing.wins import Comparison, Duel, duels, ranked
from data.values.actor import Actor
from data.values.routing import Graded, Tallies
from data.values.sample import is_sample
from data.values.tasks import Task
from data.warehouse.writer import WarehouseStatus, WarehouseWriter

_POINTS = 10  # of a line of how a grade moved


@dataclass(frozen=True, slots=True)
class Way:
    """A way of choosing beside the one that was: always one model, on the prompts where Gearbox chose.

    Args:
        model_id: the model.
        earned: its quality as it is estimated, None where too little is known.
        costs: of an answer, US dollars, and what the choices that were made cost on the same prompts; None: unpriced.
    """

    model_id: str
    earned: OffPolicy | None
    costs: tuple[Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class QualityView:
    """What the page shows. `hidden` grades are not there because fewer than three people are behind them.

    Args:
        moved: of each graded model and task, the quality at the ends of some parts of the period, the oldest first.
        own: what Gearbox's own choices earned; None where too few were judged, or by too few people.
        ways: the best of always one model first.
        models: of the duels, the one that wins most first.
        sampled: some of it is sample data.
    """

    span: Span
    made_at: datetime
    first_choice_at: datetime | None
    choices: tuple[Choices, ...]
    graded: tuple[Graded, ...]
    hidden: int
    moved: Mapping[tuple[str, Task], tuple[tuple[datetime, Graded], ...]]
    own: Estimate | None
    judged: int
    ways: tuple[Way, ...]
    duels: tuple[Duel, ...]
    models: tuple[str, ...]
    hidden_duels: int
    sampled: bool


class QualityService:
    """What the Quality page asks for."""

    def __init__(
        self, access: Access, writer: WarehouseWriter, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._access = access
        self._writer = writer
        self._clock = clock

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone, whose days its pages count."""
        return self._writer.zone

    def view(self, actor: Actor, period: Period, zone: tzinfo) -> QualityView:
        """Quality in a period that ends with today in `zone`.

        Raises:
            AccessRefused: the actor may not see what everybody's calls came to.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._writer.flush(FRESHEN_S)
        now = self._clock()
        with self._writer.reader() as cursor:
            facts = quality_facts(cursor, span_of(period, now, zone), actor.user_id)
        return quality_view(facts, actor.user_id, now)

    def status(self) -> WarehouseStatus:
        """How the warehouse is doing."""
        return self._writer.status()


def quality_view(facts: QualityFacts, viewer: str, now: datetime) -> QualityView:
    """What may be shown of the facts, graded and estimated. Pure."""
    cells = {cell: heads for cell, heads in facts.heads_by_cell.items() if may_show(heads)}
    pairs = duels(facts.comparisons)
    open_pairs = _open(pairs, facts.comparisons, viewer)
    judged = [each for each in map(_judged, facts.judged) if each] if may_show(facts.heads_of_judged) else []
    return QualityView(
        span=facts.span,
        made_at=now,
        first_choice_at=facts.first_choice_at,
        choices=facts.choices if may_show(facts.heads) else (),
        graded=tuple(_graded(_tallies(facts.shown), cells, now)),
        hidden=len(facts.heads_by_cell) - len(cells),
        moved=_moved(facts, cells, now),
        own=on_policy(judged),
        judged=len(judged),
        ways=_ways(facts, judged),
        duels=open_pairs,
        models=tuple(ranked(open_pairs)),
        hidden_duels=(len(pairs) - len(open_pairs)) // 2,
        sampled=facts.sampled,
    )


def may_show(heads: Heads) -> bool:
    """Nothing is shown about fewer than three people, unless it is all about the one who looks."""
    return enough(heads.people, heads.others)


def _open(pairs: Sequence[Duel], comparisons: Sequence[Comparison], viewer: str) -> tuple[Duel, ...]:
    def by_pair(of: Iterable[Comparison]) -> dict[tuple[str, str], Duel]:
        return {(duel.model_id, duel.against): duel for duel in duels(of)}

    own = by_pair(each for each in comparisons if each.user_id == viewer)
    real = by_pair(each for each in comparisons if not is_sample(each.user_id))

    def is_open(duel: Duel) -> bool:
        pair = duel.model_id, duel.against
        behind = real.get(pair, duel)  # made-up people hide nobody
        return behind.people >= PEOPLE_AT_LEAST or (pair in own and own[pair].n == behind.n)

    return tuple(duel for duel in pairs if is_open(duel))


def _graded(
    tallies: Tallies, cells: Collection[tuple[str, Task]], now: datetime, *, drifting: bool = True
) -> list[Graded]:
    """The grades of some models at some tasks, from what was shown of any: levels are shared."""
    models = sorted({model for model, _ in cells})
    posterior = Posterior.of(tallies, prior_of(models), now, models=models)
    tasks = [task for task in Task if any(task is other for _, other in cells)]
    marks = drifts(tallies, now) if drifting else {}
    return [each for each in grades(posterior, models, tasks, drifts=marks) if (each.model_id, each.task) in cells]


def _tallies(shown: Iterable[Shown]) -> Tallies:
    return merged(increments(each) for each in map(_evidence, shown) if each)


def _evidence(shown: Shown) -> Evidence | None:
    worth = WORTH[shown.signal]
    if worth is None:
        return None
    noon = datetime.combine(shown.day, time(12), UTC)
    return Evidence(shown.model_id, {shown.task: 1.0}, noon, quality=worth.quality, weight=worth.weight * shown.times)


def _moved(
    facts: QualityFacts, cells: Mapping[tuple[str, Task], Heads], now: datetime
) -> dict[tuple[str, Task], tuple[tuple[datetime, Graded], ...]]:
    ends = [*facts.span.edges[1:], now]
    found: dict[tuple[str, Task], list[tuple[datetime, Graded]]] = {cell: [] for cell in cells}
    tallies: Tallies = {}
    before = date.min
    for end in ends[:: -max(1, len(ends) // _POINTS)][::-1]:
        until = date.max if end == now else end.date()
        tallies = merged((tallies, _tallies(each for each in facts.shown if before <= each.day < until)))
        before = until
        # Who is spoken of now were perhaps too few then.
        then = {cell for cell, heads in cells.items() if heads.others == 0 or (heads.third_at or now) <= end}
        for each in _graded(tallies, then, end, drifting=False) if tallies and then else ():
            if each.n > 0:
                found[each.model_id, each.task].append((end, each))
    return {cell: tuple(points) for cell, points in found.items() if points}


def _judged(choice: JudgedChoice) -> Judged | None:
    worths = [worth for signal in choice.signals if (worth := WORTH[signal])]
    weight = sum(worth.weight for worth in worths)
    if not weight:
        return None
    return Judged(
        choice.decision,
        sum(worth.quality * worth.weight for worth in worths) / weight,
        min(1.0, weight),
        all_known=choice.candidates <= len(choice.decision.arms),
    )


def _ways(facts: QualityFacts, judged: Sequence[Judged]) -> tuple[Way, ...]:
    costs = {each.model_id: (each.always, each.chosen) for each in facts.costs} if may_show(facts.heads) else {}
    candidates = {arm.model_id for each in judged for arm in each.decision.arms} | costs.keys()
    ways = [Way(model, estimate(judged, always(model)), costs.get(model)) for model in sorted(candidates)]

    def rank(way: Way) -> tuple[bool, float]:
        sure = bool(way.earned and way.earned.enough)
        return not sure, -way.earned.dr.value if way.earned else 0.0

    return tuple(sorted(ways, key=rank))
