"""Gearbox's error tree as `core` raises it; the root lives in `data.values.errors`."""

from __future__ import annotations

from data.values.calls import ErrorKind
from data.values.errors import (
    AuditUnavailable,
    Conflict,
    GearboxError,
    NotFound,
    OnHold,
    SecretChanged,
    SecretDamaged,
    StoreError,
    TurnActive,
)

__all__ = [
    "AccessRefused",
    "AuditUnavailable",
    "ConfigError",
    "Conflict",
    "GearboxError",
    "KeyExpired",
    "KeyLocked",
    "KeyTampered",
    "NotAllowed",
    "NotFound",
    "OnHold",
    "ProviderError",
    "RateLimited",
    "RotatedElsewhere",
    "SecretChanged",
    "SecretDamaged",
    "SignedOut",
    "StoreError",
    "SwitchedOff",
    "TooLarge",
    "TurnActive",
    "UnderMaintenance",
    "VaultError",
    "WrongKek",
]


class ConfigError(GearboxError):
    """A setting makes it impossible, or unsafe, to run."""


class AccessRefused(GearboxError):
    """This actor may not do this."""


class SwitchedOff(AccessRefused):
    """A capability that a feature flag turns off for this actor."""


class NotAllowed(NotFound):
    """A model or tool that rules keep from this actor. For them it is as good as not there, so whatever passes over
    what is not there passes over it; who named it is told why."""


class SignedOut(GearboxError):
    """Nobody is signed in here, or not any more: the session or token is unknown, has ended or was revoked."""


class RateLimited(GearboxError):
    """Too many requests, or too many failed attempts.

    Args:
        retry_after: seconds until it is worth trying again.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_after: float) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class UnderMaintenance(GearboxError):
    """Maintenance is on, and this actor does not manage the workspace.

    Args:
        retry_after: seconds until it is worth trying again.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_after: float) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class TooLarge(GearboxError):
    """A request carries more than is taken."""


class VaultError(GearboxError):
    """A key could not be sealed or opened."""


class RotatedElsewhere(VaultError):
    """Another process rotates the KEK, or has done so since this one was asked to; nothing was done here."""


class WrongKek(VaultError):
    """The key-encryption key is missing or is not the one this database was sealed with."""


class KeyExpired(VaultError):
    """A key's date has come: it was not sent, and no provider was asked."""


class KeyLocked(VaultError):
    """A user-sealed key whose owner has not unlocked it in this session."""


class KeyTampered(VaultError):
    """A stored key is not what Gearbox wrote: changed, moved, damaged, or an older copy put back."""


class ProviderError(GearboxError):
    """A provider, or the way to it, failed.

    Args:
        kind: what the pages and the warehouse group by.
        message: one plain sentence, the provider's own words included where it gave any.
        remedy: what to do about it.
        status: HTTP status, where there was one.
        retry_after: seconds the provider asked to wait, where it did.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        remedy: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
