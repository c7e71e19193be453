from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.access.access import Access
from core.errors import AccessRefused
from core.usage import UsageService
from data.analytics.period import Period, span_of
from data.analytics.usage import Spend
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor, Role
from data.values.calls import CacheUse, CallOutcome, CallStatus
from data.values.money import UNPRICED, Cost, CostBasis
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import NOW, Booked, Clock, book, booked, some
from tests.warehouse.conftest import StartWriter

BERLIN = ZoneInfo("Europe/Berlin")
ADMIN = Actor("root", frozenset({Role.ADMIN}))
ANN = Actor("ann", frozenset({Role.MEMBER}))


@pytest.fixture
def service(store: Store, writer: WarehouseWriter, clock: Clock) -> UsageService:
    return UsageService(Access(store), writer, clock)


@pytest.fixture
def calls(store: Store) -> list[Booked]:
    """400 calls of three people over the last 40 days."""
    rng = random.Random(7)
    made = [
        booked(rng, NOW - timedelta(days=40 * rng.random() ** 2), rng.choice(["ann", "bob", "eve"])) for _ in range(400)
    ]
    book(store, made)
    return made


def quantile(values: Iterable[float | None], q: float) -> float | None:
    """Linear interpolation between the closest ranks, written independently of DuckDB."""
    ordered = sorted(value for value in values if value is not None)
    if not ordered:
        return None
    position = q * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def inputs(call: Booked) -> int:
    return call.outcome.usage.input if call.outcome.usage else 0


def outputs(call: Booked) -> int:
    return call.outcome.usage.output if call.outcome.usage else 0


def spent(calls: list[Booked]) -> Decimal:
    return sum((call.outcome.cost.amount or Decimal() for call in calls), Decimal())


@pytest.mark.parametrize("period", list(Period))
def test_every_number_equals_its_definition(service: UsageService, calls: list[Booked], period: Period) -> None:
    report = service.mine(ANN, period, BERLIN)
    first_day = NOW.astimezone(BERLIN).date() - timedelta(days={"today": 0, "7d": 6, "30d": 29, "90d": 89}[period])
    mine = [
        call
        for call in calls
        if call.intent.started_at.astimezone(BERLIN).date() >= first_day and call.intent.actor.user_id == "ann"
    ]
    assert len(mine) > 5
    ok = [call for call in mine if call.outcome.status is CallStatus.OK]
    totals = report.totals
    assert totals.calls == len(mine)
    assert totals.failures == sum(call.outcome.status is CallStatus.FAILED for call in mine)
    assert totals.input_tokens == sum(map(inputs, mine))
    assert totals.output_tokens == sum(map(outputs, mine))
    assert totals.tokens_estimated == sum(bool(call.outcome.usage and call.outcome.usage.estimated) for call in mine)
    assert totals.estimated == sum(call.outcome.cost.basis is CostBasis.ESTIMATED for call in mine)
    assert totals.unpriced == sum(
        call.outcome.cost.basis is CostBasis.UNPRICED and call.outcome.usage is not None for call in mine
    )
    assert totals.ttft_p50_ms == pytest.approx(quantile([c.outcome.ttft_ms for c in mine], 0.5))
    assert totals.ttft_p95_ms == pytest.approx(quantile([c.outcome.ttft_ms for c in mine], 0.95))
    assert totals.latency_p50_ms == pytest.approx(quantile([c.outcome.latency_ms for c in ok], 0.5))
    assert totals.latency_p95_ms == pytest.approx(quantile([c.outcome.latency_ms for c in ok], 0.95))
    assert report.spend == ((Spend("USD", spent(mine)),) if spent(mine) else ())

    for model in report.models:
        of_model = [c for c in mine if (c.intent.provider, c.intent.model) == (model.provider, model.model)]
        assert model.calls == len(of_model)
        assert model.tokens == sum(map(inputs, of_model)) + sum(map(outputs, of_model))
        assert model.ttft_p50_ms == pytest.approx(quantile([c.outcome.ttft_ms for c in of_model], 0.5))
        assert sum((s.amount for s in model.spend), Decimal()) == spent(of_model)
    assert sum(model.calls for model in report.models) == len(mine)

    since = NOW.date() - timedelta(days=period.days - 1)  # days of the workspace, which is in UTC here
    own = [call for call in calls if call.intent.actor.user_id == "ann" and call.intent.started_at.date() >= since]
    newest = sorted(own, key=lambda call: call.intent.started_at, reverse=True)[:20]
    recent = service.recent(ANN, period)
    assert {call.user_id for call in recent} == {"ann"}
    assert [call.ts for call in recent] == [call.intent.started_at for call in newest]
    assert [call.cost for call in recent] == [
        None if c.outcome.cost.amount is None else Spend("USD", c.outcome.cost.amount) for c in newest
    ]


def test_nothing_yet(service: UsageService) -> None:
    report = service.mine(ADMIN, Period.MONTH, UTC)
    assert report.totals.calls == 0
    assert report.totals.ttft_p50_ms is None
    assert (report.spend, report.models) == ((), ())
    assert service.recent(ADMIN, Period.MONTH) == ()


