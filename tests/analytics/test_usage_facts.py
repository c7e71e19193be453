"""The Usage page's numbers against the same ones worked out in Polars, and what is kept back of too few people."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from duckdb import DuckDBPyConnection

from data.analytics.period import Period, span_of
from data.analytics.usage_facts import usage_facts
from data.analytics.usage_values import NO_TEAM, Dimension, Filters, Measure, Question, UsageFacts
from data.warehouse.file import open_warehouse
from data.warehouse.rollups import keep_zone, refresh
from tests.warehouse.traffic import Traffic, busy

NOW = datetime(2026, 11, 24, 14, 40, tzinfo=UTC)
ZONE = ZoneInfo("America/St_Johns")  # half an hour off, and its clocks changed on 1 November
TEAMS = ("red", "blue", None)
FILTERS = [
    Filters(),
    Filters(team="red"),
    Filters(team=NO_TEAM, surface="chat"),
    Filters(provider="openai"),
    Filters(provider="openai", model="gpt-4o", task="code"),
    Filters(modality="embedding"),
]


@pytest.fixture(scope="module")
def made() -> Traffic:
    traffic, rng = busy(NOW, days=90, a_day=40), random.Random(8)
    for call in traffic.calls:
        call["team_id"] = TEAMS[int(call["user_id"].removeprefix("person-")) % 3]
        if call["cost_amount"] is not None and rng.random() < 0.1:
            call["cost_currency"] = "EUR"
    return traffic


@pytest.fixture(scope="module")
def con(made: Traffic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    opened = warehouse(tmp_path_factory.mktemp("usage") / "warehouse.duckdb", made)
    yield opened
    opened.close()


def warehouse(path: Path, made: Traffic, zone: ZoneInfo = ZONE) -> DuckDBPyConnection:
    opened = open_warehouse(path, NOW)
    made.write(opened)
    keep_zone(opened, zone)
    refresh(opened, zone, NOW)
    return opened


def facts(con: DuckDBPyConnection, question: Question, period: Period = Period.MONTH, **more: Any) -> UsageFacts:
    asked: dict[str, Any] = {"now": NOW, "zone": ZONE, "viewer": "analyst", "only_own": False} | more
    return usage_facts(con, period, question, **asked)


def rows(made: Traffic, filters: Filters, start: datetime, end: datetime) -> pl.DataFrame:
    types = dict.fromkeys(("cost_amount", "saved_amount", "quantity"), pl.Decimal(38, 15))
    frame = pl.DataFrame(made.calls, infer_schema_length=None, schema_overrides=types).with_columns(
        team=pl.col("team_id").fill_null(NO_TEAM)
    )
    for name in ("team", "provider", "model", "surface", "modality", "task"):
        if (value := getattr(filters, name)) is not None:
            frame = frame.filter(pl.col(name) == value)
    return frame.filter((pl.col("ts") >= start.astimezone(UTC)) & (pl.col("ts") < end.astimezone(UTC)))


def spent(frame: pl.DataFrame) -> dict[str, Decimal]:
    paid = frame.filter(pl.col("cost_amount").is_not_null() & pl.col("cache").ne_missing("hit"))
    found = {str(key): sum(each["cost_amount"], Decimal()) for (key,), each in paid.group_by("cost_currency")}
    return {currency: amount for currency, amount in found.items() if amount}


def before(period: Period) -> tuple[datetime, datetime]:
    local = NOW.astimezone(ZONE)
    first = local.date() - timedelta(days=2 * period.days - 1)
    end = datetime.combine(local.date() - timedelta(days=period.days), local.time(), ZONE)
    return datetime(first.year, first.month, first.day, tzinfo=ZONE), end


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("period", [Period.TODAY, Period.WEEK, Period.MONTH])
def test_sums_are_those_of_the_rows(con: DuckDBPyConnection, made: Traffic, filters: Filters, period: Period) -> None:
    found = facts(con, Question(filters), period)
    span = span_of(period, NOW, ZONE)
    now, then = rows(made, filters, span.start, span.end), rows(made, filters, *before(period))
    for sums, frame in ((found.totals, now), (found.before, then)):
        people = frame["user_id"].n_unique()
        if sums is None:
            assert people < 3
            continue
        assert sums.calls == len(frame)
        assert sums.failures == len(frame.filter(pl.col("status") == "failed"))
        assert sums.input_tokens == frame["input_tokens"].sum()
        assert sums.output_tokens == frame["output_tokens"].sum()
        assert dict(sums.spend) == spent(frame)
        assert sums.cache_hits == len(frame.filter(pl.col("cache") == "hit"))
        assert sums.unknown == len(frame.filter(pl.col("status") == "unknown"))
    if found.totals is not None:
        shown = [each.sums for each in found.buckets if each.sums is not None]
        assert sum(each.calls for each in shown) <= found.totals.calls
        assert len(found.buckets) == len(span.edges)


@pytest.mark.parametrize("by", Dimension)
def test_groups_are_those_of_the_rows_and_the_rest_is_one(
    con: DuckDBPyConnection, made: Traffic, by: Dimension
) -> None:
    found = facts(con, Question(Filters(), by))
    span = span_of(Period.MONTH, NOW, ZONE)
    frame = rows(made, Filters(), span.start, span.end).with_columns(model=pl.col("provider") + "/" + pl.col("model"))
    past = rows(made, Filters(), *before(Period.MONTH)).with_columns(model=pl.col("provider") + "/" + pl.col("model"))
    for group in found.groups:
        assert group.name is not None
        own = frame.filter(pl.col(by.value) == group.name)
        assert group.now.calls == len(own)
        assert dict(group.now.spend) == spent(own)
        assert group.before is not None
        assert group.before.calls == len(past.filter(pl.col(by.value) == group.name))
    assert found.totals is not None and found.before is not None
    assert sum(group.now.calls for group in found.groups) == found.totals.calls == len(frame)
    changes = {group.name: group.now.calls - (group.before.calls if group.before else 0) for group in found.groups}
    largest = max(abs(change) for change in changes.values())
    assert not largest or abs(found.movers[0].change) == largest


def test_days_and_hours_are_those_of_the_rows(con: DuckDBPyConnection, made: Traffic) -> None:
    for period in (Period.TODAY, Period.MONTH):
        found = facts(con, Question(Filters()), period)
        edges = [*span_of(period, NOW, ZONE).edges, datetime.max.replace(tzinfo=UTC)]
        for bucket, end in zip(found.buckets, edges[1:], strict=True):
            own = rows(made, Filters(), bucket.start, end)
            if bucket.sums is None:
                assert own["user_id"].n_unique() < 3 or period is Period.MONTH
                continue
            assert bucket.sums.calls == len(own)
            assert dict(bucket.sums.spend) == spent(own)
            assert bucket.sums.tokens == int(own["input_tokens"].sum()) + int(own["output_tokens"].sum())


@pytest.mark.parametrize("filters", [Filters(), Filters(team="blue"), Filters(provider="openai")], ids=str)
def test_active_people_are_different_people(con: DuckDBPyConnection, made: Traffic, filters: Filters) -> None:
    active = facts(con, Question(filters), Period.WEEK).active
    assert active is not None
    for period, told, past in (
        (Period.TODAY, active.day, active.day_before),
        (Period.WEEK, active.week, active.week_before),
        (Period.MONTH, active.month, active.month_before),
    ):
        span = span_of(period, NOW, ZONE)
        assert told == rows(made, filters, span.start, span.end)["user_id"].n_unique()
        assert past == rows(made, filters, *before(period))["user_id"].n_unique()


def test_the_month_is_what_its_calls_cost(con: DuckDBPyConnection, made: Traffic) -> None:
    month = facts(con, Question(Filters()), Period.WEEK).month
    assert month is not None
    first = datetime(2026, 11, 1, tzinfo=ZONE)  # where summer time ends on that day
    assert month.spent == spent(rows(made, Filters(), first, NOW))["USD"]
    assert (month.first, month.last, month.currency) == (date(2026, 11, 1), date(2026, 11, 30), "USD")
    assert month.forecast is not None
    assert float(month.spent) <= month.forecast.low <= month.forecast.expected <= month.forecast.high


def test_ones_own_are_nobody_elses(con: DuckDBPyConnection, made: Traffic) -> None:
    found = facts(con, Question(Filters(provider="openai")), viewer="person-3", only_own=True)
    span = span_of(Period.MONTH, NOW, ZONE)
    own = rows(made, Filters(provider="openai"), span.start, span.end).filter(pl.col("user_id") == "person-3")
    assert found.totals is not None
    assert (found.totals.calls, dict(found.totals.spend)) == (len(own), spent(own))
    assert found.active is None
    assert sum(each.sums.calls for each in found.buckets if each.sums) == len(own)
    assert sum(group.now.calls for group in found.groups) == len(own)


def few(tmp_path: Path, people: dict[str, dict[str, Any]], days: int = 3) -> DuckDBPyConnection:
    made = Traffic()
    for user, more in people.items():
        for day in range(days):
            made.call(user, NOW - timedelta(days=day, hours=2), **more)
    return warehouse(tmp_path / "few.duckdb", made)


def test_two_people_are_not_shown(tmp_path: Path) -> None:
    con = few(tmp_path, {"ann": {}, "bob": {}, "sample-1-0001": {}, "sample-1-0002": {}})
    found = facts(con, Question())
    assert (found.totals, found.groups, found.buckets, found.movers, found.month) == (None, (), (), (), None)
    mine = facts(con, Question(), viewer="ann", only_own=True).totals
    assert mine is not None and mine.calls == 3


def test_a_team_of_one_is_not_told_apart(tmp_path: Path) -> None:
    reds = {f"red-{number}": {"team_id": "red"} for number in range(4)}
    blues = {f"blue-{number}": {"team_id": "blue"} for number in range(3)}
    con = few(tmp_path, {**reds, **blues, "ann": {"team_id": "green"}})
    found = facts(con, Question(by=Dimension.TEAM))
    told = [(group.name, group.rest, group.now.calls) for group in found.groups]
    assert told == [("red", 0, 12), (None, 2, 12)], "with green goes the smallest of the others"
    assert facts(con, Question(Filters(team="green"))).totals is None
    own = facts(con, Question(Filters(team="green")), viewer="ann").totals
    assert own is not None and own.calls == 3


def test_what_one_did_before_is_not_what_is_left_of_the_sum(tmp_path: Path) -> None:
    made = Traffic()
    for number in range(4):
        made.call(f"p{number}", NOW - timedelta(days=1), "z/all")
        made.call(f"p{number}", NOW - timedelta(days=40), "z/all")
        made.call(f"p{number}", NOW - timedelta(days=1), "z/new")
        made.call(f"p{number}", NOW - timedelta(days=1), f"z/some-{number // 2}")
    made.call("p0", NOW - timedelta(days=40), "z/new")
    for number in range(3):
        made.call(f"p{number}", NOW - timedelta(days=40), "z/some-0")
    found = facts(warehouse(tmp_path / "left.duckdb", made), Question())
    assert found.before is not None and found.before.calls == 8
    told = {group.name: None if group.before is None else group.before.calls for group in found.groups}
    assert told == {"z/all": 4, "z/new": None, None: None}, "8 less 4 less the 3 of the rest would be p0's"


def test_a_model_that_few_asked_long_ago_is_not_told_apart(tmp_path: Path) -> None:
    made = Traffic()
    for number in range(5):
        made.call(f"p{number}", NOW - timedelta(hours=3))
        made.call(f"p{number}", NOW - timedelta(days=20), "z/asked-by-all-long-ago")
    made.call("p1", NOW - timedelta(days=12), "z/rare")
    con = warehouse(tmp_path / "rare.duckdb", made)
    names = [group.name for group in facts(con, Question()).groups]
    assert "z/rare" not in names
    assert None in names, "and the others of whom it is the rest are enough"


def test_what_few_used_is_no_filter_to_choose_and_stands_in_no_parameter(tmp_path: Path) -> None:
    made = Traffic()
    for number in range(6):
        made.call(f"p{number}", NOW - timedelta(days=9), team_id="red")
        made.call(f"p{number}", NOW - timedelta(hours=1), "z/new", team_id="red")
    made.call("p1", NOW - timedelta(days=2), "own-box/secret", team_id="green", task="other", modality="image")
    found = facts(warehouse(tmp_path / "own.duckdb", made), Question(by=Dimension.MODEL))
    # The smallest of the others goes with it: all calls less those of the others would tell them.
    assert found.options.of[Dimension.MODEL] == ("openai/gpt-4o",)
    assert found.options.of[Dimension.TEAM] == ()
    told = repr([(name, dict(parameters)) for name, (_, parameters) in found.ran.items()])
    assert "own-box" not in told and "green" not in told


def test_a_spike_is_marked_with_what_was_usual(tmp_path: Path) -> None:
    made, rng = Traffic(), random.Random(4)
    for ago in range(75, 0, -1):
        at = NOW - timedelta(days=ago)
        number = rng.randrange(18, 23) if at.weekday() < 5 else 4
        for each in range(90 if ago == 5 else number):
            status = "failed" if ago == 12 and each % 2 else "ok"
            made.call(f"p{each % 7}", at + timedelta(seconds=each), status=status)
    found = facts(warehouse(tmp_path / "spike.duckdb", made), Question())
    assert found.is_watched
    (odd,) = found.odd
    assert (odd.day, odd.found.value) == ((NOW - timedelta(days=5)).astimezone(ZONE).date(), 90)
    assert odd.found.low < 20 < odd.found.high < 40
    (failing,) = found.failing
    assert (failing.day, failing.found.value) == ((NOW - timedelta(days=12)).astimezone(ZONE).date(), 0.5)
    assert failing.found.high < 0.5


def test_an_empty_period_says_when_the_last_call_was(tmp_path: Path) -> None:
    made = Traffic()
    made.call("ann", NOW - timedelta(days=40))
    con = warehouse(tmp_path / "old.duckdb", made)
    found = facts(con, Question(), viewer="ann")
    assert found.totals is not None and found.totals.calls == 0
    assert found.last_day == (NOW - timedelta(days=40)).astimezone(ZONE).date()


def test_every_part_says_what_was_run(con: DuckDBPyConnection) -> None:
    found = facts(con, Question(Filters(team="red")))
    assert {"groups", "days", "people_by_day", "active", "options"} <= set(found.ran)
    sql, parameters = found.ran["groups"]
    assert "usage_daily" in sql and parameters["team"] == "red"
    again = con.execute(sql, dict(parameters)).fetchall()
    assert found.totals is not None
    assert sum(row[3] for row in again if row[0]) == found.totals.calls
    assert Measure.COST.value == "cost"
