"""What can answer: `/api/connections`. Servers come and go here with their keys; known providers by `/api/keys`."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.providers.check import CheckResult
from data.values.calls import KeyOwner
from data.values.models import Endpoint


class _NewServer(Body):
    base_url: str
    label: str = ""
    key: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None
    owner: KeyOwner = KeyOwner.USER
    owner_id: str = ""


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/connections", _connections, needs=Permission.CHAT),
        api.route("POST", "/api/connections", _add, 201, needs=Permission.MANAGE_OWN_KEYS, body=_NewServer),
        api.route("POST", "/api/connections/{endpoint_id}/test", _test, needs=Permission.CHAT),
        api.route("DELETE", "/api/connections/{endpoint_id}", _disconnect, needs=Permission.MANAGE_OWN_KEYS),
    ]


def _connections(asked: Asked) -> list[Endpoint]:
    """What can answer you: of several connections to one provider the nearest."""
    return asked.services.connections.endpoints(asked.actor)


def _add(asked: Asked) -> Endpoint:
    """Connect a server that speaks OpenAI's format."""
    wanted, keys = asked.read(_NewServer), asked.services.keys
    owner_id = asked.owner_id(wanted.owner, wanted.owner_id)
    if wanted.owner is KeyOwner.USER:
        return keys.add_server(asked.actor, wanted.label, wanted.base_url, wanted.key, expires_at=wanted.expires_at)
    return keys.add_shared_server(
        asked.actor,
        wanted.owner,
        owner_id,
        label=wanted.label,
        base_url=wanted.base_url,
        key=wanted.key,
        expires_at=wanted.expires_at,
    )


def _test(asked: Asked) -> CheckResult:
    """Ask one of its models for a word."""
    endpoint = asked.services.connections.endpoint(asked.actor, asked.path["endpoint_id"])
    return asked.services.connection_check.run(asked.actor, endpoint)


def _disconnect(asked: Asked) -> None:
    """Disconnect it and destroy its key."""
    asked.services.keys.disconnect(asked.actor, asked.path["endpoint_id"])
