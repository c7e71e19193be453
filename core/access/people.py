"""People as admins see them: their roles, whether they may come in, and forgetting them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.access.roles import RoleRules
from core.clock import utc_now
from core.errors import GearboxError, NotFound, OnHold
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import Person, RolesFrom
from data.values.retention import ForgetReceipt, Forgotten


class People:
    """For actors who manage people. Thread-safe.

    Args:
        remove_keys: called with the actor and a person's id before that person is forgotten; removes their keys,
            and says how many.
        usage: what becomes of a forgotten person's rows in the usage warehouse.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        rules: RoleRules,
        remove_keys: Callable[[Actor, str], int],
        *,
        clock: Callable[[], datetime] = utc_now,
        usage: Forgotten = Forgotten.ANONYMISE,
    ) -> None:
        self._usage = usage
        self._access = access
        self._store = store
        self._rules = rules
        self._remove_keys = remove_keys
        self._clock = clock

    def list(self, actor: Actor) -> Sequence[Person]:
        """Everybody who was ever here, with the roles that they have now; the first met first."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return [self._rules.applied(person) for person in self._store.users.all()]

    def find(self, actor: Actor, who: str) -> Person:
        """The person with this id or email. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return self._rules.applied(self._found(who))

    def set_roles(self, actor: Actor, person_id: str, roles: Iterable[Role]) -> Person:
        """Give a person exactly these roles.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such person.
            GearboxError: roles are the identity provider's to give, or nobody would be left to manage people.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        person = self._found(person_id)
        wanted = self._rules.to_keep(person, frozenset(roles))
        if not wanted:
            raise GearboxError("A person needs a role.", "To keep somebody out, deactivate them.")
        if wanted == person.roles:
            return self._rules.applied(person)
        changed = replace(person, roles=wanted, roles_from=RolesFrom.ADMIN)
        self._require_an_admin_left(person, changed)
        event = _event(actor, Action.ROLE_CHANGE, person, was=_names(person.roles), becomes=_names(wanted))
        self._save(changed, event)
        return self._rules.applied(changed)

    def deactivate(self, actor: Actor, person_id: str) -> Person:
        """Keep a person out: their sessions and tokens end everywhere within two seconds.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such person.
            GearboxError: nobody would be left to manage people.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        person = self._found(person_id)
        if not person.is_active:
            return person
        if self._rules.is_local_owner(person):
            raise GearboxError("The owner of this machine can't be kept out of it.")
        now = self._clock()
        changed = replace(person, deactivated_at=now)
        self._require_an_admin_left(person, changed)
        self._save(changed, _event(actor, Action.PERSON_DEACTIVATE, person))
        self._end_everything(actor, person, now)
        return changed

    def activate(self, actor: Actor, person_id: str) -> Person:
        """Let a person in again; they have to sign in, and their tokens stay revoked."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        person = self._found(person_id)
        if person.deactivated_at is None:
            return person
        changed = replace(person, deactivated_at=None)
        self._save(changed, _event(actor, Action.PERSON_ACTIVATE, person))
        return changed

    def forget(self, actor: Actor, person_id: str) -> ForgetReceipt:
        """Delete what tells who a person was, and what they wrote and stored. What they did stays in the audit log and
        in the books, under an id that nothing leads from any more. Can't be undone.

        Returns what was deleted, which is kept as a receipt.

        Raises:
            OnHold: a legal hold is on them; nothing was done. Its matter is named to those who manage holds.
            AccessRefused, NotFound, GearboxError: see `deactivate`.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        person = self._found(person_id)
        if person.id == actor.user_id:
            # Their session would end halfway through.
            raise GearboxError("You can't forget yourself.", "Ask another admin to do it.")
        self._require_no_hold(actor, person)
        self.deactivate(actor, person.id)
        keys = self._remove_keys(actor, person.id)
        event = _event(actor, Action.PERSON_FORGET, person)
        receipt = self._store.forgetting.forget(person.id, self._clock(), event, self._usage, keys=keys)
        self._access.standings.forget()
        return receipt

    def _require_no_hold(self, actor: Actor, person: Person) -> None:
        holds = self._store.holds.on(person.id)
        if not holds:
            return
        self._access.note_refusal(actor, target=f"person:{person.id}", reason=OnHold.__name__)
        matters = ", ".join(hold.matter for hold in holds)
        known = f": {matters}" if self._access.may(actor, Permission.MANAGE_RETENTION) else ""
        raise OnHold(
            f"This person can't be forgotten: a legal hold is on their data{known}.",
            "Deactivate them instead. They can be forgotten once the hold is released, on the Data tab.",
        )

    def _found(self, who: str) -> Person:
        person = self._store.users.find(who)
        if person is None and "@" in who:
            same = [each for each in self._store.users.all() if (each.email or "").casefold() == who.casefold()]
            person = same[0] if len(same) == 1 else None
        if person is None or person.forgotten_at is not None:
            raise NotFound("There is no such person.", "People are known once they have signed in.")
        return person

    def _require_an_admin_left(self, before: Person, after: Person) -> None:
        if not self._is_admin(before) or self._is_admin(after):
            return
        if not any(map(self._is_admin, (each for each in self._store.users.all() if each.id != before.id))):
            raise GearboxError("This is the only admin.", "Make somebody else an admin first.")

    def _is_admin(self, person: Person) -> bool:
        return person.is_active and Role.ADMIN in self._rules.applied(person).roles

    def _end_everything(self, actor: Actor, person: Person, now: datetime) -> None:
        ended = _event(actor, Action.SESSION_REVOKE, person)
        self._store.sessions.revoke(person.id, now, ended)
        for token in self._store.tokens.of(person.id):
            event = AuditEvent.by(actor, Action.TOKEN_REVOKE, AuditOutcome.DONE, target=f"token:{token.id}")
            self._store.tokens.revoke(token.id, now, event)
        self._access.standings.forget()

    def _save(self, person: Person, event: AuditEvent) -> None:
        self._store.users.save(person, event)
        self._access.standings.forget()


def _event(actor: Actor, action: Action, person: Person, **details: str) -> AuditEvent:
    return AuditEvent.by(actor, action, AuditOutcome.DONE, target=f"person:{person.id}", **details)


def _names(roles: Iterable[Role]) -> str:
    return " ".join(sorted(role.value for role in roles))
