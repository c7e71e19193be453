"""Gearbox's error tree as `core` raises it; the root lives in `data.values.errors`."""

from __future__ import annotations

from data.values.calls import ErrorKind
from data.values.errors import GearboxError, NotFound, StoreError, TurnActive

__all__ = [
    "AccessRefused",
    "ConfigError",
    "GearboxError",
    "NotFound",
    "ProviderError",
    "StoreError",
    "TurnActive",
    "VaultError",
    "WrongKek",
]


class ConfigError(GearboxError):
    """A setting makes it impossible, or unsafe, to run."""


class AccessRefused(GearboxError):
    """This actor may not do this."""


class VaultError(GearboxError):
    """A key could not be sealed or opened."""


class WrongKek(VaultError):
    """The key-encryption key is missing or is not the one this database was sealed with."""


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
