"""Who asks, with what, and their sessions: `/api/me`, `/api/tokens`, `/api/sessions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.policy import Permission
from core.access.sessions import SessionCard
from core.api.answers import Api, Asked, Body
from data.values.actor import Role
from data.values.people import ApiToken


class _NewToken(Body):
    name: str
    scopes: tuple[Permission, ...] = (Permission.CHAT,)
    expires_at: datetime | None = None


class _Me(TypedDict):
    """Who asks. `scopes` are the token's, and null where a session asks."""

    id: str
    roles: list[Role]
    team_ids: tuple[str, ...]
    scopes: list[str] | None
    permissions: list[Permission]


class _MadeToken(TypedDict):
    """A new token; `token` is told this once."""

    card: ApiToken
    token: str


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/me", _me),
        api.route("GET", "/api/tokens", _tokens, needs=Permission.MANAGE_OWN_TOKENS),
        api.route("POST", "/api/tokens", _create, 201, needs=Permission.MANAGE_OWN_TOKENS, body=_NewToken),
        api.route("DELETE", "/api/tokens/{token_id}", _revoke, needs=Permission.MANAGE_OWN_TOKENS),
        api.route("GET", "/api/sessions", _sessions, needs=Permission.MANAGE_OWN_SESSIONS),
        api.route("DELETE", "/api/sessions/{session_id}", _end_session, needs=Permission.MANAGE_OWN_SESSIONS),
    ]


def _me(asked: Asked) -> _Me:
    """Who asks, and what they may do."""
    actor = asked.actor
    return {
        "id": actor.user_id,
        "roles": sorted(actor.roles),
        "team_ids": actor.team_ids,
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
        "permissions": [each for each in Permission if asked.services.gate.access.may(actor, each)],
    }


def _tokens(asked: Asked) -> Sequence[ApiToken]:
    """Your tokens, without what they are sent as."""
    return asked.services.tokens.list(asked.actor)


def _create(asked: Asked) -> _MadeToken:
    """Make a token. The answer holds it, once."""
    wanted = asked.read(_NewToken)
    card, plain = asked.services.tokens.create(asked.actor, wanted.name, wanted.scopes, wanted.expires_at)
    return {"card": card, "token": plain}


def _revoke(asked: Asked) -> None:
    """End a token."""
    asked.services.tokens.revoke(asked.actor, asked.path["token_id"])


def _sessions(asked: Asked) -> Sequence[SessionCard]:
    """Your browsers that are signed in."""
    return asked.services.sessions.list(asked.actor)


def _end_session(asked: Asked) -> None:
    """Sign a browser out."""
    asked.services.sessions.revoke(asked.actor, asked.path["session_id"])
