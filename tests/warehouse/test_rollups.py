"""What is read by days is what the rows give: exactly, for every measure, filter and zone, at every moment."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from duckdb import DuckDBPyConnection

from data.analytics.apart import apart, is_enough
from data.analytics.by_day import NO_MORE, PEOPLE_BEHIND, SOME_BEHIND, Days, days_of, is_sure, quantiles
from data.values.outbox import OutboxRow
from data.values.sample import is_sample
from data.warehouse.daily import PEOPLE_KEPT
from data.warehouse.dirty import dirty_days
from data.warehouse.drain import apply
from data.warehouse.file import open_warehouse
from data.warehouse.measures import ACCURACY
from data.warehouse.rollups import keep_zone, midnight, refresh, runs
from data.warehouse.schema import STEPS
from tests.warehouse.books import Clock, book, some

NOW = datetime(2026, 10, 27, 9, 30, tzinfo=UTC)  # clocks were changed in Europe on the 25th
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Chatham", "America/Sao_Paulo")
KEYS = {
    "team_id": ("red", "blue", None),
    "surface": ("chat", "api"),
    "provider": ("openai", "local"),
    "model": ("gpt", "llama"),
    "modality": ("text", "image", "speech"),
    "task": ("code", "chat", "image"),
    "chosen_by": ("person", "auto", "fallback"),
    "key_owner": ("none", "team"),
    "status": ("ok", "ok", "failed", "stopped", "unknown"),
}
PEOPLE = ("ann", "sample-1-0001", "bob", "cid", "dan", "eve", "sample-1-0002", "fay", "gus")
MEASURES = (
    "calls", "priced", "unpriced", "estimated", "tokens_estimated", "cache_asked", "cache_hits", "input_tokens",
    "output_tokens", "cached_tokens", "reasoning_tokens", "images", "media_seconds", "cost_amount", "saved_amount",
)  # fmt: skip


@pytest.fixture
def con(warehouse_path: Path) -> Iterator[DuckDBPyConnection]:
    opened = open_warehouse(warehouse_path, NOW)
    yield opened
    opened.close()


def event(rng: random.Random, number: int, *, days: float = 6) -> dict[str, Any]:
    is_usual = rng.random() < 0.4  # many calls that are alike, so that some rows have more people than they name
    keys = {name: values[0] if is_usual else rng.choice(values) for name, values in KEYS.items()}
    failed = keys["status"] == "failed"
    user = rng.choice(PEOPLE[: rng.choice([2, 3, 9])])
    amount = None if rng.random() < 0.3 else str(Decimal(rng.randrange(10**12)).scaleb(-15))
    unit = rng.choice([None, "image", "second", "character"])
    cache = rng.choice([None, None, "hit", "miss"])
    return {
        "event_id": f"e{number}",
        "ts": (NOW - timedelta(days=rng.uniform(0, days))).isoformat(),
        "user_id": user,
        "conversation_id": None,
        "turn_id": None if rng.random() < 0.2 else f"turn-{user}-{rng.randrange(60)}",
        "endpoint_id": "x",
        **keys,
        "error_kind": rng.choice(["timeout", "auth"]) if failed else None,
        "ttft_ms": None if failed else rng.lognormvariate(6, 1),
        "latency_ms": rng.lognormvariate(8, 1),
        **{f"{kind}_tokens": None if failed else rng.randrange(9000) for kind in ("input", "output", "cached")},
        "reasoning_tokens": None if failed else rng.randrange(50),
        "tokens_estimated": None if failed else rng.random() < 0.2,
        "cost_amount": amount,
        "cost_currency": rng.choice(["USD", "EUR"]) if amount else None,
        "cost_basis": rng.choice(["priced", "estimated"]) if amount else "unpriced",
        "price_version": None,
        "stopped": keys["status"] == "stopped",
        "quantity": None if unit is None else str(Decimal(rng.randrange(10**6)).scaleb(-3)),
        "unit": unit,
        "cache": cache,
        "saved_amount": amount if cache == "hit" else None,
    }


def feedback(rng: random.Random, number: int, call: dict[str, Any]) -> dict[str, Any]:
    """Something that is shown of the call's answer: some hours or days later, now and then before it."""
    return {
        "event_id": f"f{number}",
        "ts": (datetime.fromisoformat(call["ts"]) + timedelta(hours=rng.uniform(-9, 60))).isoformat(),
        "user_id": call["user_id"],
        "turn_id": call["turn_id"] or call["event_id"],
        "decision_id": None,
        "model_id": f"{call['provider']}/{call['model']}",
        "task": call["task"],
        "signal": rng.choice(["thumb_up", "thumb_down", "thumb_taken_back", "copied", "regenerated", "won", "lost"]),
        "against": [],
        "reason": None,
    }


