"""The vault's KEKs: `/api/vault`."""

from __future__ import annotations

from typing import Literal

from starlette.routing import Route

from core.api.answers import Api, Asked, Body


class _Rotation(Body):
    source: Literal["file", "keyring", "environment", "transit"] | None = None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/vault", _status),
        api.route("POST", "/api/vault/rotate", _rotate, 202),
    ]


def _status(asked: Asked) -> object:
    vault = asked.services.vault_admin
    return {"keks": vault.keks(asked.actor), "rotation": vault.rotation(asked.actor)}


def _rotate(asked: Asked) -> object:
    return asked.services.vault_admin.rotate(asked.actor, asked.read(_Rotation).source)
