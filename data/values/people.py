"""People, teams, and what they sign in with, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.values.actor import Role

MEMBER = frozenset({Role.MEMBER})


class RolesFrom(StrEnum):
    """Who gave a person their roles."""

    CLAIM = "claim"  # the identity provider, anew at each sign-in
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is elsewhere: an issuer's name for them. The only join between the two; forgetting deletes it."""

    issuer: str
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom this database has met.

    `email` is only ever one that the identity provider vouches for. `team_ids` are in the order they were joined.
    """

    id: str
    display_name: str
    created_at: datetime
    email: str | None = None
    roles: frozenset[Role] = MEMBER
    roles_from: RolesFrom | None = None
    team_ids: tuple[str, ...] = ()
    last_seen_at: datetime | None = None
    deactivated_at: datetime | None = None
    forgotten_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether they may come in."""
        return self.deactivated_at is None and self.forgotten_at is None


@dataclass(frozen=True, slots=True)
class Team:
    """People who share keys. `member_ids` are in the order they joined."""

    id: str
    name: str
    created_at: datetime
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. `id` is the SHA-256 of what the browser holds, which is kept nowhere."""

    id: str
    user_id: str
    mode: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    address: str = field(default="", repr=False)
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of an API token: never the token itself. `scopes` are permissions' values."""

    id: str
    user_id: str
    name: str
    last4: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
