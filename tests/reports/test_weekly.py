"""The numbers of a report, against what Polars makes of the same rows, and the words they are told in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from core.reports.letter import compose
from data.analytics.weekly import PEOPLE_TOLD, Cost, Thumbs, WeeklyFacts, WeekNumbers, weekly_facts
from data.values.reports import Week
from data.values.sample import SAMPLE_PREFIX
from data.warehouse.file import open_warehouse
from tests.warehouse.books import NOW
from tests.warehouse.traffic import NOTHING, Traffic, busy

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Week(date(2026, 11, 16), BERLIN)
TEAMS = {f"person-{number}": ("red", "blue", None)[number % 3] for number in range(12)}


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = open_warehouse(tmp_path / "warehouse.duckdb", NOW)
    yield opened
    opened.close()


def company() -> Traffic:
    """Twelve people in two teams and none, euros among dollars, and made-up people beside them."""
    made = busy(NOW, days=24, a_day=90)
    for number, row in enumerate(made.calls):
        row["team_id"] = TEAMS[row["user_id"]]
        if number % 17 == 0 and row["cost_amount"]:
            row["cost_currency"] = "EUR"
    for number in range(40):
        call = made.call(f"{SAMPLE_PREFIX}p{number % 8}", NOW - timedelta(days=4), "sample/model", team_id="red")
        made.shown(call, "thumb_down")
    return made


def frame_of(made: Traffic, week: Week, team: str | None) -> pl.DataFrame:
    """The calls of a week, independently of the SQL: by the calendar of Berlin."""
    frame = pl.DataFrame(made.calls, infer_schema_length=None).with_columns(
        local=pl.col("ts").dt.convert_time_zone("Europe/Berlin").dt.date(),
        name=pl.col("provider") + "/" + pl.col("model"),
    )
    frame = frame.filter(
        pl.col("local").is_between(week.monday, week.monday + timedelta(days=6))
        & ~pl.col("user_id").str.starts_with("sample-")
    )
    return frame if team is None else frame.filter(pl.col("team_id") == team)


def costs_of(frame: pl.DataFrame) -> dict[str, Decimal]:
    paid = frame.filter(pl.col("cost_amount").is_not_null() & pl.col("cache").ne_missing(pl.lit("hit")))
    sums: dict[str, Decimal] = {}
    for currency, amount in paid.select("cost_currency", "cost_amount").iter_rows():
        sums[currency] = sums.get(currency, Decimal()) + amount
    return sums


def assert_numbers(found: WeekNumbers, frame: pl.DataFrame) -> None:
    people = frame["user_id"].n_unique()
    tokens = pl.col("input_tokens").fill_null(0) + pl.col("output_tokens").fill_null(0)
    unpriced = frame.filter((pl.col("cost_basis") == "unpriced") & ((pl.col("status") != "failed") | (tokens > 0)))
    assert found.calls == len(frame)
    assert found.people == (people if people >= PEOPLE_TOLD else None)
    assert found.failures == frame.filter(pl.col("status").is_in(["failed", "unknown"])).height
    assert found.unpriced == unpriced.height
    assert (found.input_tokens, found.output_tokens) == (frame["input_tokens"].sum(), frame["output_tokens"].sum())
    assert found.first_token_ms == pytest.approx(frame["ttft_ms"].drop_nulls().quantile(0.5, "linear"))
    assert {cost.currency: cost.amount for cost in found.costs} == costs_of(frame)


@pytest.mark.parametrize("team", [None, "red", "blue"])
@pytest.mark.parametrize("week", [WEEK, WEEK.previous], ids=lambda week: str(week.monday))
def test_every_number_is_what_polars_makes_of_the_calls(
    con: duckdb.DuckDBPyConnection, week: Week, team: str | None
) -> None:
    made = company()
    made.write(con)
    facts, frame = weekly_facts(con, week, team), frame_of(made, week, team)
    assert len(frame) > 100
    assert_numbers(facts.now, frame)
    assert_numbers(facts.before, frame_of(made, week.previous, team))
    groups = frame.group_by("name").agg(calls=pl.len(), people=pl.col("user_id").n_unique())
    told = groups.filter(pl.col("people") >= PEOPLE_TOLD).sort(["calls", "name"], descending=[True, False]).head(5)
    assert [(model.name, model.calls) for model in facts.models] == told.select("name", "calls").rows()
    for model in facts.models:
        assert {each.currency: each.amount for each in model.costs} == costs_of(frame.filter(name=model.name))
    assert facts.other_calls == len(frame) - told["calls"].sum()
    answers = set(frame["turn_id"])
    thumbs = [
        row
        for row in made.books.feedback
        if row["turn_id"] in answers and row["signal"].startswith("thumb") and week.start <= row["ts"] < week.end
    ]
    said = Counter(row["signal"] for row in thumbs)
    enough = len({row["user_id"] for row in thumbs}) >= PEOPLE_TOLD
    assert facts.thumbs == (Thumbs(said["thumb_up"], said["thumb_down"]) if enough else None)


def test_what_a_few_people_are_behind_is_in_the_sums_alone(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for number in range(PEOPLE_TOLD - 1):
        made.shown(made.call(f"p{number}", NOW - timedelta(days=3)), "thumb_down")
    made.call("p0", NOW - timedelta(days=3), "rare/model")
    made.write(con)
    facts = weekly_facts(con, WEEK, None)
    text = compose(facts, "").markdown
    assert (facts.now.calls, facts.now.people, facts.models, facts.thumbs) == (PEOPLE_TOLD, None, (), None)
    assert "fewer than 5" in text and "rare" not in text and "gpt" not in text and "Thumbs" not in text
    more = Traffic()
    more._ids = made._ids
    more.shown(more.call("p4", NOW - timedelta(days=3)), "thumb_up")
    more.write(con)
    facts = weekly_facts(con, WEEK, None)
    assert (facts.now.people, facts.thumbs) == (5, Thumbs(1, 4)) and [each.name for each in facts.models] == [
        "openai/gpt-4o"
    ]
    assert "rare" not in compose(facts, "").markdown


def test_sample_data_alone_is_nothing_to_tell(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for number in range(10):
        made.call(f"{SAMPLE_PREFIX}p{number}", NOW - timedelta(days=3))
    made.write(con)
    assert weekly_facts(con, WEEK, None).is_empty


def test_a_thumb_that_was_taken_back_says_nothing(con: duckdb.DuckDBPyConnection) -> None:
    made = Traffic()
    for number in range(PEOPLE_TOLD + 1):
        call = made.call(f"p{number}", NOW - timedelta(days=3))
        made.shown(call, "thumb_up")
        if number == 0:
            made.shown(call, "thumb_taken_back", timedelta(minutes=2))
    made.write(con)
    assert weekly_facts(con, WEEK, None).thumbs == Thumbs(PEOPLE_TOLD, 0)


def some_facts(con: duckdb.DuckDBPyConnection) -> WeeklyFacts:
    made = Traffic()
    for number in range(20):
        made.call(f"p{number % 6}", NOW - timedelta(days=3), "openai/gpt-4o" if number < 15 else "@cf/me_ta`x`*")
        if number < 10:
            made.call(f"p{number % 6}", NOW - timedelta(days=10))
    made.call("p1", NOW - timedelta(days=3), **NOTHING)
    made.write(con)
    return weekly_facts(con, WEEK, None)


def test_a_letter_word_for_word(con: duckdb.DuckDBPyConnection) -> None:
    letter = compose(some_facts(con), "R*e*d <b>@channel</b>\n", "https://gearbox.example.org")
    assert letter.title == "Gearbox: 16 to 22 November 2026, team R*e*d b@\u2060channel/b"
    assert letter.markdown == (
        "**16 to 22 November 2026**, team `R*e*d b@\u2060channel/b`\n"
        "\n"
        "- **Calls:** 21 (+110 %)\n"
        "- **People active:** 6 (as before)\n"
        "- **Tokens:** 24,020 (+100 %): 20,000 in, 4,020 out\n"
        "- **Cost:** 0.09 USD (+100 %)\n"
        "- **Failed calls:** 4.8 % (0.0 % the week before)\n"
        "- **First word after:** 0.40 s in the median (0.40 s the week before)\n"
        "\n"
        "**Used most**\n"
        "\n"
        "1. `openai/gpt-4o`: 16 calls, 0.07 USD\n"
        "2. `@\u2060cf/me_tax*`: 5 calls, 0.02 USD\n"
        "\n"
        "Compared with the week before. Days are those of Europe/Berlin.\n"
        "\n"
        "Sent by Gearbox: https://gearbox.example.org\n"
    )
    assert "<li>openai/gpt-4o: 16 calls, 0.07 USD</li>" in letter.html
    assert "team R*e*d b@\u2060channel/b" in letter.html and "<b>" not in letter.html


def test_a_letter_of_a_silent_week_and_of_small_change(con: duckdb.DuckDBPyConnection) -> None:
    facts = some_facts(con)
    silent = replace(facts, now=replace(facts.now, calls=0, people=None, failures=0, costs=(), first_token_ms=None))
    text = compose(replace(silent, models=(), thumbs=None), "").markdown
    assert "- **Calls:** 0 (−100 %)" in text and "- **People active:** 0\n" in text and "Used most" not in text
    assert "- **Cost:** none that is known\n" in text
    dear = replace(facts.now, costs=(Cost("EUR", Decimal("0.004")), Cost("USD", Decimal("1234567.891"))), unpriced=1)
    text = compose(replace(facts, now=dear, thumbs=Thumbs(1, 2)), "").markdown
    assert "less than 0.01 EUR and 1,234,567.89 USD (+" in text and "1 call, not in the cost" in text
    assert "- **Thumbs up:** 33.3 % of 3 thumbs\n" in text
    newyear = compose(replace(facts, week=Week(date(2026, 12, 28), BERLIN)), "")
    assert newyear.title == "Gearbox: 28 December 2026 to 3 January 2027, everybody"
