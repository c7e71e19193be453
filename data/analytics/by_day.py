"""Whole days of the workspace, read from the rollups where those are true and from the rows where they are not yet.

A relation of this module has the columns of its rollup (`data.warehouse.daily`). Over it, group and sum: of a day that
is over and clean it has one row for all calls that are alike, of a dirty day (today is always one) a row for each call.

    days = days_of(con, first, last, zone)
    con.execute(f"SELECT provider, sum(calls) FROM {days.usage} GROUP BY ALL")

Ask for the days and run all statements on one cursor of `WarehouseWriter.reader`: it stands on one moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.warehouse.answers import answer_rows, fallback_rows
from data.warehouse.daily import PEOPLE_KEPT, UsageDay
from data.warehouse.dirty import dirty_days
from data.warehouse.measures import BINS, GROWTH, people_rows, speed_rows, times_rows, usage_rows
from data.warehouse.rollups import Run, runs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_IS_FULL = f"len(people) = {PEOPLE_KEPT}"
_UNION = "list_distinct(flatten(list(people) FILTER ({which})))"

PEOPLE_BEHIND = f"""coalesce(
           any_value(people) FILTER ({_IS_FULL} AND NOT is_sample),
           {_UNION.format(which=f"NOT {_IS_FULL} AND NOT is_sample")},
           any_value(people) FILTER ({_IS_FULL} AND is_sample),
           {_UNION.format(which=f"NOT {_IS_FULL} AND is_sample")}) AS people"""
"""Of a group of rows of `Days.usage`, under any filter: ids of the people behind it, for `data.analytics.apart`.

They are all of them where they are fewer than PEOPLE_KEPT, else at least so many of them: each row has so many of its
own, or all, so a group without a full row has all in its rows. Made-up people are told only where there are no real
ones: they hide nobody. So `is_enough` says the same of these as of everybody, and what `apart` shows of them may be
shown.
"""

SOME_BEHIND = "arg_max(people, len(people) - 8 * is_sample::BIGINT) AS people"
"""The people of one row of the group: real ones where there are any, and of the row with the most.