def independent(rows: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """The rows with day and measures, worked out in Polars."""
    hit = pl.col("cache").eq_missing("hit")
    tokens = pl.col("input_tokens").fill_null(0) + pl.col("output_tokens").fill_null(0)
    zero = pl.lit(Decimal(0)).cast(pl.Decimal(38, 15))

    def counted(what: pl.Expr) -> pl.Expr:
        return what.fill_null(False).cast(pl.Int64)

    def of_unit(unit: str) -> pl.Expr:
        return pl.when(pl.col("unit") == unit).then(pl.col("quantity").fill_null(zero)).otherwise(zero)

    return rows.with_columns(
        day=pl.col("ts").dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone)).dt.date(),
        currency=pl.when(pl.col("cost_amount").is_not_null() | pl.col("saved_amount").is_not_null()).then(
            pl.col("cost_currency")
        ),
        is_sample=pl.col("user_id").str.starts_with("sample-"),
        calls=pl.lit(1, pl.Int64),
        priced=counted(pl.col("cost_amount").is_not_null() & ~hit),
        unpriced=counted((pl.col("cost_basis") == "unpriced") & ((pl.col("status") != "failed") | (tokens > 0))),
        estimated=counted(pl.col("cost_basis") == "estimated"),
        tokens_estimated=counted(pl.col("tokens_estimated")),
        cache_asked=counted(pl.col("cache").is_not_null()),
        cache_hits=counted(hit),
        **{name: pl.col(name).fill_null(0) for name in ("input_tokens", "output_tokens", "reasoning_tokens")},
        cached_tokens=pl.min_horizontal(pl.col("cached_tokens").fill_null(0), pl.col("input_tokens").fill_null(0)),
        images=of_unit("image"),
        media_seconds=of_unit("second"),
        cost_amount=pl.when(~hit).then(pl.col("cost_amount").fill_null(zero)).otherwise(zero),
        saved_amount=pl.col("saved_amount").fill_null(zero),
    )


def table(con: DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in con.sql(sql).pl().iter_rows(named=True)]


def assert_same(con: DuckDBPyConnection, days: Days, rng: random.Random, *, times: int) -> None:
    zone = days.zone
    assert isinstance(zone, ZoneInfo)
    rows = independent(con.sql("SELECT * FROM model_calls").pl(), zone).filter(
        pl.col("day").is_between(days.first, days.last)
    )
    told = con.sql(f"SELECT * FROM {days.usage}").pl()
    names = (*KEYS, "error_kind", "currency", "is_sample", "day")
    for _ in range(times):
        filters = {name: rng.choice(rows[name]) for name in rng.sample(names, rng.randrange(4))} if len(rows) else {}
        by = tuple(rng.sample(names, rng.randrange(4)))
        outcome = []
        for frame in (told, rows):
            some_rows = frame.filter(*(pl.col(name).eq_missing(value) for name, value in filters.items()))
            sums = [pl.col(name).sum() for name in MEASURES]
            summed = some_rows.group_by(by).agg(*sums) if by else some_rows.select(*sums)
            outcome.append(sorted((tuple(map(str, row)) for row in summed.rows()), key=str))
        assert outcome[0] == outcome[1], (filters, by)
        if rng.random() < 0.1:
            assert_same_people(con, days, rows, filters, by)


