"""The rows of exported days: how many there are, what is noted of them, and the statement that gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.manifest import Made
from data.warehouse.rollups import Run, runs
from data.warehouse.schema import naive_utc
from data.warehouse.views import kept_columns, kept_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_QUARTER = 900
_LATER = {"routing_decisions": "propensity"}  # columns that are filled in when their row is old
_PEOPLE = "sum(hash(user_id, team_id))"
_SAMPLES = f"count(*) FILTER (starts_with(user_id, '{SAMPLE_PREFIX}'))"
Days = dict[date, tuple[int, int]]
"""Of each day that has rows how many, and in how many of them is what comes later."""


def days_of_table(cursor: DuckDBPyConnection, table: str, zone: tzinfo) -> Days:
    """Counted by quarters of an hour: the offset of every time zone is a whole number of them."""
    found: Days = {}
    for quarter, rows, later in cursor.execute(
        f"SELECT epoch_us(ts) // {_QUARTER * 1_000_000} AS quarter, count(*), {_later(table)} "  # noqa: S608
        f"FROM {table} GROUP BY quarter"
    ).fetchall():
        day = _day_of(quarter, zone)
        was = found.get(day, (0, 0))
        found[day] = was[0] + rows, was[1] + later
    return found


def people_of_table(cursor: DuckDBPyConnection, table: str, zone: tzinfo) -> dict[date, str]:
    """Of each day a checksum of whose rows it has, and of which teams."""
    sums: dict[date, int] = {}
    for quarter, people in cursor.execute(
        f"SELECT epoch_us(ts) // {_QUARTER * 1_000_000} AS quarter, {_PEOPLE} "  # noqa: S608
        f"FROM {_source(table)} GROUP BY quarter"
    ).fetchall():
        day = _day_of(quarter, zone)
        sums[day] = sums.get(day, 0) + people
    return {day: str(each) for day, each in sums.items()}


def made_of(cursor: DuckDBPyConnection, table: str, run: Run) -> dict[date, Made]:
    """What is noted of each day of a run."""
    counted = cursor.execute(
        f"SELECT {run.day()} AS day, count(*), {_later(table)}, {_PEOPLE}, list(DISTINCT team_id), {_SAMPLES} "  # noqa: S608
        f"FROM {_source(table)} WHERE {_within(run)} GROUP BY day"
    ).fetchall()
    return {
        day: Made(rows, later, str(people), tuple(sorted(team for team in teams or () if team)), samples)
        for day, rows, later, people, teams, samples in counted
    }


def rows_of(table: str, run: Run, key: str) -> str:
    """The statement that gives the rows of a run as a file has them.

    Args:
        table: of the warehouse.
        run: days.
        key: of the pseudonyms.
    """
    secret = key.replace("'", "''")
    prefix = f"CASE WHEN starts_with(user_id, '{SAMPLE_PREFIX}') THEN '{SAMPLE_PREFIX}' ELSE 'p-' END"
    made = kept_from(table) | {"day": run.day(), "person": f"{prefix} || left(sha256('{secret}' || user_id), 12)"}
    names = ", ".join(
        f"{made[each.name]} AS {each.name}" if each.name in made else each.name for each in kept_columns(table)
    )
    return f"SELECT {names} FROM {table} WHERE {_within(run)}"  # noqa: S608  # names of ours


def rows_of_days(table: str, days: Sequence[date], zone: tzinfo, key: str) -> str:
    """The same of any days, also of none."""
    if not days:
        (never,) = runs([date(2000, 1, 1)], zone)
        return f"{rows_of(table, never, key)} LIMIT 0"
    return " UNION ALL ".join(rows_of(table, run, key) for run in runs(days, zone))


def _within(run: Run) -> str:
    return f"ts >= TIMESTAMP '{naive_utc(run.start)}' AND ts < TIMESTAMP '{naive_utc(run.end)}'"


def _day_of(quarter: int, zone: tzinfo) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * _QUARTER)).astimezone(zone).date()


def _later(table: str) -> str:
    return f"count({_LATER[table]})" if table in _LATER else "0"


def _source(table: str) -> str:
    """The table, with a team where it has none of its own."""
    has_team = any(column.name == "team_id" for column in kept_columns(table))
    return table if has_team else f"(SELECT *, NULL::VARCHAR AS team_id FROM {table})"  # noqa: S608
