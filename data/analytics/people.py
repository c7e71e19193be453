"""How people take Gearbox up: who comes, who comes back, how far, and what they use.

Behind the People page. Nothing here is about fewer than five people, nor tells of so few by what is left when one
number is taken from another beside it: see `data.analytics.parts_of`. The queries return how many, never who, but for
the ids by which teams are told apart; none leaves this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from data.analytics.apart import apart, enough
from data.analytics.asking import rows as asked
from data.analytics.by_day import Days
from data.analytics.parts_of import PEOPLE_AT_LEAST, Count, about, part_of
from data.analytics.people_sql import SQL
from data.analytics.people_values import (
    DAYS_OF_MONTH,
    Active,
    Bucket,
    Cohort,
    Feature,
    PeopleFacts,
    Reached,
    Rhythm,
    Step,
    Use,
    Weeks,
    Window,
)
from data.warehouse.dirty import dirty_days
from data.warehouse.rollups import midnight
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EVER = date(1970, 1, 1)


def people_facts(con: DuckDBPyConnection, weeks: Weeks, team: str | None, *, by: Rhythm, viewer: str) -> PeopleFacts:
    """Run the queries.

    Args:
        con: a cursor of the warehouse.
        weeks: of the zone that the rollups are of.
        team: only what people did as people of this team; None for all.
        by: what active people are counted by over time.
        viewer: who looks: what is their own alone may be shown to them.
    """
    ask = _Asker(con, weeks, team, viewer)
    of_teams = {row["team_id"]: row["people"] for row in ask.rows("teams", weeks.first)}
    shown = apart(of_teams, viewer, PEOPLE_AT_LEAST)
    row = ask.rows("people", weeks.first)[0]
    is_hidden = team is not None and team in of_teams and team not in shown
    if is_hidden or not _tells(row):
        return PeopleFacts(weeks, _named(shown), not row["everybody"], None, 0, None, (), (), (), (), 0, ask.ran)
    is_own = _is_own(row)
    cohorts, left_out = _cohorts(ask)
    return PeopleFacts(
        weeks,
        _named(shown),
        is_empty=False,
        people=row["step_came"],
        samples=row["samples"],
        active=_active(ask),
        buckets=_buckets(ask, by),
        funnel=_funnel(row, is_own=is_own),
        uses=_uses(row, is_own=is_own),
        cohorts=cohorts,
        left_out=left_out,
        ran=ask.ran,
    )


class _Asker:
    """Asks, and notes each query with what it ran with."""

    def __init__(self, con: DuckDBPyConnection, weeks: Weeks, team: str | None, viewer: str) -> None:
        self._con = con
        self._dirty = dirty_days(con)
        self.weeks = weeks
        self.ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._parameters: dict[str, Any] = {
            "start": naive_utc(midnight(weeks.first, weeks.zone)),
            "end": naive_utc(midnight(weeks.today + timedelta(days=1), weeks.zone)),
            "team": team,
            "viewer": viewer,
        }

    def rows(self, name: str, first: date, **more: Any) -> list[dict[str, Any]]:
        """The rows of a query over the days from `first` to today."""
        today = self.weeks.today
        days = Days(first, today, tuple(day for day in self._dirty if first <= day <= today), self.weeks.zone).people
        statement = SQL[name].replace("{days}", days)
        parameters = self._parameters | more
        self.ran[name] = statement, {key: value for key, value in parameters.items() if f"${key}" in statement}
        return asked(self._con, statement, parameters)


def _tells(row: Mapping[str, Any]) -> bool:
    """Whether the people of a row are enough, or the one who looks alone. Made-up people hide nobody."""
    real, others = row["real_people"], row["real_others"]
    return enough(real, others, PEOPLE_AT_LEAST) if real else row["everybody"] >= PEOPLE_AT_LEAST


def _behind(row: Mapping[str, Any]) -> int:
    """How many people a number is held to be of: made-up ones hide no real one."""
    return int(row["real_people"] or row["everybody"])


def _is_own(row: Mapping[str, Any]) -> bool:
    return bool(row["real_people"] and not row["real_others"])


def _named(teams: frozenset[str | None]) -> tuple[str, ...]:
    return tuple(sorted(team for team in teams if team is not None))


def _funnel(row: Mapping[str, Any], *, is_own: bool) -> tuple[Reached, ...]:
    """Each step beside the last one that is told exactly: what is between two that are is a group, too."""
    above, reached = _count(row, f"step_{Step.CAME}"), []
    for step in Step:
        count = _count(row, f"step_{step}")
        part = part_of(count, above, is_own=is_own)
        if part.people is not None:
            above = count
        reached.append(Reached(step, part))
    return tuple(reached)


def _uses(row: Mapping[str, Any], *, is_own: bool) -> tuple[Use, ...]:
    everybody = _count(row, f"step_{Step.CAME}")
    return tuple(Use(feature, about(_count(row, f"use_{feature}"), everybody, is_own=is_own)) for feature in Feature)


def _count(row: Mapping[str, Any], name: str) -> Count:
    return Count(row[name], row[f"{name}_real"])


def _active(ask: _Asker) -> Active:
    """Days that are over: today's people are still to come."""
    yesterday = ask.weeks.today - timedelta(days=1)
    windows = {}
    for name, days in (("week", 7), ("month", DAYS_OF_MONTH)):
        windows[name] = yesterday - timedelta(days=days - 1), yesterday
        windows[f"{name}_before"] = yesterday - timedelta(days=2 * days - 1), yesterday - timedelta(days=days)
    first = min(begin for begin, _ in windows.values())
    rows = ask.rows(
        "active",
        first,
        stretches=list(windows),
        firsts=[begin for begin, _ in windows.values()],
        lasts=[end for _, end in windows.values()],
    )
    found = {row["stretch"]: row for row in rows}
    return Active(**{name: _window(found.get(name), (end - begin).days + 1) for name, (begin, end) in windows.items()})


