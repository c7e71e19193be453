"""Meeting people: from what an identity provider says to a person of this database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.access.roles import RoleRules
from core.clock import utc_now
from core.errors import SignedOut, StoreError
from data.store import Store
from data.values.actor import Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import MEMBER, Identity, Person, RolesFrom


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an identity provider, or a trusted proxy, names. `email` only where it vouches for it."""

    identity: Identity
    display_name: str
    email: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


def from_claims(claims: Mapping[str, Any]) -> Named:
    """Whom the claims of a verified ID token name (OpenID Connect Core 1.0, sections 2 and 5.1).

    Raises:
        SignedOut: they name nobody.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not issuer or not subject:
        raise SignedOut("The identity provider did not say who you are.", "Ask an admin to check the provider.")
    email = claims.get("email") if claims.get("email_verified") is True else None
    said = (claims.get(name) for name in ("name", "preferred_username", "email"))
    name = next((each for each in said if isinstance(each, str) and each.strip()), "Unnamed person")
    return Named(Identity(issuer, subject), name[:200], email if isinstance(email, str) else None, claims)


@dataclass(frozen=True, slots=True)
class ProxyHeaders:
    """The headers (in lower case) in which a trusted proxy names a person. `core.api.front_door` lets nobody else's
    through."""

    user: str = "x-forwarded-email"
    name: str = "x-forwarded-preferred-username"

    def named(self, headers: Mapping[str, str]) -> Named:
        """Whom the proxy names.

        Raises:
            SignedOut: nobody; or the request did not come through the proxy.
        """
        user = headers.get(self.user, "").strip()
        if not user:
            raise SignedOut("The sign-in proxy did not say who you are.", "Open Gearbox at its own address.")
        name = headers.get(self.name, "").strip() or user
        return Named(Identity("proxy", user), name[:200], user if "@" in user else None, headers)


class Identities:
    """Finds the person behind an identity, or remembers a new one. Thread-safe, blocking."""

    def __init__(self, store: Store, rules: RoleRules, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock

    def meet(self, named: Named, *, address: str = "", request_id: str = "") -> Person:
        """The person, with name, email and roles as the provider now says."""
        person = self._store.users.named(named.identity) or self._added(named, address, request_id)
        claimed = self._rules.claimed(named.claims)
        now = replace(person, display_name=named.display_name, email=named.email)
        if claimed is not None:
            now = replace(now, roles=claimed, roles_from=RolesFrom.CLAIM)
        if now != person:
            events = []
            if now.roles != person.roles:
                was, becomes = (" ".join(sorted(each.roles)) for each in (person, now))
                events.append(_event(Action.ROLE_CHANGE, person, address, request_id, was=was, becomes=becomes))
            self._store.users.save(now, *events)
        return now

    def _added(self, named: Named, address: str, request_id: str) -> Person:
        roles = self._rules.claimed(named.claims)
        person = Person(
            id=uuid.uuid4().hex,
            display_name=named.display_name,
            created_at=self._clock(),
            email=named.email,
            roles=MEMBER if roles is None else roles,
            roles_from=None if roles is None else RolesFrom.CLAIM,
        )
        becomes = " ".join(sorted(person.roles))
        event = _event(Action.PERSON_CREATE, person, address, request_id, becomes=becomes)
        try:
            self._store.users.add(person, named.identity, event)
        except StoreError:
            # Two tabs, or two processes, met somebody at the same moment: the first one's person it is.
            first = self._store.users.named(named.identity)
            if first is None:
                raise
            return first
        return person


def _event(action: Action, person: Person, address: str, request_id: str, **details: str) -> AuditEvent:
    return AuditEvent(
        action,
        AuditOutcome.DONE,
        person.id,
        target=f"person:{person.id}",
        surface=Surface.CHAT,
        address=address,
        request_id=request_id,
        details=details,
    )
