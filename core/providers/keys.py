"""From an endpoint to its key: the one place where the vault is asked for a plaintext."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from core.errors import GearboxError, KeyExpired, KeyLocked, NotFound, ProviderError, RateLimited, VaultError
from core.providers.directory import key_origin
from core.vault import Vault
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import ErrorKind
from data.values.models import Endpoint

if TYPE_CHECKING:
    from data.store import Store

_ASK = "It is shared: ask an admin for a new one, or connect a key of your own in the settings."


def endpoint_key(vault: Vault, endpoint: Endpoint, actor: Actor, receipt: Receipt) -> str | None:
    """The plaintext key for a request of `actor` to `endpoint`; None for a server that needs none. Blocking.

    Raises:
        NotFound: the key is gone, or another person's.
        KeyExpired, KeyLocked: see `Vault.open_key`.
        VaultError: the key was revoked, belongs to another origin, or its record was tampered with.
    """
    if endpoint.secret_id is None:
        return None
    try:
        return vault.open_key(endpoint.secret_id, origin=key_origin(endpoint), actor=actor, receipt=receipt)
    except (VaultError, NotFound) as error:
        raise type(error)(f"{endpoint.label}: {error}", _ASK if endpoint.is_shared else error.remedy) from None


async def key_for_call(vault: Vault, endpoint: Endpoint, actor: Actor, receipt: Receipt) -> str | None:
    """`endpoint_key` for an event loop: at once where the vault has the proof at hand, else in a thread."""
    secret_id = endpoint.secret_id
    if secret_id is None or vault.at_hand(secret_id, origin=key_origin(endpoint), actor=actor):
        return endpoint_key(vault, endpoint, actor, receipt)
    return await asyncio.to_thread(endpoint_key, vault, endpoint, actor, receipt)


class KeyTrouble(StrEnum):
    """Why a key can't be used now, as far as that is known without opening it."""

    GONE = "gone"
    REVOKED = "revoked"
    EXPIRED = "expired"
    LOCKED = "locked"


def key_trouble(store: Store, vault: Vault, endpoint: Endpoint, actor: Actor, now: datetime) -> KeyTrouble | None:
    """What would keep the endpoint's key from being opened for `actor`; None where nothing is known to. Blocking."""
    if endpoint.secret_id is None:
        return None
    record = store.secrets.find(endpoint.secret_id)
    if record is None:
        return KeyTrouble.GONE
    sealed = record.in_use(now)
    if sealed is None:
        return KeyTrouble.REVOKED
    if sealed.is_expired(now):
        return KeyTrouble.EXPIRED
    return KeyTrouble.LOCKED if record.user_sealed and vault.unlocked.find(actor) is None else None


def error_kind(error: GearboxError) -> ErrorKind:
    """Why a call failed. What is wrong with the key is told apart from what the provider says about it."""
    match error:
        case ProviderError():
            return error.kind
        case KeyExpired():
            return ErrorKind.KEY_EXPIRED
        case KeyLocked():
            return ErrorKind.KEY_LOCKED
        case RateLimited():
            return ErrorKind.RATE_LIMIT
        case VaultError() | NotFound():
            return ErrorKind.KEY_UNUSABLE
        case _:
            return ErrorKind.INTERNAL
