"""The vault's KEKs: `/api/vault`."""

from __future__ import annotations

from typing import Literal

from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.vault.admin import KekCard, RotationStatus
from data.values.keks import RotationRecord


class _NewRotation(Body):
    source: Literal["file", "keyring", "environment", "transit"] | None = None


class _VaultStatus(TypedDict):
    keks: list[KekCard]
    rotation: RotationStatus | None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/vault", _status, needs=Permission.MANAGE_VAULT),
        api.route("POST", "/api/vault/rotate", _rotate, 202, needs=Permission.MANAGE_VAULT, body=_NewRotation),
    ]


def _status(asked: Asked) -> _VaultStatus:
    """The KEKs, and the rotation that is under way or was the last."""
    vault = asked.services.vault_admin
    return {"keks": vault.keks(asked.actor), "rotation": vault.rotation(asked.actor)}


def _rotate(asked: Asked) -> RotationRecord:
    """Begin to seal every key under a new KEK."""
    return asked.services.vault_admin.rotate(asked.actor, asked.read(_NewRotation).source)
