"""What people enter into the vault, checked before it is sealed. No message repeats a key."""

from __future__ import annotations

from datetime import datetime

from core.errors import VaultError
from data.values.canonical import END_OF_DATES

MAX_KEY_CHARS = 4096
# A key this short would give too much of itself away with its last four characters.
_MIN_CHARS_FOR_LAST4 = 12


def checked_key(plaintext: str) -> str:
    """A key as it is kept.

    Raises:
        VaultError: this can't be one.
    """
    key = plaintext.strip()
    if not key:
        raise VaultError("The key is empty.", "Paste the key that the provider gave you.")
    if len(key) > MAX_KEY_CHARS or not key.isascii() or not key.isprintable() or " " in key:
        # It becomes an HTTP header: a line break would inject another one.
        raise VaultError(
            "That does not look like a key: it has spaces, line breaks, unusual characters or is very long.",
            "Copy the key again, without anything around it.",
        )
    return key


def checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """A date on which a key expires; None for one that does not.

    Raises:
        VaultError: it has no time zone, is over, or is too far away.
    """
    if expires_at is not None and expires_at.utcoffset() is None:
        raise VaultError("The expiry of a key has no time zone.")
    if expires_at is not None and expires_at.year >= END_OF_DATES:
        raise VaultError("That expiry is too far away.", f"Choose one before {END_OF_DATES}, or none.")
    if expires_at is not None and expires_at <= now:
        raise VaultError("That expiry is in the past.", "Choose a later one, or none.")
    return expires_at


def last4_of(key: str) -> str:
    """What may be shown of a key."""
    return key[-4:] if len(key) >= _MIN_CHARS_FOR_LAST4 else ""
