"""Teams: people who share keys. Whoever manages people makes them; members see their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.clock import utc_now
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import Team


class Teams:
    """Thread-safe, blocking. A change is effective everywhere within two seconds.

    Args:
        remove_keys: called with the actor and a team's id before that team is deleted; removes its keys.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        remove_keys: Callable[[Actor, str], object],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._access = access
        self._store = store
        self._remove_keys = remove_keys
        self._clock = clock

    def list(self, actor: Actor) -> Sequence[Team]:
        """Every team, by name."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return self._store.teams.all()

    def mine(self, actor: Actor) -> Sequence[Team]:
        """The actor's own teams, by name."""
        self._access.require(actor, Permission.CHAT)
        return [team for team in self._store.teams.all() if actor.user_id in team.member_ids]

    def create(self, actor: Actor, name: str) -> Team:
        """Make a team without members.

        Raises:
            AccessRefused: the actor may not.
            GearboxError: the name won't do, or there is a team of this name.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        team = Team(uuid.uuid4().hex, _checked(name), self._clock())
        self._store.teams.add(team, _event(actor, team.id, change="create"))
        return team

    def rename(self, actor: Actor, team_id: str, name: str) -> None:
        """Give a team another name. See `create` for what it raises, and NotFound."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        self._store.teams.rename(team_id, _checked(name), _event(actor, team_id, change="rename"))
        self._access.standings.forget()

    def delete(self, actor: Actor, team_id: str) -> None:
        """Delete a team and its keys. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        self._remove_keys(actor, team_id)
        self._store.teams.remove(team_id, _event(actor, team_id, change="delete"))
        self._access.standings.forget()

    def add(self, actor: Actor, team_id: str, person_id: str) -> None:
        """Put a person into a team. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        event = _event(actor, team_id, change="add", person=person_id)
        self._store.teams.join(team_id, person_id, self._clock(), event)
        self._access.standings.forget()

    def remove(self, actor: Actor, team_id: str, person_id: str) -> None:
        """Take a person out of a team; does nothing when they are not in it."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        self._store.teams.leave(team_id, person_id, _event(actor, team_id, change="remove", person=person_id))
        self._access.standings.forget()


def _checked(name: str) -> str:
    if not 1 <= len(name := " ".join(name.split())) <= 100 or not name.isprintable():
        raise GearboxError("A team needs a printable name of 1 to 100 characters.", "Choose another name.")
    return name


def _event(actor: Actor, team_id: str, **details: str) -> AuditEvent:
    return AuditEvent.by(actor, Action.TEAM_CHANGE, AuditOutcome.DONE, target=f"team:{team_id}", **details)
