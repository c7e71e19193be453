"""Sealed provider keys as rows: ciphertext and the facts bound to it. Nothing here can be read without the KEK."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.values.calls import KeyOwner


@dataclass(frozen=True, slots=True)
class SecretOwner:
    """Whose a secret is; the same for all of its versions."""

    secret_id: str
    kind: KeyOwner
    owner_id: str


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

    @property
    def owner(self) -> SecretOwner:
        """Whose it is."""
        return SecretOwner(self.secret_id, self.owner_kind, self.owner_id)


class VersionState(StrEnum):
    """What a version of a key is good for now."""

    CURRENT = "current"
    IN_GRACE = "in_grace"  # a newer one took its place; until its grace is over there is a way back
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """One version of a secret. `blob` is header, nonce and ciphertext; `wrapped_dek` the DEK under KEK `kek_id`.

    `grace_until` is set once a newer version took its place. The secret's head authenticates it, and `revoked_at`.
    """

    binding: SecretBinding
    blob: bytes = field(repr=False)
    wrapped_dek: bytes = field(repr=False)
    kek_id: int
    last4: str
    created_at: datetime
    grace_until: datetime | None = None
    revoked_at: datetime | None = None

    def is_revoked(self, now: datetime) -> bool:
        """Whether it was revoked, by somebody or by the end of its grace."""
        return self.revoked_at is not None or (self.grace_until is not None and self.grace_until <= now)

    def is_expired(self, now: datetime) -> bool:
        """Whether its date has come."""
        return self.binding.expires_at is not None and self.binding.expires_at <= now

    def state(self, now: datetime) -> VersionState:
        """What it is good for at `now`."""
        if self.is_revoked(now):
            return VersionState.REVOKED
        if self.is_expired(now):
            return VersionState.EXPIRED
        return VersionState.CURRENT if self.grace_until is None else VersionState.IN_GRACE

    def card(self, now: datetime) -> VersionCard:
        """What may be shown of it at `now`."""
        return VersionCard(
            self.binding.version,
            self.last4,
            self.created_at,
            self.binding.expires_at,
            self.grace_until,
            self.revoked_at,
            self.state(now),
            self.kek_id,
        )


@dataclass(frozen=True, slots=True)
class SealedHead:
    """The sealed facts about all versions of a secret, and the KEK that sealed them."""

    sealed: bytes = field(repr=False)
    kek_id: int


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A secret with its versions, the oldest first. The release before this one wrote no heads.

    `user_sealed`: its DEKs are also wrapped with a key that only its owner's passphrase opens.
    """

    owner: SecretOwner
    versions: tuple[SealedSecret, ...]
    head: SealedHead | None = None
    user_sealed: bool = False

    def in_use(self, now: datetime) -> SealedSecret | None:
        """The version that calls use: the newest that is not revoked."""
        return next((each for each in reversed(self.versions) if not each.is_revoked(now)), None)


@dataclass(frozen=True, slots=True)
class SecretCard:
    """What a person may see of a secret after it was stored."""

    binding: SecretBinding
    last4: str
    created_at: datetime
    user_sealed: bool = False


@dataclass(frozen=True, slots=True)
class VersionCard:
    """What a person may see of one version of a key."""

    version: int
    last4: str
    created_at: datetime
    expires_at: datetime | None
    grace_until: datetime | None
    revoked_at: datetime | None
    state: VersionState
    kek_id: int
