"""Legal holds, as admins place and release them. Whom one is on is told to nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.retention.material import Handed, write_material
from data.store import Store
from data.values.actor import Actor
from data.values.audit import SYSTEM_ACTOR, Action, AuditEvent, AuditOutcome, Detail
from data.values.holds import Hold, HoldScope, Purged

MOST_LETTERS = 2_000
_NAME_LETTERS = 200


@dataclass(frozen=True, slots=True)
class HoldCard:
    """A hold with the name of whom it is on; empty where it is on everybody, or where the team is gone."""

    hold: Hold
    name: str


class HoldService:
    """Every method needs `Permission.MANAGE_RETENTION` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._clock = clock

    def list(self, actor: Actor) -> Sequence[HoldCard]:
        """Those that hold, then those that were released; of each the newest first."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        return self._cards(self._store.holds.all())

    def find(self, actor: Actor, hold_id: str) -> HoldCard:
        """One of them. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        return self._cards([self._store.holds.find(hold_id)])[0]

    def waiting(self, actor: Actor) -> Purged:
        """How much is kept only because of holds: deleted by its people, and to be removed when they end."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        return self._store.holds.waiting()

    def place(self, actor: Actor, scope: HoldScope, subject_id: str, matter: str, reason: str) -> HoldCard:
        """From now on nothing of theirs is destroyed; they are not told.

        Args:
            subject_id: of a person or a team; empty for everybody.
            matter: what it is called by those who ask for it.
            reason: why.

        Raises:
            GearboxError: the matter or the reason is missing or too long, or the subject does not fit the scope.
            NotFound: there is no such person or team, or the person was forgotten.
            Conflict: the same matter holds them already.
        """
        self._access.require(actor, Permission.MANAGE_RETENTION)
        matter, reason = " ".join(matter.split()), reason.strip()
        if not matter or len(matter) > _NAME_LETTERS:
            raise GearboxError("A hold needs the name of its matter.", f"Write one of at most {_NAME_LETTERS} letters.")
        if not reason or len(reason) > MOST_LETTERS:
            raise GearboxError("A hold needs a reason.", f"Write one of at most {MOST_LETTERS:,} letters.")
        if bool(subject_id) is (scope is HoldScope.EVERYBODY):
            raise GearboxError("A hold is on one person, one team, or everybody.", "Say which.")
        hold = Hold(uuid.uuid4().hex, scope, subject_id, matter, reason, actor.user_id, self._clock())
        placed = self._store.holds.place(hold, _event(actor, Action.HOLD_PLACE, hold, _on(hold)))
        return self._cards([placed])[0]

    def release(self, actor: Actor, hold_id: str) -> Purged:
        """Let go, and remove what only waited for it. Can't be undone; says how much was removed.

        Raises:
            NotFound: there is no such hold.
            Conflict: it was released already.
        """
        self._access.require(actor, Permission.MANAGE_RETENTION)
        hold = self._store.holds.find(hold_id)
        event = _event(actor, Action.HOLD_RELEASE, hold, _on(hold))
        self._store.holds.release(hold_id, actor.user_id, self._clock(), event)
        return purge(self._store)

    def export(self, actor: Actor, hold_id: str, file: IO[bytes]) -> Handed:
        """Write everything that is kept of whom a hold is on into a zip; see `write_material`.

        Raises:
            NotFound: there is no such hold.
            AuditUnavailable: the export can't be written to the audit log first, so it is not made.
        """
        self._access.require(actor, Permission.MANAGE_RETENTION)
        hold, operation = self._store.holds.find(hold_id), uuid.uuid4().hex
        self._tell(actor, hold, AuditOutcome.INTENT, operation)
        try:
            handed = write_material(self._store, hold, file, self._clock())
        except BaseException:
            self._tell(actor, hold, AuditOutcome.FAILED, operation)
            raise
        counts = {"people": handed.people, "records": handed.records, "attachments": handed.attachments}
        self._tell(actor, hold, AuditOutcome.DONE, operation, **counts)
        return handed

    def _tell(self, actor: Actor, hold: Hold, outcome: AuditOutcome, operation: str, **details: int) -> None:
        target = f"hold:{hold.id}"
        event = AuditEvent.by(actor, Action.EXPORT, outcome, target=target, operation=operation, **details)
        self._store.audit.record(event)

    def _cards(self, found: Sequence[Hold]) -> Sequence[HoldCard]:
        people = {person.id: person.display_name for person in self._store.users.all()}
        teams = {team.id: team.name for team in self._store.teams.all()}
        names = {HoldScope.PERSON: people, HoldScope.TEAM: teams}
        return [HoldCard(hold, names.get(hold.scope, {}).get(hold.subject_id, "")) for hold in found]


def purge(store: Store) -> Purged:
    """Remove what people have deleted while they were held, and are not any more. That it was is in the audit log."""

    def told(gone: Purged) -> AuditEvent:
        counts: dict[str, Detail] = {"conversations": gone.conversations, "earlier_versions": gone.earlier}
        return AuditEvent(Action.HOLD_PURGE, AuditOutcome.DONE, SYSTEM_ACTOR, details=counts)

    return store.holds.purge(told)


def _event(actor: Actor, action: Action, hold: Hold, on: str) -> AuditEvent:
    """Without the matter and the reason: the log goes to places outside, which are not to know them."""
    return AuditEvent.by(actor, action, AuditOutcome.DONE, target=f"hold:{hold.id}", on=on)


def _on(hold: Hold) -> str:
    return hold.scope.value if hold.scope is HoldScope.EVERYBODY else f"{hold.scope.value}:{hold.subject_id}"
