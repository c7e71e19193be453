"""Sealed provider keys as rows: ciphertext and the facts bound to it. Nothing here can be read without the KEK."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.values.calls import KeyOwner


@dataclass(frozen=True, slots=True)
class SecretBinding:
    """What a sealed key is bound to: all of it is authenticated (AAD), none of it is secret.

    `origin` is scheme://host[:port] of the base URL the key may be sent to. `expires_at` is in UTC.
    """

    secret_id: str
    version: int
    owner_kind: KeyOwner
    owner_id: str
    provider: str
    origin: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One version of a secret. `blob` is header, nonce and ciphertext; `wrapped_dek` the DEK under KEK `kek_id`."""

    binding: SecretBinding
    blob: bytes = field(repr=False)
    wrapped_dek: bytes = field(repr=False)
    kek_id: int
    last4: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SecretCard:
    """What a person may see of a secret after it was stored."""

    binding: SecretBinding
    last4: str
    created_at: datetime


class KekState(StrEnum):
    """Exactly one KEK is ACTIVE; RETIRED ones only unwrap what was not re-wrapped yet."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KekRecord:
    """A KEK known to this database, by id; `canary` is a fixed text sealed under it."""

    kek_id: int
    state: KekState
    source: str
    canary: bytes = field(repr=False)
    created_at: datetime
