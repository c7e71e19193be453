"""Who asks, with what, and their sessions: `/api/me`, `/api/tokens`, `/api/sessions`."""

from __future__ import annotations

from datetime import datetime

from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body


class _NewToken(Body):
    name: str
    scopes: tuple[Permission, ...] = (Permission.CHAT,)
    expires_at: datetime | None = None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/me", _me),
        api.route("GET", "/api/tokens", _tokens),
        api.route("POST", "/api/tokens", _create, 201),
        api.route("DELETE", "/api/tokens/{token_id}", _revoke),
        api.route("GET", "/api/sessions", _sessions),
        api.route("DELETE", "/api/sessions/{session_id}", _end_session),
    ]


def _me(asked: Asked) -> object:
    actor = asked.actor
    return {
        "id": actor.user_id,
        "roles": sorted(actor.roles),
        "team_ids": actor.team_ids,
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
        "permissions": [each for each in Permission if asked.services.gate.access.may(actor, each)],
    }


def _tokens(asked: Asked) -> object:
    return asked.services.tokens.list(asked.actor)


def _create(asked: Asked) -> object:
    wanted = asked.read(_NewToken)
    card, plain = asked.services.tokens.create(asked.actor, wanted.name, wanted.scopes, wanted.expires_at)
    return {"card": card, "token": plain}


def _revoke(asked: Asked) -> None:
    asked.services.tokens.revoke(asked.actor, asked.path["token_id"])


def _sessions(asked: Asked) -> object:
    return asked.services.sessions.list(asked.actor)


def _end_session(asked: Asked) -> None:
    asked.services.sessions.revoke(asked.actor, asked.path["session_id"])
