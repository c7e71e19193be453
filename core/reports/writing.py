"""From the warehouse to a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.errors import NotFound
from core.reports.letter import Letter, compose, trial
from core.usage import FRESHEN_S
from data.analytics.weekly import WeeklyFacts, weekly_facts
from data.store import Store
from data.values.reports import Week
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True, slots=True)
class Written:
    """A letter, and the numbers that it was made of."""

    letter: Letter
    facts: WeeklyFacts


class Writing:
    """Thread-safe, blocking.

    Args:
        zone: whose days and hours reports go by.
        link: where people open Gearbox; empty where that is not known.
    """

    def __init__(self, store: Store, writer: WarehouseWriter, zone: tzinfo, link: str = "") -> None:
        self.zone = zone
        self._store = store
        self._writer = writer
        self._link = link

    def weekly(self, team_id: str | None, week: Week) -> Letter | None:
        """The report of a week; None where nobody did anything in it, nor in the one before.

        Raises:
            NotFound: there is no such team.
            WarehouseError: the warehouse can't be read.
        """
        whose, facts = self._whose(team_id), self._facts(team_id, week)
        return None if facts.is_empty else compose(facts, whose, self._link)

    def on_request(self, team_id: str | None, now: datetime) -> Written:
        """The report of the last whole week, or a try-out where there is nothing to tell. Raises what `weekly` does."""
        week = Week.before(now, self.zone)
        whose, facts = self._whose(team_id), self._facts(team_id, week)
        return Written(trial(week, whose) if facts.is_empty else compose(facts, whose, self._link), facts)

    def _facts(self, team_id: str | None, week: Week) -> WeeklyFacts:
        self._writer.flush(FRESHEN_S)
        with self._writer.reader() as cursor:
            return weekly_facts(cursor, week, team_id)

    def _whose(self, team_id: str | None) -> str:
        if team_id is None:
            return ""
        name = next((team.name for team in self._store.teams.all() if team.id == team_id), None)
        if name is None:
            raise NotFound("The team of this report is gone.", "Change the report, or remove it.")
        return name
