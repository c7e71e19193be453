"""Picked questions give what Polars makes of the same rows, whatever is picked."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from core.errors import AccessRefused
from core.explore.service import ExploreService
from data.analytics.period import Period
from data.analytics.picking import NONE, TOPICS, Picked, Subject
from data.query import QueryError
from data.query.typed import typed_rows
from data.values.actor import Actor
from tests.explore.conftest import ADMIN, ANALYST, MEMBER, Place, place
from tests.warehouse.books import NOW
from tests.warehouse.traffic import busy


def calls_of(made: Place, zone: ZoneInfo | None = None) -> pl.DataFrame:
    """The calls as they were made up, with the columns that the view adds. Independent of any SQL of ours."""
    frame = pl.DataFrame(
        made.made.calls, infer_schema_length=None, schema_overrides={"cost_amount": pl.Decimal(38, 15)}
    )
    local = zone or ZoneInfo("UTC")
    return frame.with_columns(
        pl.Series("day", [each.astimezone(local).date() for each in frame["ts"]]),
        pl.Series("local_hour", [each.astimezone(local).hour for each in frame["ts"]]),
        (pl.col("provider") + "/" + pl.col("model")).alias("model_id"),
    )


def asked(place: Place, picked: Picked, actor: Actor = ANALYST) -> list[tuple[Any, ...]]:
    return typed_rows(place.service.ask(actor, picked).rows).rows()


@pytest.mark.parametrize("period", [*Period, None])
@pytest.mark.parametrize("column", ["provider", "model_id", "task", "surface", "status", "error_kind", "day"])
def test_sums_and_counts_are_those_of_polars(company: Place, period: Period | None, column: str) -> None:
    names = {"model_id": "model", "error_kind": "error"}
    picked = Picked(
        measures=("calls", "people", "cost_usd", "tokens", "failed", "unpriced"),
        dimensions=(names.get(column, column),),
        period=period,
    )
    frame = calls_of(company)
    if period is not None:
        frame = frame.filter(pl.col("day") > NOW.date() - timedelta(days=period.days))
    expected = frame.group_by(pl.col(column).fill_null(NONE) if column == "error_kind" else column).agg(
        pl.len().alias("calls"),
        pl.col("user_id").n_unique().alias("people"),
        pl.col("cost_amount").sum().alias("cost"),
        (pl.col("input_tokens").fill_null(0) + pl.col("output_tokens").fill_null(0)).sum().alias("tokens"),
        (pl.col("status") == "failed").sum().alias("failed"),
        (pl.col("cost_basis") == "unpriced").sum().alias("unpriced"),
    )
    found = {row[0]: row[1:] for row in asked(company, picked)}
    assert set(found) == set(expected[column])
    for row in expected.iter_rows(named=True):
        calls, people, cost, tokens, failed, unpriced = found[row[column]]
        assert (calls, people, tokens, failed, unpriced) == (
            row["calls"], row["people"], row["tokens"], row["failed"], row["unpriced"]
        )  # fmt: skip
        assert (cost or Decimal()) == row["cost"], "to the last digit"


def test_quantiles_are_those_of_polars(company: Place) -> None:
    rows = asked(company, Picked(measures=("ttft_ms_median", "latency_ms_p95"), dimensions=("provider",), period=None))
    frame = calls_of(company)
    expected = frame.group_by("provider").agg(
        pl.col("ttft_ms").median(), pl.col("latency_ms").quantile(0.95, interpolation="linear")
    )
    assert len(rows) == expected.height
    for provider, median, p95 in expected.iter_rows():
        found = next(row for row in rows if row[0] == provider)
        assert found[1] == pytest.approx(median)
        assert found[2] == pytest.approx(p95)


def test_several_dimensions_and_filters_go_together(company: Place) -> None:
    picked = Picked(
        measures=("calls",),
        dimensions=("week", "task"),
        filters=(("provider", ("openai", "mistral")), ("surface", ("chat",)), ("weekday", ("1 Monday", "3 Wednesday"))),
        period=Period.QUARTER,
    )
    frame = calls_of(company).filter(
        pl.col("provider").is_in(["openai", "mistral"]),
        pl.col("surface") == "chat",
        pl.col("day").dt.weekday().is_in([1, 3]),
    )
    expected = frame.group_by(pl.col("day").dt.truncate("1w").alias("week"), "task").len()
    assert sorted(asked(company, picked)) == sorted(expected.rows())


def test_pseudonyms_are_apart_and_stay(company: Place) -> None:
    picked = Picked(measures=("calls",), dimensions=("person",), period=None)
    expected = calls_of(company)["user_id"].value_counts()
    names = {company.exports.pseudonym(user): count for user, count in expected.iter_rows()}
    assert dict(asked(company, picked)) == names
    assert not any("person-" in name for name in names)


def test_names_are_for_those_who_manage_people(company: Place) -> None:
    picked = Picked(measures=("calls",), dimensions=("name",), period=None)
    assert len(asked(company, picked, ADMIN)) == 12
    with pytest.raises(QueryError, match="have no name"):
        company.service.ask(ANALYST, picked)
    assert "name" not in company.service.topic(ANALYST, Subject.CALLS).dimensions
    assert "name" in company.service.topic(ADMIN, Subject.CALLS).dimensions


def test_members_have_no_explore(company: Place) -> None:
    service = company.service
    for ask in (
        lambda: service.run(MEMBER, "SELECT 1"),
        lambda: service.ask(MEMBER, Picked()),
        lambda: service.views(MEMBER),
        lambda: service.topic(MEMBER, Subject.CALLS),
        lambda: service.values(MEMBER, Subject.CALLS, "task", None),
        lambda: company.saved.list(MEMBER),
    ):
        with pytest.raises(AccessRefused):
            ask()


def test_everything_that_can_be_picked_can_be_run(company: Place) -> None:
    for subject, topic in TOPICS.items():
        picks = itertools.zip_longest(topic.dimensions, topic.measures)
        for dimension, measure in picks:
            picked = Picked(
                subject,
                (measure or next(iter(topic.measures)),),
                (dimension or "day",),
                ((dimension or "day", ("it's", "\\", NONE)),),
                None,
            )
            company.service.ask(ADMIN, picked)
        company.service.ask(ADMIN, Picked(subject, tuple(topic.measures), (), (), Period.MONTH))


def test_a_value_is_no_sql(company: Place) -> None:
    bad = "x') OR 1=1 --"
    assert asked(company, Picked(dimensions=("task",), filters=(("task", (bad,)),), period=None)) == []


def test_values_are_offered_the_most_frequent_first(company: Place) -> None:
    expected = calls_of(company)["provider"].value_counts(sort=True)
    found = company.service.values(ANALYST, Subject.CALLS, "provider", None)
    counts = dict(expected.iter_rows())
    assert sorted(found) == sorted(counts)
    assert [counts[each] for each in found] == sorted(counts.values(), reverse=True)


@pytest.fixture(scope="module")
def kathmandu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    zone = ZoneInfo("Asia/Kathmandu")  # a quarter of an hour beside the hours
    for each in place(tmp_path_factory.mktemp("home"), busy(NOW, people=4, days=8, a_day=40), zone):
        each.seal()
        yield each


def test_days_and_hours_are_the_workspaces(kathmandu: Place) -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    frame = calls_of(kathmandu, zone)
    found = asked(kathmandu, Picked(measures=("calls",), dimensions=("day",), period=Period.QUARTER))
    assert dict(found) == dict(frame.group_by("day").len().rows())
    assert max(day for day, _ in found) == NOW.astimezone(zone).date() != NOW.date() - timedelta(days=1)
    hours = asked(kathmandu, Picked(measures=("calls",), dimensions=("hour",), period=None))
    assert dict(hours) == dict(frame.group_by("local_hour").len().rows())


def test_sealed_days_and_rows_of_today_are_one(small: Place) -> None:
    """Any mixture of files and rows gives the same answer."""
    question = (
        "SELECT day, count(*), sum(cost_usd), min(ts), bit_xor(hash(event_id)) FROM model_calls GROUP BY 1 ORDER BY 1"
    )
    before = small.service.run(ANALYST, question).rows.rows
    small.seal()
    small.clock.forward(timedelta(minutes=2))
    assert small.service.run(ANALYST, question).rows.rows == before
    rng = random.Random(3)
    for path in rng.sample(sorted(small.exports.folder.rglob("*.parquet")), 3):
        path.unlink()
    other = type(small.exports)(small.exports.folder, small.exports._key, small.exports.zone, small.clock)
    with small.writer.reader() as cursor:
        handed = other.hand_over(cursor)
    assert sum(rows for rows, _ in handed.counts.values()) == len(small.made.calls) + len(small.made.books.feedback)
    assert date.fromisoformat(str(before[-1][0])) == NOW.date()


def test_the_service_is_the_pages(company: Place) -> None:
    assert isinstance(company.service, ExploreService)
    assert {view.name for view in company.service.views(ADMIN)} - {
        view.name for view in company.service.views(ANALYST)
    } == {"people"}
