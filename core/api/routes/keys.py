"""Provider keys: `/api/keys`. A key goes in and never comes out."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.keys import DEFAULT_GRACE
from core.shelf import KeyShelfItem
from data.values.calls import KeyOwner
from data.values.models import Endpoint
from data.values.secrets import SecretCard

OWN = Permission.MANAGE_OWN_KEYS


class _NewKey(Body):
    provider: str
    key: str = Field(repr=False)
    expires_at: datetime | None = None
    owner: KeyOwner = KeyOwner.USER
    owner_id: str = ""


class _NextKey(Body):
    key: str = Field(repr=False)
    expires_at: datetime | None = None
    grace_hours: float = Field(default=DEFAULT_GRACE / timedelta(hours=1), ge=0, le=24 * 90)


class _KeyExpiry(Body):
    expires_at: datetime | None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/keys", _shelf, needs=(Permission.CHAT, OWN)),
        api.route("GET", "/api/keys/shared", _shared, needs=Permission.MANAGE_SHARED_KEYS),
        api.route("POST", "/api/keys", _add, 201, needs=OWN, body=_NewKey),
        api.route("POST", "/api/keys/{secret_id}/rotate", _rotate, needs=OWN, body=_NextKey),
        api.route("POST", "/api/keys/{secret_id}/fall-back", _fall_back, needs=OWN),
        api.route("PUT", "/api/keys/{secret_id}/expiry", _set_expiry, needs=OWN, body=_KeyExpiry),
        api.route("DELETE", "/api/keys/{secret_id}/versions/{version:int}", _revoke, needs=OWN),
        api.route("DELETE", "/api/keys/{secret_id}", _remove, needs=OWN),
    ]


def _shelf(asked: Asked) -> list[KeyShelfItem]:
    """Your keys and those you share, without their values."""
    return asked.services.keys.shelf(asked.actor)


def _shared(asked: Asked) -> list[KeyShelfItem]:
    """Keys of every team and of the organisation, without their values."""
    return asked.services.keys.shared(asked.actor)


def _add(asked: Asked) -> Endpoint:
    """Connect a known provider with a key. It never comes out again."""
    wanted, keys = asked.read(_NewKey), asked.services.keys
    owner_id = asked.owner_id(wanted.owner, wanted.owner_id)
    if wanted.owner is KeyOwner.USER:
        return keys.add(asked.actor, wanted.provider, wanted.key, expires_at=wanted.expires_at)
    return keys.add_shared(
        asked.actor, wanted.owner, owner_id, wanted.provider, wanted.key, expires_at=wanted.expires_at
    )


def _rotate(asked: Asked) -> SecretCard:
    """Put the next key in; the one before can be gone back to for a while."""
    wanted = asked.read(_NextKey)
    return asked.services.keys.rotate(
        asked.actor,
        asked.path["secret_id"],
        wanted.key,
        grace=timedelta(hours=wanted.grace_hours),
        expires_at=wanted.expires_at,
    )


def _fall_back(asked: Asked) -> SecretCard:
    """Go back to the key before."""
    return asked.services.keys.fall_back(asked.actor, asked.path["secret_id"])


def _set_expiry(asked: Asked) -> SecretCard:
    """Say when a key expires, or never."""
    return asked.services.keys.set_expiry(asked.actor, asked.path["secret_id"], asked.read(_KeyExpiry).expires_at)


def _revoke(asked: Asked) -> None:
    """Destroy one version of a key."""
    asked.services.keys.revoke(asked.actor, asked.path["secret_id"], int(asked.path["version"]))


def _remove(asked: Asked) -> None:
    """Destroy a key with all its versions."""
    asked.services.keys.remove(asked.actor, asked.path["secret_id"])
