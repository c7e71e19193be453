"""Who is acting, and from which surface."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; `core.access` decides, nobody else compares roles."""

    MEMBER = "member"
    ANALYST = "analyst"
    ADMIN = "admin"


class Surface(StrEnum):
    """Where a request came in. Booked with every model call."""

    CHAT = "chat"
    API = "api"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person on one surface.

    `user_id` is opaque: it never carries a name or an address, so that a person can be forgotten.
    """

    user_id: str
    roles: frozenset[Role]
    surface: Surface = Surface.CHAT
