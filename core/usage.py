"""Usage as a person may see it: their own calls, or everyone's for those who may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from core.access.access import Access
from core.access.policy import Permission
from data.analytics.period import Period, span_of
from data.analytics.usage import RecentCall, UsageReport, recent_calls, usage_report
from data.analytics.usage_facts import usage_facts
from data.analytics.usage_values import NO_TEAM, Dimension, Question, UsageFacts
from data.values.actor import Actor
from data.values.people import Team
from data.values.sample import sample_team_name
from data.warehouse.writer import WarehouseStatus, WarehouseWriter

FRESHEN_S = 2.0
"""How long a report waits at most for calls that just ended (normally 10 ms; the process's first drain imports
Polars). What takes longer shows as waiting."""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """What the Usage page shows: everybody's calls or one's own, and when it was made (UTC).

    `teams` has the name of each team in it by its id.
    """

    facts: UsageFacts
    everyone: bool
    teams: Mapping[str, str]
    made_at: datetime


class UsageService:
    """What the Usage page asks for, and whatever else tells people what they used.

    Args:
        teams: all there are, for their names.
    """

    def __init__(
        self,
        access: Access,
        writer: WarehouseWriter,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        teams: Callable[[], Sequence[Team]] = tuple,
    ) -> None:
        self._access = access
        self._writer = writer
        self._clock = clock
        self._teams = teams

    @property
    def zone(self) -> tzinfo:
        """The workspace's time zone, whose days are counted."""
        return self._writer.zone

    def page(self, actor: Actor, period: Period, question: Question) -> UsagePage:
        """Usage in a period that ends with today in the workspace's time zone.

        Raises:
            AccessRefused: the actor may see no usage at all.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_OWN_USAGE)
        everyone = self._access.may(actor, Permission.SEE_ALL_USAGE)
        self._writer.flush(FRESHEN_S)
        now = self._clock()
        with self._writer.reader() as cursor:
            facts = usage_facts(
                cursor, period, question, now=now, zone=self._writer.zone, viewer=actor.user_id, only_own=not everyone
            )
        ids = {*facts.options.of[Dimension.TEAM], question.filters.team or NO_TEAM}
        if question.by is Dimension.TEAM:
            ids.update(mover.key for mover in facts.movers)
            ids.update(group.name for group in facts.groups if group.name is not None)
        return UsagePage(facts, everyone, self._named(ids), now)

    def recent(self, actor: Actor, period: Period) -> Sequence[RecentCall]:
        """The actor's own last calls in a period, the newest first. Raises as `page` does."""
        self._access.require(actor, Permission.SEE_OWN_USAGE)
        span = span_of(period, self._clock(), self._writer.zone)
        with self._writer.reader() as cursor:
            return recent_calls(cursor, span, actor.user_id)

    def mine(self, actor: Actor, period: Period, zone: tzinfo) -> UsageReport:
        """The actor's own usage in a period that ends with today in `zone`. Raises as `page` does."""
        self._access.require(actor, Permission.SEE_OWN_USAGE)
        self._writer.flush(FRESHEN_S)
        with self._writer.reader() as cursor:
            return usage_report(cursor, span_of(period, self._clock(), zone), actor.user_id)

    def _named(self, ids: Iterable[str]) -> dict[str, str]:
        real = {team.id: team.name for team in self._teams()}
        gone = "A team that is gone"
        named = {id_: real.get(id_) or sample_team_name(id_) or gone for id_ in ids}
        return named | {NO_TEAM: "No team"}

    def status(self) -> WarehouseStatus:
        """How the warehouse is doing."""
        return self._writer.status()
