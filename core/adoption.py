"""How people take Gearbox up, as analysts may see it: numbers of people, never people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.access.access import Access
from core.access.policy import Permission
from core.team_names import called
from core.usage import FRESHEN_S
from data.analytics.people import people_facts
from data.analytics.people_values import PeopleFacts, Rhythm, Stretch, weeks_of
from data.values.actor import Actor
from data.warehouse.writer import WarehouseStatus, WarehouseWriter


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be looked at: the people of some weeks, all or those of a team, counted `by` day, week or month."""

    stretch: Stretch = Stretch.HALF
    team: str | None = None
    by: Rhythm = Rhythm.WEEK


@dataclass(frozen=True, slots=True)
class AdoptionView:
    """What the page shows, and when it was made (UTC); `teams` are names by id, of those that may be told apart."""

    facts: PeopleFacts
    teams: Mapping[str, str]
    made_at: datetime


class AdoptionService:
    """What the People page asks for."""

    def __init__(
        self,
        access: Access,
        writer: WarehouseWriter,
        team_names: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._access = access
        self._writer = writer
        self._team_names = team_names
        self._clock = clock

    def view(self, actor: Actor, question: Question) -> AdoptionView:
        """The people of weeks that end with today in the workspace's zone.

        Raises:
            AccessRefused: the actor may not see what everybody's calls came to.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._writer.flush(FRESHEN_S)
        now = self._clock()
        with self._writer.reader() as cursor:
            facts = people_facts(
                cursor,
                weeks_of(question.stretch, now, self._writer.zone),
                question.team,
                by=question.by,
                viewer=actor.user_id,
            )
        return AdoptionView(facts, called(facts.teams, self._team_names() if facts.teams else {}), now)

    def status(self) -> WarehouseStatus:
        """How the warehouse is doing."""
        return self._writer.status()
