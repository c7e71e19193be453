"""Stretches of days that end at some time of their last day, as table expressions over the warehouse.

The rollups know whole days alone, so the last day of a stretch that ends within it is read from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from data.analytics.by_day import Days
from data.analytics.usage_values import NO_TEAM
from data.warehouse.measures import people_rows, usage_rows
from data.warehouse.rollups import Run, runs
from data.warehouse.schema import naive_utc

FITS = f"""($team IS NULL OR coalesce(team_id, '{NO_TEAM}') = $team)
      AND ($provider IS NULL OR provider = $provider) AND ($model IS NULL OR model = $model)
      AND ($surface IS NULL OR surface = $surface) AND ($modality IS NULL OR modality = $modality)
      AND ($task IS NULL OR task = $task)"""
"""Whether a row fits the filters; one that is null takes everything."""

FITS_PEOPLE = f"""($team IS NULL OR coalesce(team_id, '{NO_TEAM}') = $team)
      AND ($surface IS NULL OR surface = $surface) AND ($modality IS NULL OR modality = $modality)"""
"""The same of rows of `people_daily`, which know neither models nor tasks."""

OWN = "user_id = $user_id"


@dataclass(frozen=True, slots=True)
class Window:
    """Days of a zone, `first` to `last`; the last one up to `until` where that is set."""

    first: date
    last: date
    zone: tzinfo
    until: datetime | None = None

    def usage(self, dirty: Sequence[date], *, own: bool = False) -> str:
        """Rows as of `usage_daily`; with `own` those of `$user_id` alone, which no rollup has apart.

        Args:
            dirty: days that are not summed yet.
        """
        if own:
            parts = [usage_rows(run, OWN) for run in self._runs(self.first)]
            return "(" + "\n     UNION ALL BY NAME ".join(parts) + ")"
        return self._union(self._days(dirty).usage, usage_rows)

    def people(self, dirty: Sequence[date]) -> str:
        """Rows as of `people_daily`."""
        return self._union(self._days(dirty).people, people_rows)

    def callers(self) -> str:
        """Who called what on which day, a row for each call, with all columns that are filtered by: from the rows."""
        return "(" + "\n     UNION ALL ".join(
            f"SELECT {run.day()} AS day, user_id, team_id, provider, model, surface, modality, task "  # noqa: S608
            f"FROM model_calls WHERE ts >= TIMESTAMP '{naive_utc(run.start)}' AND ts < TIMESTAMP '{naive_utc(run.end)}'"
            for run in self._runs(self.first)
        ) + ")"  # fmt: skip

    def _days(self, dirty: Sequence[date]) -> Days:
        return Days(self.first, self._whole, tuple(d for d in dirty if self.first <= d <= self._whole), self.zone)

    @property
    def _whole(self) -> date:
        return self.last if self.until is None else self.last - timedelta(days=1)

    def _runs(self, first: date) -> list[Run]:
        days = [first + timedelta(days=number) for number in range((self.last - first).days + 1)]
        if self.until is None:
            return list(runs(days, self.zone))
        (last,) = runs([self.last], self.zone)
        return [*runs(days[:-1], self.zone), replace(last, end=self.until)]

    def _union(self, summed: str, rows: Callable[[Run], str]) -> str:
        if self.until is None:
            return summed
        (cut,) = self._runs(self.last)
        return f"({summed}\n     UNION ALL BY NAME {rows(cut)})"
