"""What the Performance page is made of: every figure against one computed with Polars, and nothing about a few."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.access import Access
from core.errors import AccessRefused, NotFound
from core.performance import PerformanceService, Question, priced_as
from core.providers.metering import cost_of
from data.analytics.apart import apart, is_enough
from data.analytics.performance import performance_facts
from data.analytics.performance_values import Filters, Grouping, PerformanceFacts, Speed, Times
from data.analytics.period import Period, Span, span_before, span_of
from data.analytics.usage_values import NO_TEAM
from data.store import Store
from data.values.actor import Actor, Role
from data.values.calls import CallStatus, TokenUsage
from data.values.money import LongPrompt, TokenPrice
from data.warehouse.file import open_warehouse
from data.warehouse.measures import ACCURACY
from data.warehouse.rollups import keep_zone, refresh
from tests.warehouse.books import NOW, Clock, book, booked
from tests.warehouse.conftest import StartWriter
from tests.warehouse.traffic import NOTHING, Traffic, busy

Company = tuple[duckdb.DuckDBPyConnection, Traffic]
ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
BERLIN = ZoneInfo("Europe/Berlin")
AGO = NOW - timedelta(days=2)
PRICE = TokenPrice(
    Decimal("0.000002"), Decimal("0.000008"), Decimal("0.0000005"), "list-2",
    long=(LongPrompt(2000, Decimal("0.000004"), Decimal("0.000012"), Decimal("0.000001")),
          LongPrompt(6000, Decimal("0.000006"), Decimal("0.00002"), Decimal("0.000002"))),
)  # fmt: skip
FILTERS = [
    Filters(),
    Filters(provider="openai"),
    Filters(provider="openai", model="gpt-4o"),
    Filters(surface="api"),
    Filters(task="code"),
    Filters(provider="mistral", surface="chat", task="writing"),
    Filters(team="red"),
    Filters(team=NO_TEAM, surface="chat"),
]
WORTHS = {
    "thumb_up": (1.0, 1.0), "thumb_down": (0.0, 1.0), "copied": (0.9, 0.2), "regenerated": (0.2, 0.3),
    "switched": (0.1, 0.5),
}  # fmt: skip
"""What signals are worth, and their weight, written down a second time."""


@pytest.fixture
def con(warehouse_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = open_warehouse(warehouse_path, NOW)
    yield opened
    opened.close()


def facts(
    con: duckdb.DuckDBPyConnection,
    filters: Filters | None = None,
    *,
    period: Period = Period.MONTH,
    by: Grouping = Grouping.MODEL,
    viewer: str = "analyst",
    above: list[int] | None = None,
) -> PerformanceFacts:
    spans = span_of(period, NOW, BERLIN), span_before(period, NOW, BERLIN)
    keep_zone(con, BERLIN)
    refresh(con, BERLIN, NOW)
    return performance_facts(con, *spans, filters or Filters(), by=by, viewer=viewer, above=above)


def in_teams(*, seed: int) -> Traffic:
    """A company's calls: of its twelve people four each are in red, in blue and in no team."""
    made = busy(NOW, seed=seed)
    for call in made.calls:
        call["team_id"] = ("red", "blue", None)[int(call["user_id"].rpartition("-")[2]) % 3]
    return made


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company in teams, with what is rare in it; written and summed once."""
    opened = open_warehouse(tmp_path_factory.mktemp("performance") / "warehouse.duckdb", NOW)
    made = in_teams(seed=11)
    for user in ("person-0", "person-1"):
        made.call(user, AGO, "rare/model", task="code", team_id="red")
    changed = made.call("person-1", AGO, "openai/gpt-4o")
    made.shown(changed, "thumb_up")
    made.shown(changed, "thumb_down", timedelta(minutes=3))
    taken_back = made.call("person-2", AGO, "openai/gpt-4o")
    made.shown(taken_back, "thumb_up")
    made.shown(taken_back, "thumb_taken_back", timedelta(minutes=3))
    for user in "abc":  # in another currency: no part of the comparison
        made.call(user, AGO, "openai/gpt-4o", cost_currency="EUR", cost_amount=Decimal(99))
    made.write(opened)
    yield opened, made
    opened.close()


def inside(made: Traffic, span: Span, filters: Filters) -> pl.DataFrame:
    """The calls that fit, independently of the SQL."""
    frame = pl.DataFrame(made.calls, infer_schema_length=None).with_columns(
        model_id=pl.col("provider") + "/" + pl.col("model"),
        turn=pl.coalesce("turn_id", "event_id"),
        hit=pl.col("cache").eq_missing(pl.lit("hit")),
    )
    frame = frame.filter((pl.col("ts") >= span.start) & (pl.col("ts") < span.end))
    frame = frame.with_columns(team=pl.col("team_id").cast(pl.String).fill_null(NO_TEAM))
    for name in ("provider", "model", "surface", "task", "team"):
        if (value := getattr(filters, name)) is not None:
            frame = frame.filter(pl.col(name) == value)
    return frame


def times(values: pl.Series, *qs: float) -> Times:
    known = values.drop_nulls().cast(pl.Float64)
    return Times(len(known), *(known.quantile(q, "lower") for q in qs))


def speed(frame: pl.DataFrame) -> Speed:
    ok = frame.filter(pl.col("status") == "ok")
    counted = ok.filter(
        pl.col("tokens_estimated").eq_missing(pl.lit(False))
        & (pl.col("output_tokens") > 1)
        & (pl.col("latency_ms") > pl.col("ttft_ms"))
    )
    rate = (counted["output_tokens"] - 1) / ((counted["latency_ms"] - counted["ttft_ms"]) / 1000)
    return Speed(
        len(frame),
        frame.filter(pl.col("status").is_in(["failed", "unknown"])).height,
        times(frame["ttft_ms"], 0.5, 0.95, 0.99),
        times(ok.filter(~pl.col("hit"))["latency_ms"], 0.5, 0.95, 0.99),
        times(rate, 0.5, 0.05, 0.01),
    )


def assert_like(found: Speed | None, expected: Speed) -> None:
    assert found is not None
    assert (found.calls, found.failures) == (expected.calls, expected.failures)
    for name in ("ttft", "whole", "rate"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.n == other.n
        for q in ("p50", "p95", "p99"):
            exact = getattr(other, q)
            assert getattr(one, q) == (None if exact is None else pytest.approx(exact, rel=ACCURACY * (1 + 1e-9)))


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("period", [Period.WEEK, Period.MONTH])
def test_speed_and_errors_are_what_polars_makes_of_the_calls(
    company: Company, filters: Filters, period: Period
) -> None:
    con, made = company
    found = facts(con, filters, period=period)
    frame = inside(made, found.span, filters)
    assert frame.height > 10
    assert found.sums is not None and found.before is not None
    assert_like(found.sums.totals.speed, speed(frame))
    answered = frame.filter(pl.col("status") == "ok")
    answers = answered.select("turn", "model_id", "chosen_by").unique()
    assert found.sums.totals.answers == answers.height
    assert found.sums.totals.by_fallback == answers.filter(pl.col("chosen_by") == "fallback").height
    then = span_before(period, NOW, BERLIN)
    before, days = inside(made, then, filters), inside(made, replace(then, end=found.span.start), filters)
    sums = speed(before)
    expected = replace(speed(days), calls=sums.calls, failures=sums.failures)  # quantiles are of whole days
    assert_like(found.before.totals.speed, expected)

    ends = [*found.span.edges[1:], found.span.end]
    for bucket, end in zip(found.buckets, ends, strict=True):
        of_bucket = frame.filter((pl.col("ts") >= bucket.start) & (pl.col("ts") < end))
        if bucket.speed is not None:
            assert_like(bucket.speed, speed(of_bucket))
        if of_bucket["user_id"].n_unique() < 3:
            assert bucket.speed is None

    failed = (
        frame.filter(pl.col("status") == "failed")
        .group_by("error_kind")
        .agg(pl.len(), people=pl.col("user_id").n_unique())
    )
    kinds = {row["error_kind"]: row for row in failed.iter_rows(named=True)}
    for error in found.errors:
        if error.kind not in {None, "cut_off"}:
            assert kinds[error.kind]["len"] == error.calls
            assert kinds[error.kind]["people"] >= 3


@pytest.mark.parametrize("by", list(Grouping))
@pytest.mark.parametrize("filters", FILTERS[::2], ids=str)
def test_groups_add_up_to_the_whole(company: Company, filters: Filters, by: Grouping) -> None:
    con, made = company
    found = facts(con, filters, by=by)
    frame = inside(made, found.span, filters)
    column = "model_id" if by is Grouping.MODEL else "provider"
    named = {group.name for group in found.groups if group.name}
    assert not any((name or "").startswith("rare") for name in named)
    for group in found.groups:
        rest = ~pl.col(column).is_in(list(named))
        assert_like(group.speed, speed(frame.filter(rest if group.name is None else pl.col(column) == group.name)))
    assert sum(group.speed.calls for group in found.groups) == frame.height
    assert [group.name for group in found.groups][-1] is None or filters.provider


@pytest.mark.parametrize("filters", FILTERS[:5], ids=str)
def test_a_useful_answer_costs_what_polars_says(company: Company, filters: Filters) -> None:
    con, made = company
    found = facts(con, filters)
    frame = inside(made, found.span, filters)

    shown: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(made.books.feedback, key=lambda row: row["ts"]):
        kind = "thumb" if row["signal"].startswith("thumb") else row["signal"]
        shown.setdefault((row["turn_id"], row["model_id"]), {})[kind] = row["signal"]
    expected: dict[tuple[str, str | None], list[Any]] = {}
    answers = 0
    for (turn, model_id), calls in frame.group_by("turn", "model_id"):
        if not calls["status"].is_in(["ok", "stopped"]).any():
            continue
        answers += 1
        worths = [WORTHS[signal] for signal in shown.get((turn, model_id), {}).values() if signal in WORTHS]
        if not worths:
            continue
        quality = sum(worth * weight for worth, weight in worths) / sum(weight for _, weight in worths)
        costs = [row["cost_amount"] for row in calls.iter_rows(named=True) if row["status"] != "failed"]
        currency = None if None in costs else "USD"
        sums = expected.setdefault((model_id, currency), [0, 0, Decimal(), set()])
        sums[0] += 1
        sums[1] += quality > 0.5
        sums[2] += sum(costs, Decimal()) if currency else Decimal()
        sums[3].update(calls["user_id"])
    assert found.sums is not None
    assert found.sums.totals.to_judge == answers
    assert sum(each.judged for each in found.sums.useful) == sum(row[0] for row in expected.values()) > 20
    assert sum(each.useful for each in found.sums.useful) == sum(row[1] for row in expected.values())
    assert sum((each.cost or Decimal()) for each in found.sums.useful) == sum(row[2] for row in expected.values())
    for each in found.useful:
        if each.model_id is not None:
            judged, useful, cost, people = expected[each.model_id, each.currency]
            assert (each.judged, each.useful, each.cost or Decimal()) == (judged, useful, cost)
            assert len(people) >= 3


def test_an_answer_in_several_calls_costs_all_of_them(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for user in "abc":
        call = made.call(user, AGO, cost_currency="EUR")
        made.call(user, AGO, turn_id=call["turn_id"], cost_currency="EUR")
        made.call(user, AGO, turn_id=call["turn_id"], **NOTHING, error_kind="timeout")
        made.call(user, AGO, "openai/gpt-4o-mini", turn_id=call["turn_id"], cost_amount=Decimal(7))
        made.shown(call, "copied" if user == "a" else "thumb_up" if user == "b" else "thumb_down")
    made.write(con)
    (row,) = facts(con).useful
    assert (row.model_id, row.currency) == ("openai/gpt-4o", "EUR"), "a failed call has no price and needs none"
    assert (row.judged, row.useful, row.cost) == (3, 2, Decimal("0.027"))


def test_an_answer_whose_cost_is_not_all_known_has_none(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for user in "abc":
        unpriced = made.call(user, AGO, "x/one")
        made.call(user, AGO, "x/one", turn_id=unpriced["turn_id"], cost_amount=None, cost_basis="unpriced")
        mixed = made.call(user, AGO, "x/two")
        made.call(user, AGO, "x/two", turn_id=mixed["turn_id"], cost_currency="EUR")
        made.shown(unpriced, "thumb_up")
        made.shown(mixed, "thumb_up")
    made.write(con)
    found = facts(con).useful
    assert [(each.model_id, each.currency, each.judged, each.cost) for each in found] == [
        ("x/one", None, 3, None), ("x/two", None, 3, None),
    ]  # fmt: skip


def test_what_is_shown_of_an_answer_counts_when_it_is_known(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for user in "abc":
        made.shown(made.call(user, NOW - timedelta(days=8)), "thumb_up", timedelta(days=5))
        made.call(user, AGO)
    made.write(con)
    found = facts(con, period=Period.WEEK)
    assert found.useful == ()
    assert found.before is not None and found.before.totals.speed.calls == 3
    assert [(each.judged, each.useful) for each in found.before.useful] == [(3, 3)]


def test_who_stood_in_for_whom(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for user in "abc":
        first = made.call(user, AGO, "openai/gpt-4o", **NOTHING, error_kind="timeout")
        later = {"turn_id": first["turn_id"], "chosen_by": "fallback"}
        made.call(user, AGO + timedelta(seconds=2), "mistral/large", **NOTHING | later, error_kind="timeout")
        made.call(user, AGO + timedelta(seconds=4), "mistral/large", **later)
        made.call(user, AGO, "mistral/large", chosen_by="fallback", turn_id=None)
    made.call("a", AGO, "other/one", chosen_by="fallback")
    made.write(con)
    found = facts(con)
    assert [(each.failed, each.model_id, each.calls, each.answered, each.rest) for each in found.fallbacks] == [
        ("openai/gpt-4o", "mistral/large", 6, 3, 0),
        (None, None, 4, 4, 2),
    ], "one alone would be told by the sum, so the smaller pair is added to it"
    assert found.sums is not None
    assert (found.sums.totals.by_fallback, found.sums.totals.answers) == (7, 7)


def test_what_caches_saved_is_what_polars_says(company: Company) -> None:
    con, made = company
    found = facts(con)
    frame = inside(made, found.span, Filters())
    assert found.sums is not None
    assert sum(each.asked for each in found.sums.cached) == frame["cache"].count() > 20
    assert sum(each.hits for each in found.sums.cached) == frame["hit"].sum() == found.sums.totals.cache_hits
    saved = sum((row for row in frame["saved_amount"] if row is not None), Decimal())
    assert sum((each.saved or Decimal()) for each in found.sums.cached) == saved > 0
    assert (
        sum(each.unpriced_hits for each in found.sums.cached)
        == frame.filter(pl.col("hit") & pl.col("saved_amount").is_null()).height
    )
    assert sum(each.cached_tokens for each in found.cached) == frame["cached_tokens"].sum()


@pytest.mark.parametrize("filters", FILTERS[:5], ids=str)
def test_the_traffic_elsewhere_costs_what_its_calls_do_one_by_one(company: Company, filters: Filters) -> None:
    con, made = company
    found = facts(con, filters, above=[2000, 6000])
    chats = inside(made, found.span, filters).filter(
        (pl.col("modality") == "text") & pl.col("input_tokens").is_not_null() & ~pl.col("hit")
    )
    what_if = priced_as("y/y", PRICE, found.traffic)
    by_hand = [
        (row, cost_of(PRICE, TokenUsage(row["input_tokens"], row["output_tokens"], row["cached_tokens"] or 0)).amount)
        for row in chats.iter_rows(named=True)
    ]
    assert {row["input_tokens"] > 6000 for row, _ in by_hand} == {True, False}
    total = what_if.total
    assert total.calls == len(by_hand)
    assert total.there == sum(there or 0 for _, there in by_hand)
    priced = [
        (row, there) for row, there in by_hand if row["cost_currency"] == "USD" and row["cost_amount"] is not None
    ]
    assert total.compared == len(priced)
    assert total.actual == sum(row["cost_amount"] for row, _ in priced) < 99
    assert total.compared_there == sum(there or 0 for _, there in priced)
    assert total.estimated == chats["tokens_estimated"].sum()
    for each in what_if.rows:
        if each.model_id is not None:
            assert each.there == sum(there or 0 for row, there in by_hand if row["model_id"] == each.model_id)
    assert found.sums is not None
    totals = found.sums.totals
    left = totals.cache_hits + totals.not_chat + totals.no_tokens
    assert totals.speed.calls == total.calls + left, "what is left out is counted"


def test_books_through_the_outbox_come_to_the_same(store: Store, start_writer: StartWriter, clock: Clock) -> None:
    rng = random.Random(3)
    calls = [
        booked(rng, NOW - timedelta(days=28 * rng.random()), rng.choice(["ann", "bob", "eve"])) for _ in range(300)
    ]
    book(store, calls)
    service = PerformanceService(Access(store), start_writer(store), lambda _: {"y/y": PRICE}, clock)
    view = service.view(ANALYST, Question(what_if="y/y"))
    assert view.facts.sums is not None and view.what_if is not None
    now = view.facts.sums.totals.speed
    ok = [call.outcome for call in calls if call.outcome.status is CallStatus.OK]
    assert now.calls == 300
    assert now.failures == sum(call.outcome.status is CallStatus.FAILED for call in calls)
    firsts = pl.Series([call.outcome.ttft_ms for call in calls])
    assert now.ttft.p99 == pytest.approx(times(firsts, 0.99).p50, rel=ACCURACY)
    assert now.whole.p95 == pytest.approx(times(pl.Series([each.latency_ms for each in ok]), 0.95).p50, rel=ACCURACY)
    assert view.what_if.total.there == sum(cost_of(PRICE, c.outcome.usage).amount or 0 for c in calls)
    assert view.what_if.total.actual == sum(c.outcome.cost.amount or 0 for c in calls)


@given(
    st.dictionaries(
        st.integers(0, 20),
        st.sets(st.sampled_from(["a", "b", "c", "d", "e", "v", "sample-1", "sample-2", "sample-3"]), min_size=1),
        max_size=8,
    ),
)
def test_neither_a_row_nor_what_is_left_of_the_sum_is_about_a_few(groups: dict[int, set[str]]) -> None:
    shown = apart(groups, "v")
    assert all(is_enough(groups[key], "v") for key in shown)
    left = {person for key, people in groups.items() if key not in shown for person in people}
    assert not shown or not left or is_enough(left, "v")
    for people in [*(groups[key] for key in shown), *([left] if shown and left else [])]:
        real = {each for each in people if not each.startswith("sample-")} or people
        assert len(real) >= 3 or real == {"v"}
    if all(is_enough(people, "v") for people in groups.values()):
        assert shown == groups.keys()


@pytest.mark.parametrize("people", [1, 2])
def test_nothing_is_shown_about_fewer_than_three_people(con: duckdb.DuckDBPyConnection, people: int) -> None:
    made = Traffic()
    for number in range(40):
        call = made.call(f"person-{number % people}", AGO)
        made.shown(call, "thumb_up")
    made.write(con)
    found = facts(con, above=[])
    assert (found.is_empty, found.sums) == (False, None)
    assert not any((found.buckets, found.groups, found.errors, found.useful, found.cached, found.traffic))
    assert not any((found.options.models, found.options.providers, found.options.tasks))
    if people == 1:
        own = facts(con, viewer="person-0", above=[])
        assert own.sums and own.groups and own.useful and own.traffic and own.options.models == ("openai/gpt-4o",)


def test_what_a_few_did_among_many_is_added_up_or_left_out(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for user in "abcd":
        made.call(user, AGO)
    made.call("a", AGO, "secret/a-model")
    made.call("a", AGO, **NOTHING, error_kind="timeout")
    made.call("b", NOW - timedelta(days=5))
    made.write(con)
    found = facts(con)
    assert found.sums is not None and found.sums.totals.speed.failures == 1
    assert found.errors == (), "one person's timeout is in the number of failures, and nowhere else"
    assert [(group.name, group.groups) for group in found.groups] == [(None, 2)]
    assert found.options.models == ()
    assert not any(bucket.speed for bucket in found.buckets), "the day that is left out is not the sum less the others"


def test_the_period_before_ends_at_the_same_time_of_day() -> None:
    now = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)  # the clocks went back the day before, in Berlin
    before = span_before(Period.WEEK, now, BERLIN)
    assert before.start == datetime(2026, 10, 12, 22, tzinfo=UTC)
    assert before.end == datetime(2026, 10, 19, 8, 30, tzinfo=UTC)
    assert span_of(Period.WEEK, now, BERLIN).start == datetime(2026, 10, 19, 22, tzinfo=UTC)
    today = span_before(Period.TODAY, NOW, UTC)
    assert (today.start, today.end) == (datetime(2026, 11, 22, tzinfo=UTC), NOW - timedelta(days=1))


def test_the_sql_that_is_shown_gives_the_number_that_is_shown(
    company: Company,
) -> None:
    con, _ = company
    found = facts(con, Filters(provider="openai"), above=[2000])
    assert found.sums is not None
    assert set(found.ran) >= {"totals", "buckets", "groups", "errors", "fallbacks", "useful", "cache", "traffic"}
    for name, (sql, parameters) in found.ran.items():
        answer = con.execute(sql, dict(parameters))
        columns = [column[0] for column in answer.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        if name == "totals":
            assert [row["calls"] for row in rows if row["is_now"]] == [found.sums.totals.speed.calls]
        if name == "speed":
            (told,) = (row for row in rows if row["part"] and row["measure"] == "ttft_ms")
            assert told["quantiles"][2] == found.sums.totals.speed.ttft.p99
        if name == "traffic":
            assert sum(row["calls"] for row in rows) == sum(each.calls for each in found.traffic)
        if name == "useful":
            now = [row for row in rows if row["is_now"]]
            assert sum(row["answered"] for row in now) == found.sums.totals.answers
            assert sum(row["answers"] for row in now if row["is_judged"]) == sum(each.judged for each in found.useful)


def test_an_empty_warehouse_has_nothing_and_says_so(con: duckdb.DuckDBPyConnection) -> None:
    found = facts(con, above=[])
    assert (found.is_empty, found.sums, found.before, found.buckets) == (True, None, None, ())


def test_only_analysts_see_performance(store: Store, start_writer: StartWriter, clock: Clock) -> None:
    service = PerformanceService(Access(store), start_writer(store), lambda _: {"y/y": PRICE}, clock)
    assert service.view(ANALYST, Question()).facts.is_empty
    assert service.view(replace(ANALYST, roles=frozenset({Role.ADMIN})), Question()).facts.is_empty
    assert set(service.prices(ANALYST)) == {"y/y"}
    member = Actor("ann", frozenset({Role.MEMBER}))
    with pytest.raises(AccessRefused):
        service.view(member, Question())
    with pytest.raises(AccessRefused):
        service.prices(member)
    with pytest.raises(NotFound):
        service.view(ANALYST, Question(what_if="no/such"))
