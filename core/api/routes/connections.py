"""What can answer: `/api/connections`. Servers come and go here with their keys; known providers by `/api/keys`."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from starlette.routing import Route

from core.api.answers import Api, Asked, Body
from data.values.calls import KeyOwner


class _Server(Body):
    base_url: str
    label: str = ""
    key: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None
    owner: KeyOwner = KeyOwner.USER
    owner_id: str = ""


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/connections", _connections),
        api.route("POST", "/api/connections", _add, 201),
        api.route("POST", "/api/connections/{endpoint_id}/test", _test),
        api.route("DELETE", "/api/connections/{endpoint_id}", _disconnect),
    ]


def _connections(asked: Asked) -> object:
    return asked.services.connections.endpoints(asked.actor)


def _add(asked: Asked) -> object:
    wanted, keys = asked.read(_Server), asked.services.keys
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


def _test(asked: Asked) -> object:
    endpoint = asked.services.connections.endpoint(asked.actor, asked.path["endpoint_id"])
    return asked.services.connection_check.run(asked.actor, endpoint)


def _disconnect(asked: Asked) -> None:
    asked.services.keys.disconnect(asked.actor, asked.path["endpoint_id"])