def _window(row: Mapping[str, Any] | None, days: int) -> Window:
    if row is None:
        return Window(0, 0.0)
    return Window(row["everybody"], row["person_days"] / days) if _tells(row) else Window(None, None)


def _buckets(ask: _Asker, by: Rhythm) -> tuple[Bucket, ...]:
    """All of them, also those in which nobody came; months are whole."""
    weeks = ask.weeks
    start = weeks.first.replace(day=1) if by is Rhythm.MONTH else weeks.first
    found = {row["start"]: row for row in ask.rows("buckets", start, rhythm=by.value)}
    buckets = []
    while start <= weeks.today:
        row = found.get(start)
        people = 0 if row is None else row["everybody"] if _tells(row) else None
        buckets.append(Bucket(start, people))
        start = _after(start, by)
    return tuple(buckets)


def _after(start: date, by: Rhythm) -> date:
    if by is Rhythm.MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if by is Rhythm.WEEK else 1)


def _cohorts(ask: _Asker) -> tuple[tuple[Cohort, ...], int]:
    """Those that are large enough, and how many are not."""
    weeks = ask.weeks
    rows = ask.rows("cohorts", _EVER, first_week=weeks.first, this_week=weeks.monday)
    found: dict[date, dict[int, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["cohort"], {})[row["later"]] = row
    shown = {week: later for week, later in found.items() if _tells(later[0])}
    hidden = sum(_behind(later[0]) for week, later in found.items() if week not in shown)
    if shown and 0 < hidden < PEOPLE_AT_LEAST:  # else whoever knows how many chatted finds them by subtraction
        del shown[min(shown, key=lambda week: _behind(shown[week][0]))]
    cohorts = []
    for week, later in shown.items():
        begun = later[0]
        whole, is_own = Count(begun["everybody"], begun["real_people"]), _is_own(begun)
        over = (weeks.monday - week).days // 7
        counts = [later.get(number) for number in range(1, over)]
        parts = [Count(row["everybody"], row["real_people"]) if row else Count(0, 0) for row in counts]
        cohorts.append(Cohort(week, whole.people, tuple(part_of(part, whole, is_own=is_own) for part in parts)))
    return tuple(cohorts), len(found) - len(cohorts)