A tenth of the price of PEOPLE_BEHIND. Three or more are enough whoever else there is (`is_sure`). Fewer say nothing:
ask PEOPLE_BEHIND of the rows that NO_MORE picks, which are all there are of such a group.
"""

NO_MORE = f"len(people) < {PEOPLE_AT_LEAST}"
"""Rows that tell of a group on which SOME_BEHIND is unsure."""


def is_sure(some: Collection[str]) -> bool:
    """Whether what SOME_BEHIND told is enough for every rule about three people."""
    return len(some) >= PEOPLE_AT_LEAST


@dataclass(frozen=True, slots=True)
class Days:
    """Days of a zone, `first` to `last`, both in it; `dirty` are those of them that are read from the rows.

    Of the day `cut` there is only what was before `until`: from the rows, too.
    """

    first: date
    last: date
    dirty: tuple[date, ...]
    zone: tzinfo
    cut: date | None = None
    until: datetime | None = None

    @property
    def usage(self) -> str:
        """`usage_daily`, as a table expression without parameters: dates of ours are written into it."""
        return self._relation("usage_daily", usage_rows)

    def usage_for(self, statement: str) -> str:
        """The same with the columns alone that a statement names: it takes longer to plan all of them than to sum."""
        only = named_in(statement)
        return self._relation("usage_daily", partial(usage_rows, only=only), ", ".join(["day", *only]))

    @property
    def people(self) -> str:
        """`people_daily`, likewise."""
        return self._relation("people_daily", people_rows)

    @property
    def speed(self) -> str:
        """`speed_daily`, likewise: see `quantiles`."""
        return self._relation("speed_daily", speed_rows)

    @property
    def speed_by_all(self) -> str:
        """The same with `team_id` and `task`, which makes it dearer: the bins of `times_daily` as rows."""
        return _unpacked(self._relation("times_daily", times_rows))

    @property
    def answers(self) -> str:
        """`answers_daily`, likewise."""
        return self._relation("answers_daily", answer_rows)

    @property
    def fallbacks(self) -> str:
        """`fallbacks_daily`, likewise."""
        return self._relation("fallbacks_daily", fallback_rows)

    def hours_for(self, statement: str) -> str:
        """The rows of the last day, likewise; `day` is when an hour of it began, in UTC."""
        (run,) = runs([self.last], self.zone)
        return f"({usage_rows(run, day=_hour(run), only=named_in(statement))})"

    def speed_by_hour(self) -> str:
        """Likewise, with the columns of `speed_by_all`."""
        (run,) = runs([self.last], self.zone)
        return _unpacked(f"({times_rows(run, _hour(run))})")

    def _relation(self, table: str, rows: Callable[[Run], str], columns: str = "*") -> str:
        but = sorted({*self.dirty, *([self.cut] if self.cut else [])})
        summed = f"SELECT {columns} FROM {table} WHERE day BETWEEN DATE '{self.first}' AND DATE '{self.last}'"  # noqa: S608
        if but:
            named = ", ".join(f"DATE '{day}'" for day in but)
            summed += f" AND day NOT IN ({named})"
        parts = [summed, *(rows(run) for run in runs([day for day in but if day != self.cut], self.zone))]
        if self.cut is not None and self.until is not None:
            (run,) = runs([self.cut], self.zone)
            parts.append(rows(replace(run, end=self.until)))
        return "(" + "\n     UNION ALL BY NAME ".join(parts) + ")"


def named_in(statement: str) -> list[str]:
    """Columns of `usage_daily` that a statement names, but for the day."""
    words = set(re.findall(r"\w+", statement))
    return [name for name in UsageDay.model_fields if name in words and name != "day"]


def _hour(run: Run) -> str:
    return f"time_bucket(INTERVAL 1 HOUR, ts, {run.begins()})"


def _unpacked(times: str) -> str:
    keys = "day, team_id, surface, provider, model, task"
    return (
        f"(SELECT {keys}, measure, unnest(bins) AS bin, 1 AS calls FROM "  # noqa: S608 - names of ours
        f"(SELECT {keys}, unnest({list(BINS)}) AS measure, unnest([{', '.join(BINS.values())}]) AS bins FROM {times}))"
    )


def days_of(con: DuckDBPyConnection, first: date, last: date, zone: tzinfo) -> Days:
    """The days from `first` to `last`, as they are to be read now.

    Args:
        con: a cursor of the warehouse.
        first, last: both in it.
        zone: the workspace's, as the rollups are of its days (`WarehouseWriter.zone`).
    """
    return Days(first, last, tuple(day for day in dirty_days(con) if first <= day <= last), zone)


def quantiles(speed: str, shares: Sequence[float], by: Sequence[str], where: str = "true") -> str:
    """The statement that reads quantiles from a sketch: columns `by`, `n`, and a list `quantiles` in milliseconds.

    A quantile is the value with the rank floor(q * (n - 1)) + 1, not interpolated, and off by 2% of it at most.

    Args:
        speed: `Days.speed`, or a relation with more columns.
        shares: from 0 to 1.
        by: columns of it to group by; `measure` has to be one, or to be chosen in `where`.
        where: which rows; parameters of it are the caller's.
    """
    keys = ", ".join(by)
    middle = 2 / (GROWTH + 1)  # of a bin's upper edge: as far from both edges, as a share of the value
    ranks = ", ".join(
        f"{middle!r} * pow({GROWTH!r}, min(bin) FILTER (running > floor({share!r} * (n - 1))))" for share in shares
    )
    return f"""SELECT {keys}, any_value(n) AS n, [{ranks}] AS quantiles
FROM (
    SELECT {keys}, bin, sum(sum(calls)) OVER (PARTITION BY {keys} ORDER BY bin) AS running,
           sum(sum(calls)) OVER (PARTITION BY {keys}) AS n
    FROM {speed}
    WHERE {where}
    GROUP BY {keys}, bin
)
GROUP BY {keys}"""  # noqa: S608 - names and numbers of ours