def assert_same_people(
    con: DuckDBPyConnection, days: Days, rows: pl.DataFrame, filters: dict[str, Any], by: tuple[str, ...]
) -> None:
    """Who is behind each group, as far as the rule on few people can tell."""
    fits = " AND ".join([f"{name} IS NOT DISTINCT FROM ?" for name in filters] or ["true"])
    keys = "".join(f"{name}, " for name in by)
    told = [
        {tuple(row[:-1]): set(row[-1]) for row in con.execute(statement, list(filters.values())).fetchall()}
        for statement in (
            f"SELECT {keys}{PEOPLE_BEHIND} FROM {days.usage} WHERE {fits} GROUP BY ALL HAVING count(*) > 0",
            f"SELECT {keys}{SOME_BEHIND} FROM {days.usage} WHERE {fits} GROUP BY ALL HAVING count(*) > 0",
            f"SELECT {keys}{PEOPLE_BEHIND} FROM {days.usage} WHERE {fits} AND {NO_MORE} GROUP BY ALL "
            "HAVING count(*) > 0",
        )
    ]
    fitting = rows.filter(*(pl.col(name).eq_missing(value) for name, value in filters.items()))
    everybody: dict[tuple[Any, ...], set[str]] = {}
    for row in fitting.select(*by, "user_id").iter_rows():
        everybody.setdefault(row[:-1], set()).add(row[-1])
    assert told[0].keys() == everybody.keys()
    for key, people in everybody.items():
        real = {each for each in people if not is_sample(each)} or people
        found = told[0][key]
        assert (
            found <= real and len(found) >= min(PEOPLE_KEPT, len(real)) and (len(real) >= PEOPLE_KEPT or found == real)
        )
        assert is_sure(told[1][key]) or told[2][key] == real
        assert told[1][key] <= real
        for viewer in (*PEOPLE, "zoe"):
            assert is_enough(found, viewer) == is_enough(people, viewer)
            assert is_enough(people, viewer) or not is_sure(told[1][key])
    for viewer in ("ann", "zoe"):
        shown = apart(told[0], viewer)
        left = {person for key, people in everybody.items() if key not in shown for person in people}
        assert all(is_enough(everybody[key], viewer) for key in shown)
        assert not shown or not left or is_enough(left, viewer)


SUMMED = {
    "speed": ("calls",),
    "speed_by_all": ("calls",),
    "answers": ("answers", "answered", "cost_amount"),
    "fallbacks": ("calls", "answered"),
}


def assert_sums_are_rows(con: DuckDBPyConnection, days: Days) -> None:
    """What is read from sums is what it would be if no day had any."""
    every = [days.first + timedelta(days=number) for number in range((days.last - days.first).days + 1)]
    from_rows = replace(days, dirty=tuple(every))
    for name, measures in SUMMED.items():
        sums = ", ".join(f"sum({each})" for each in measures)
        people = ", list_sort(list_distinct(flatten(list(people))))[:4]" if name in {"answers", "fallbacks"} else ""
        excluded = ", ".join([*measures, *(["people"] if people else [])])
        one, other = (
            f"(SELECT * EXCLUDE ({excluded}), {sums}{people} FROM {getattr(each, name)} GROUP BY ALL)"
            for each in (days, from_rows)
        )
        counted = con.execute(f"SELECT count(*) FROM {one}").fetchall()
        differ = con.execute(f"({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})").fetchall()
        assert counted != [(0,)] and differ == [], name


def drained(
    con: DuckDBPyConnection, rng: random.Random, events: list[dict[str, Any]], zone: ZoneInfo, *, sums: bool = True
) -> None:
    """Events in batches of any size; some batches come once more, as after a kill between the two commits."""
    waiting = [
        OutboxRow.of(number + 1, "routing_feedback" if "signal" in payload else "model_call", payload)
        for number, payload in enumerate(events)
    ]
    while waiting:
        batch = waiting[: rng.randrange(1, 60)]
        for _ in range(rng.choice([1, 1, 2])):
            apply(con, batch, complete=len(batch) == len(waiting), now=NOW, zone=zone)
        waiting = waiting[len(batch) :]
        if sums and rng.random() < 0.1:
            refresh(con, zone, NOW)


@pytest.mark.parametrize("zone", ZONES[1::2])
def test_days_are_what_the_rows_are(con: DuckDBPyConnection, zone: str) -> None:
    campaign(con, ZoneInfo(zone), seed=1, events=500, times=60)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(8))
def test_days_are_what_the_rows_are_campaign(con: DuckDBPyConnection, seed: int) -> None:
    campaign(con, ZoneInfo(ZONES[seed % len(ZONES)]), seed=seed, events=2_000, times=300)


