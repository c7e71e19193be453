"""How long the warehouse keeps its rows, as admins say. Page, API and CLI all ask here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.retention import KINDS, OF_TEAMS, RetentionRule
from data.warehouse.expiring import Expiring, Lend, expiring

MOST_DAYS = 36_500
"""A hundred years."""
_FOREVER = "for ever"


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule with the name of its team: None where it is everybody's, or where the team is gone."""

    rule: RetentionRule
    team: str | None


class RetentionRules:
    """Every method needs `Permission.MANAGE_RETENTION` and raises AccessRefused without it. Thread-safe, blocking.

    Args:
        warehouse: see `Lend`.
        clock: the time in UTC.
        zone: whose days rules count.
    """

    def __init__(
        self, access: Access, store: Store, warehouse: Lend, *, clock: Callable[[], datetime], zone: tzinfo
    ) -> None:
        self._access = access
        self._store = store
        self._warehouse = warehouse
        self._clock = clock
        self._zone = zone

    def list(self, actor: Actor) -> Sequence[RuleCard]:
        """Those that there are, by kind; of each that of everybody first."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        names = {team.id: team.name for team in self._store.teams.all()}
        return [RuleCard(rule, names.get(rule.team_id or "")) for rule in self._store.retention.all()]

    def preview(self, actor: Actor, kind: str, days: int, team_id: str | None = None) -> Expiring:
        """What such a rule removes at once; nothing is set.

        Raises:
            GearboxError, NotFound: as `set` does.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.MANAGE_RETENTION)
        rule = self._checked(actor, kind, days, team_id)
        held = self._store.holds.held()
        with self._warehouse() as cursor:
            return expiring(cursor, rule, self._store.retention.all(), held, now=rule.set_at, zone=self._zone)

    def set(self, actor: Actor, kind: str, days: int, team_id: str | None = None) -> RetentionRule:
        """Have rows of a kind removed when they are older than so many whole days; held ones stay.

        A running Gearbox carries it out within seconds, and then every day.

        Raises:
            GearboxError: such rows can't be kept so long, or not by team.
            NotFound: there is no such kind, or no such team.
        """
        self._access.require(actor, Permission.MANAGE_RETENTION)
        rule = self._checked(actor, kind, days, team_id)
        self._store.retention.set(rule, self._changed(actor, kind, team_id, f"{days} days"))
        return rule

    def clear(self, actor: Actor, kind: str, team_id: str | None = None) -> None:
        """Keep these rows for ever again, or as everybody's rule says. Raises NotFound where there is no such rule."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        if not self._store.retention.remove(kind, team_id, self._changed(actor, kind, team_id, _FOREVER)):
            raise NotFound("There is no such rule.", "`warehouse retention list` shows those that there are.")

    def _checked(self, actor: Actor, kind: str, days: int, team_id: str | None) -> RetentionRule:
        if kind not in KINDS:
            raise NotFound("There is no such kind of rows.", f"Kinds are {', '.join(KINDS)}.")
        if not 1 <= days <= MOST_DAYS:
            raise GearboxError(f"{days} days can't be kept.", f"Say at least 1, and at most {MOST_DAYS:,}.")
        if team_id is not None:
            if kind not in OF_TEAMS:
                raise GearboxError(f"{KINDS[kind].capitalize()} are not kept by team.", "Leave the team out.")
            if all(team.id != team_id for team in self._store.teams.all()):
                raise NotFound("There is no such team.", "The Admin page lists the teams.")
        return RetentionRule(kind, team_id, days, actor.user_id, self._clock())

    def _changed(self, actor: Actor, kind: str, team_id: str | None, kept: str) -> AuditEvent:
        here = (each for each in self._store.retention.all() if (each.kind, each.team_id) == (kind, team_id))
        before = next((f"{each.days} days" for each in here), _FOREVER)
        target = f"retention:{kind}" + (f":{team_id}" if team_id else "")
        told = {"before": before, "change": kept}
        return AuditEvent.by(actor, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=target, **told)
