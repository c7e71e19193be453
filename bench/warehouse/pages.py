"""All the queries of a page together, beside statements by hand that give the page's main numbers of the same file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.warehouse.filling import ZONE
from bench.warehouse.timing import timed
from data.analytics.people import people_facts
from data.analytics.people_values import Rhythm, Stretch, weeks_of
from data.analytics.performance import performance_facts
from data.analytics.performance_values import Filters, Grouping
from data.analytics.period import Period, span_before, span_of
from data.analytics.usage_facts import usage_facts
from data.analytics.usage_values import Question
from data.warehouse.file import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# By hand somebody who knows the tables asks for what they want, without who is behind it and without the filters'
# choices; days that are not summed yet are left out.
_SUMS = """
SELECT provider, model, currency, day >= $first AS is_now, sum(calls), sum(calls) FILTER (status = 'failed'),
       sum(input_tokens), sum(output_tokens), sum(cost_amount), sum(cache_hits), sum(cache_asked), sum(saved_amount)
FROM usage_daily WHERE day >= $before GROUP BY ALL"""
_DAYS = "SELECT day, currency, sum(calls), sum(cost_amount) FROM usage_daily WHERE day >= $quarter GROUP BY ALL"
_ACTIVE = """
SELECT count(DISTINCT user_id) FILTER (day >= $today), count(DISTINCT user_id) FILTER (day >= $week),
       count(DISTINCT user_id) FILTER (day >= $month), count(DISTINCT user_id)
FROM people_daily WHERE day >= $two_months"""
_GROUPS = """
SELECT {by}, sum(calls), sum(calls) FILTER (status IN ('failed', 'unknown'))
FROM usage_daily WHERE day >= $first GROUP BY ALL"""
_SPEED = """
SELECT {by}, measure, min(bin) FILTER (running >= .5 * n), min(bin) FILTER (running >= .95 * n),
       min(bin) FILTER (running >= .99 * n)
FROM (SELECT {by}, measure, bin, sum(sum(calls)) OVER (PARTITION BY {by}, measure ORDER BY bin) AS running,
             sum(sum(calls)) OVER (PARTITION BY {by}, measure) AS n
      FROM speed_daily WHERE day >= $first GROUP BY {by}, measure, bin)
GROUP BY ALL"""
_ERRORS = "SELECT error_kind, sum(calls) FROM usage_daily WHERE day >= $first AND status = 'failed' GROUP BY ALL"
_USEFUL = """
SELECT day >= $first AS is_now, provider, model, currency, signals, sum(answers), sum(answered), sum(cost_amount)
FROM answers_daily WHERE day >= $before GROUP BY ALL"""
_COHORTS = """
SELECT began, date_diff('week', began, week) AS after, count(*)
FROM (SELECT DISTINCT user_id, date_trunc('week', day) AS week, min(date_trunc('week', day)) OVER (PARTITION BY user_id)
          AS began FROM people_daily WHERE surface = 'chat')
WHERE began >= $half GROUP BY ALL"""
_REACH = """
SELECT (SELECT count(DISTINCT user_id) FROM sign_ins WHERE ts >= $half::TIMESTAMP),
       (SELECT count(DISTINCT user_id) FROM people_daily WHERE day >= $half AND surface = 'chat'),
       (SELECT count(DISTINCT user_id) FROM tool_calls WHERE ts >= $half::TIMESTAMP)"""
_BY_HAND = {
    "Usage": (_SUMS, _DAYS, _ACTIVE),
    "Performance": (
        _SUMS,
        _ERRORS,
        _USEFUL,
        *(each.format(by=by) for each in (_GROUPS, _SPEED) for by in ("provider, model", "day", "surface")),
    ),
    "People": (_COHORTS, _REACH, _ACTIVE),
}


def page_times(path: Path, now: datetime, rounds: int) -> Iterator[str]:
    """For 7, 30 and 90 days; People for its usual half a year."""
    con = open_warehouse(path, now)
    yield "pages, all their queries together, and by hand:"
    for period in (Period.WEEK, Period.MONTH, Period.QUARTER):
        for page, work in _pages(con, period, now).items():
            took = timed(work, rounds)
            hand = timed(lambda page=page, period=period: _by_hand(con, _BY_HAND[page], period, now), rounds)  # type: ignore[misc]
            yield f"  {period.days:>3} days, {page}: {took}; by hand {hand}: {took.p50 / hand.p50:.1f}x"
    con.close()


def _pages(con: DuckDBPyConnection, period: Period, now: datetime) -> dict[str, Callable[[], object]]:
    span, before = span_of(period, now, ZONE), span_before(period, now, ZONE)
    pages: dict[str, Callable[[], object]] = {
        "Usage": lambda: usage_facts(con, period, Question(), now=now, zone=ZONE, viewer="nobody", only_own=False),
        "Performance": lambda: performance_facts(con, span, before, Filters(), by=Grouping.MODEL, viewer="nobody"),
    }
    if period is Period.QUARTER:
        weeks = weeks_of(Stretch.HALF, now, ZONE)
        pages["People"] = lambda: people_facts(con, weeks, None, by=Rhythm.WEEK, viewer="nobody")
    return pages


def _by_hand(con: DuckDBPyConnection, statements: Sequence[str], period: Period, now: datetime) -> None:
    today = now.astimezone(ZONE).date()
    days = {
        "first": period.days - 1, "before": 2 * period.days - 1, "quarter": 89, "today": 0, "week": 6, "month": 29,
        "two_months": 59, "half": 181,
    }  # fmt: skip
    dates = {name: today - timedelta(days=ago) for name, ago in days.items()}
    for statement in statements:
        con.execute(statement, {name: day for name, day in dates.items() if f"${name}" in statement}).fetchall()
