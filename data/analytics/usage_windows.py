"""Stretches of days, one of which may end at some time of it, as table expressions over the warehouse.

The rollups know whole days alone, so that day is read from the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from data.analytics.by_day import Days, named_in
from data.analytics.usage_values import NO_TEAM
from data.warehouse.measures import usage_rows
from data.warehouse.rollups import Run, runs

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
    """Days of a zone, `first` to `last`; of the day `cut` there is only what was before `until`."""

    first: date
    last: date
    zone: tzinfo
    cut: date | None = None
    until: datetime | None = None

    def usage(self, statement: str, dirty: Sequence[date], *, own: bool = False) -> str:
        """Rows as of `usage_daily`, with the columns that a statement names.

        Args:
            dirty: days that are not summed yet.
            own: those of `$user_id` alone, which no rollup has apart.
        """
        if not own:
            return self._days(dirty).usage_for(statement)
        parts = [usage_rows(run, OWN, only=named_in(statement)) for run in self._runs()]
        return "(" + "\n     UNION ALL BY NAME ".join(parts) + ")"

    def people(self, dirty: Sequence[date]) -> str:
        """Rows as of `people_daily`."""
        return self._days(dirty).people

    def callers(self) -> str:
        """Who called what on which day, a row for each call, with all columns that are filtered by: from the rows."""
        return "(" + "\n     UNION ALL ".join(
            f"SELECT {run.day()} AS day, user_id, team_id, provider, model, surface, modality, task "  # noqa: S608
            f"FROM model_calls WHERE {run.within()}"
            for run in self._runs()
        ) + ")"  # fmt: skip

    def _days(self, dirty: Sequence[date]) -> Days:
        some = tuple(day for day in dirty if self.first <= day <= self.last)
        return Days(self.first, self.last, some, self.zone, self.cut, self.until)

    def _runs(self) -> list[Run]:
        days = [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]
        if self.cut is None or self.until is None:
            return list(runs(days, self.zone))
        (cut,) = runs([self.cut], self.zone)
        return [*runs([day for day in days if day != self.cut], self.zone), replace(cut, end=self.until)]
