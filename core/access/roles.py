"""Which roles a person has: from the identity provider, from an admin, and from the operator's list of first admins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import GearboxError
from data.values.actor import Role
from data.values.people import MEMBER, Person, RolesFrom

LOCAL_OWNER_ID = "local-owner"
"""The one person of sign-in mode `local`, who holds every role there and none elsewhere."""


@dataclass(frozen=True, slots=True)
class RoleRules:
    """The operator's rules.

    Args:
        mode: the sign-in mode.
        claim: where the identity provider says what people may do: `name`, or `name.inner` for one inside another;
            empty where it does not say.
        names: what the provider calls a role, to the role's own name; the own names always count.
        admins: emails of people who are admins whatever else is said.
    """

    mode: str = "local"
    claim: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    admins: frozenset[str] = frozenset()

    def claimed(self, claims: Mapping[str, Any]) -> frozenset[Role] | None:
        """The roles that the identity provider gives, at least that of a member; None where it is not asked."""
        if not self.claim:
            return None
        said: Any = claims.get(self.claim)
        if said is None:
            said = claims
            for name in self.claim.split("."):
                said = said.get(name) if isinstance(said, Mapping) else None
        given = said.replace(",", " ").split() if isinstance(said, str) else said if isinstance(said, list) else []
        known = {role.value: role for role in Role}
        names = (self.names.get(each, each) for each in given if isinstance(each, str))
        return frozenset(known[name] for name in names if name in known) or MEMBER

    def applied(self, person: Person) -> Person:
        """The person with the roles that they have under these rules."""
        if person.id == LOCAL_OWNER_ID:
            return replace(person, roles=frozenset(Role) if self.is_local_owner(person) else frozenset())
        if person.roles_from is RolesFrom.CLAIM and not self.claim:
            person = replace(person, roles=MEMBER)  # nobody would take back what the provider once gave
        if self._lists(person):
            return replace(person, roles=person.roles | {Role.ADMIN})
        return person

    def to_keep(self, person: Person, wanted: frozenset[Role]) -> frozenset[Role]:
        """What to keep for a person whom an admin gives these roles.

        Raises:
            GearboxError: they are not an admin's to give.
        """
        if self.is_local_owner(person):
            raise GearboxError("The owner of this machine holds every role.")
        if self.claim:
            raise GearboxError(
                "Roles come from the identity provider at each sign-in.",
                f"Change them there: Gearbox reads the claim {self.claim}.",
            )
        if not self._lists(person):
            return wanted
        if Role.ADMIN not in wanted:
            raise GearboxError("GEARBOX_ADMINS makes this person an admin.", "Take their email out of that setting.")
        # Who is an admin by the setting alone stops being one with it.
        return wanted if Role.ADMIN in person.roles else wanted - {Role.ADMIN} or MEMBER

    def is_local_owner(self, person: Person) -> bool:
        """Whether this is the one person of mode `local`."""
        return self.mode == "local" and person.id == LOCAL_OWNER_ID

    def _lists(self, person: Person) -> bool:
        return person.email is not None and person.email.casefold() in self.admins


LOCAL_RULES = RoleRules()
