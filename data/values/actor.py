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
    BACKGROUND = "background"  # Gearbox itself, for somebody: refreshing a model list, ending what a process left


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person on one surface.

    `user_id` is opaque: it never carries a name or an address, so that a person can be forgotten. `team_ids` are the
    teams the person belongs to, the first joined first. `session_id` is the server's own id of the browser session or
    API token, empty on the command line and in the background. `address` is where the request came from, `user@host` on
    the command line, empty where there was none. `request_id` groups what one request, one command or one run of a page
    did. `scopes` is set for an API token: of what the roles allow, only these permissions.
    """

    user_id: str
    roles: frozenset[Role]
    surface: Surface = Surface.CHAT
    team_ids: tuple[str, ...] = ()
    session_id: str = ""
    address: str = ""
    request_id: str = ""
    scopes: frozenset[str] | None = None