def test_nobody_else_sees_them(service: UsageService, calls: list[Booked]) -> None:
    for other in (Actor("' OR 1=1 --", frozenset({Role.MEMBER})), ADMIN):
        assert service.mine(other, Period.MONTH, BERLIN).totals.calls == 0
        assert service.recent(other, Period.MONTH) == ()


def test_without_a_role_there_is_nothing(service: UsageService) -> None:
    with pytest.raises(AccessRefused):
        service.mine(Actor("ann", frozenset()), Period.TODAY, UTC)


def test_a_call_that_just_ended_is_counted(store: Store, service: UsageService) -> None:
    assert service.mine(ANN, Period.TODAY, UTC).totals.calls == 0
    book(store, some(1))
    assert service.mine(ANN, Period.TODAY, UTC).totals.calls == 1


def test_a_call_whose_process_died_is_cut_off(
    store: Store, sqlite_url: str, service: UsageService, clock: Clock
) -> None:
    dead = OwnerId(OwnerId.current().host, 2**22 + 1, "gone")  # above the largest pid Linux gives out
    other = open_store(sqlite_url, owner=dead, clock=clock)
    (call,) = some(1)
    other.calls.intend(call.intent).result(10)
    other.close()
    store.turns.sweep()
    totals = service.mine(ANN, Period.TODAY, UTC).totals
    assert (totals.calls, totals.unknown, totals.failures) == (1, 1, 0)


def test_days_have_the_hours_of_the_clock_on_the_wall() -> None:
    autumn = span_of(Period.TODAY, datetime(2026, 10, 25, 12, tzinfo=UTC), BERLIN)
    assert (len(autumn.edges), autumn.end - autumn.start) == (25, timedelta(hours=25))
    spring = span_of(Period.TODAY, datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    assert len(spring.edges) == 23
    week = span_of(Period.WEEK, datetime(2026, 10, 27, 12, tzinfo=UTC), BERLIN)
    assert [edge.astimezone(BERLIN).hour for edge in week.edges] == [0] * 7
    assert week.edges[0].astimezone(BERLIN).day == 21
    kolkata = span_of(Period.TODAY, NOW, ZoneInfo("Asia/Kolkata"))
    assert kolkata.start == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert len(kolkata.edges) == 24


def test_today_is_the_persons_day_not_the_servers(store: Store, service: UsageService) -> None:
    rng = random.Random(1)
    book(store, [booked(rng, datetime(2026, 11, 22, 23, 30, tzinfo=UTC))])
    assert service.mine(ANN, Period.TODAY, UTC).totals.calls == 0
    assert service.mine(ANN, Period.TODAY, BERLIN).totals.calls == 1


def test_the_sql_that_is_shown_gives_the_number_that_is_shown(
    store: Store, start_writer: StartWriter, clock: Clock, calls: list[Booked]
) -> None:
    writer = start_writer(store)
    report = UsageService(Access(store), writer, clock).mine(ANN, Period.MONTH, BERLIN)
    bound = {key: report.parameters[key] for key in ("start", "end", "user_id")}
    with writer.reader() as cursor:
        row = cursor.execute(report.sql["totals"], bound).fetchone()
        names = [column[0] for column in cursor.description or ()]
    assert row is not None
    shown = dict(zip(names, row, strict=True))
    assert shown["calls"] == report.totals.calls > 0
    assert shown["latency_p95_ms"] == report.totals.latency_p95_ms


def test_answers_from_the_cache_count_as_calls_that_saved_money(service: UsageService, store: Store) -> None:
    paid = Cost(Decimal("0.003"), CostBasis.PRICED, "USD", "list-1")
    nothing = Cost(Decimal(), CostBasis.PRICED, "USD", "list-1")
    outcomes = {
        CacheUse.MISS: [CallOutcome(CallStatus.OK, 1000, cost=paid)],
        CacheUse.HIT: [
            CallOutcome(CallStatus.OK, 0.2, cost=nothing, saved=saved)
            for saved in (Decimal("0.003"), Decimal("0.003"), None)
        ],
        None: [CallOutcome(CallStatus.OK, 3000, cost=UNPRICED)],
    }
    made = [(use, outcome) for use, each in outcomes.items() for outcome in each]
    calls = zip(some(len(made)), made, strict=True)
    book(store, [Booked(replace(call.intent, cache=use), outcome) for call, (use, outcome) in calls])
    report = service.mine(ANN, Period.TODAY, BERLIN)
    totals = report.totals
    assert (totals.calls, totals.cache_hits, totals.cache_asked, totals.unpriced) == (5, 3, 4, 1)
    assert report.spend == (Spend("USD", Decimal("0.003")),)
    # How long answers take is what providers take.
    assert totals.latency_p50_ms == 2000


def test_hits_alone_are_no_spending_of_zero(service: UsageService, store: Store) -> None:
    (hit,) = some(1)
    nothing = CallOutcome(CallStatus.OK, 0.2, cost=Cost(Decimal(), CostBasis.PRICED))
    book(store, [Booked(replace(hit.intent, cache=CacheUse.HIT), nothing)])
    report = service.mine(ANN, Period.TODAY, BERLIN)
    assert (report.spend, report.totals.unpriced) == ((), 0)
    assert [call.cache for call in service.recent(ANN, Period.TODAY)] == ["hit"]