def campaign(con: DuckDBPyConnection, zone: ZoneInfo, *, seed: int, events: int, times: int) -> None:
    """In the order of their times, late, repeated and in between; some people's calls are taken out again."""
    rng = random.Random(seed)
    keep_zone(con, zone)
    payloads = sorted((event(rng, number) for number in range(events)), key=lambda each: str(each["ts"]))
    payloads += [feedback(rng, number, rng.choice(payloads)) for number in range(events // 3)]
    payloads.sort(key=lambda each: str(each["ts"]))
    late = [payloads.pop(rng.randrange(len(payloads))) for _ in range(events // 10)]
    today = NOW.astimezone(zone).date()
    week = today - timedelta(days=7)
    drained(con, rng, payloads, zone)
    assert_same(con, days_of(con, week, today, zone), rng, times=times)
    refresh(con, zone, NOW)
    assert dirty_days(con) == [today]
    assert_same(con, days_of(con, week, today, zone), rng, times=times)
    drained(con, rng, late, zone)
    assert_same(con, days_of(con, week, today, zone), rng, times=times)  # late ones, not yet summed
    refresh(con, zone, NOW)
    assert_same(con, days_of(con, today - timedelta(days=3), today - timedelta(days=1), zone), rng, times=times)
    assert_sums_are_rows(con, days_of(con, week, today, zone))
    cleared = [OutboxRow.of(10**9, "sample_cleared", {"event_id": "cleared"})]
    apply(con, cleared, complete=True, now=NOW, zone=zone)
    assert_same(con, days_of(con, week, today, zone), rng, times=times)
    refresh(con, zone, NOW)
    assert_same(con, days_of(con, week, today, zone), rng, times=times)
    refresh(con, zone, NOW + timedelta(days=1))  # the day is over
    assert dirty_days(con) == []
    assert_same(con, days_of(con, week, today, zone), rng, times=times)
    assert_sums_are_rows(con, days_of(con, week, today, zone))


def test_another_zone_sums_all_days_anew(con: DuckDBPyConnection) -> None:
    rng = random.Random(4)
    berlin, india = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
    keep_zone(con, berlin)
    drained(con, rng, [event(rng, number) for number in range(300)], berlin)
    refresh(con, berlin, NOW)
    keep_zone(con, berlin)
    assert len(dirty_days(con)) == 1, "the same zone leaves them as they are"
    keep_zone(con, india)
    assert len(dirty_days(con)) >= 6
    assert con.execute("SELECT count(*) FROM usage_daily").fetchone() == (0,)
    refresh(con, india, NOW)
    today = NOW.astimezone(india).date()
    assert_same(con, days_of(con, today - timedelta(days=7), today, india), rng, times=60)


def test_a_file_of_an_older_release_is_summed_anew(warehouse_path: Path) -> None:
    rng, zone = random.Random(7), ZoneInfo("Europe/Berlin")
    with duckdb.connect(str(warehouse_path)) as older:
        older.execute("CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)")
        for version, step in enumerate(STEPS[:5], start=1):
            older.execute(step)
            older.execute("INSERT INTO schema_version VALUES (?, ?)", [version, NOW.replace(tzinfo=None)])
        drained(older, rng, [event(rng, number) for number in range(300)], zone, sums=False)
        older.execute("DELETE FROM dirty_days WHERE day < DATE '2026-10-26'")  # summed, as that release had it
        older.execute("INSERT INTO rollup_zone VALUES (?)", [str(zone)])
    con = open_warehouse(warehouse_path, NOW)
    keep_zone(con, zone)
    assert len(dirty_days(con)) == 7
    refresh(con, zone, NOW)
    assert_same(con, days_of(con, date(2026, 10, 20), date(2026, 10, 27), zone), rng, times=40)
    con.close()


def test_people_of_days_are_the_rows_people(con: DuckDBPyConnection) -> None:
    rng, zone = random.Random(5), ZoneInfo("Europe/Berlin")
    drained(con, rng, [event(rng, number) for number in range(600)], zone, sums=False)
    refresh(con, zone, NOW)
    today = NOW.astimezone(zone).date()
    days = days_of(con, today - timedelta(days=7), today, zone)
    rows = independent(con.sql("SELECT * FROM model_calls").pl(), zone)
    for team, surface in [(None, None), ("red", None), ("blue", "api"), (None, "chat")]:
        kept = rows.filter(
            pl.lit(True) if team is None else pl.col("team_id").eq_missing(team),
            pl.lit(True) if surface is None else pl.col("surface") == surface,
        )
        told = con.execute(
            f"SELECT day, count(DISTINCT user_id), sum(calls), sum(tokens), sum(answered), sum(cost_amount) "
            f"FROM {days.people} WHERE ($team IS NULL OR team_id = $team) AND ($surface IS NULL OR surface = $surface) "
            "GROUP BY day ORDER BY day",
            {"team": team, "surface": surface},
        ).fetchall()
        wanted = kept.group_by("day").agg(
            pl.col("user_id").n_unique(),
            pl.col("calls").sum(),
            (pl.col("input_tokens") + pl.col("output_tokens")).sum().alias("tokens"),
            pl.col("status").is_in(["ok", "stopped"]).sum().cast(pl.Int64).alias("answered"),
            pl.col("cost_amount").sum(),
        )
        assert told == wanted.sort("day").rows()


@pytest.mark.parametrize("measure", ["ttft_ms", "latency_ms"])
def test_a_sketch_keeps_within_its_bound(con: DuckDBPyConnection, measure: str) -> None:
    rng, zone = random.Random(6), ZoneInfo("UTC")
    drained(con, rng, [event(rng, number) for number in range(1_500)], zone, sums=False)
    refresh(con, zone, NOW)
    today = NOW.date()
    days = days_of(con, today - timedelta(days=7), today, zone)
    shares = [0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]
    rows = con.sql("SELECT * FROM model_calls").pl()
    if measure == "latency_ms":
        rows = rows.filter(pl.col("status") == "ok", pl.col("cache").ne_missing("hit"))
    told = table(con, quantiles(days.speed, shares, ("provider", "model"), f"measure = '{measure}'"))
    assert len(told) == 4
    for row in told:
        values = rows.filter(provider=row["provider"], model=row["model"])[measure].drop_nulls().sort()
        assert row["n"] == len(values)
        for share, value in zip(shares, row["quantiles"], strict=True):
            exact = values[math.floor(share * (len(values) - 1))]
            assert abs(value - exact) <= ACCURACY * exact * (1 + 1e-9), (share, value, exact)


def test_runs_end_where_the_clocks_are_changed() -> None:
    zone = ZoneInfo("Europe/Berlin")
    days = [date(2026, 10, 23) + timedelta(days=number) for number in range(5)] + [date(2026, 11, 2)]
    found = [(run.first.day, run.last.day, run.end - run.start) for run in runs(reversed(days), zone)]
    day = timedelta(days=1)
    assert found == [(23, 24, 2 * day), (25, 25, timedelta(hours=25)), (26, 27, 2 * day), (2, 2, day)]
    assert midnight(date(2026, 10, 26), zone) == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_the_writer_sums_days_when_they_are_over(store: Any, start_writer: Callable[..., Any], clock: Clock) -> None:
    writer = start_writer(store, zone=ZoneInfo("Europe/Berlin"))
    book(store, calls := some(40))
    assert writer.flush(10)
    with writer.reader() as cursor:
        assert [day.isoformat() for day in dirty_days(cursor)] == ["2026-11-23"]
        assert cursor.execute("SELECT count(*) FROM usage_daily").fetchone() == (0,)
    clock.forward(timedelta(days=1))
    assert writer.flush(10)
    with writer.reader() as cursor:
        assert dirty_days(cursor) == []
        assert cursor.execute("SELECT sum(calls) FROM usage_daily").fetchone() == (len(calls),)


def test_a_report_stands_on_one_moment(store: Any, start_writer: Callable[..., Any], clock: Clock) -> None:
    """A day that is summed between two statements of a report is counted once."""
    zone = ZoneInfo("UTC")
    writer = start_writer(store, zone=zone)
    book(store, calls := some(25))
    assert writer.flush(10)
    clock.forward(timedelta(days=1))
    with writer.reader() as cursor:
        days = days_of(cursor, NOW.date(), date(2026, 11, 24), zone)
        assert writer.flush(10)
        assert cursor.execute(f"SELECT sum(calls) FROM {days.usage}").fetchone() == (len(calls),)
        with writer.reader() as other:
            assert dirty_days(other) == []
