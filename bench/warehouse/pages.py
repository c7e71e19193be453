"""All the queries of a page together, beside the best statement by hand that gives its main numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.warehouse.timing import timed
from data.analytics.performance import performance_facts
from data.analytics.performance_values import Filters, Grouping
from data.analytics.period import Period, span_before, span_of
from data.analytics.quality import quality_facts
from data.analytics.usage import usage_report
from data.warehouse.file import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def page_times(path: Path, now: datetime, rounds: int) -> Iterator[str]:
    """For 7, 30 and 90 days."""
    con = open_warehouse(path, now)
    yield "pages, all their queries together:"
    for period in (Period.WEEK, Period.MONTH, Period.QUARTER):
        for page, work in _pages(con, period, now).items():
            took = timed(work, rounds)
            yield f"  {period.days:>3} days, {page}: {took}"
    con.close()


def _pages(con: DuckDBPyConnection, period: Period, now: datetime) -> dict[str, Callable[[], object]]:
    span, before = span_of(period, now, UTC), span_before(period, now, UTC)
    return {
        "Usage": lambda: usage_report(con, span, None),
        "Performance": lambda: performance_facts(con, span, before, Filters(), by=Grouping.MODEL, viewer="nobody"),
        "Quality": lambda: quality_facts(con, span, "nobody"),
    }
