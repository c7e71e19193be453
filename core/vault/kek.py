"""What a key-encryption key is kept in: one small protocol, and the text form that every source keeps.

Each source keeps one entry for each deployment and KEK id, so that two databases, or a backup and its original, never
share or overwrite a KEK.
"""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from core.errors import WrongKek
from core.vault.envelope import KEY_BYTES

_PREFIX = b"gearbox-kek-v1:"


class KekSource(Protocol):
    """A place that keeps KEKs."""

    name: str

    def load(self, kek_id: int) -> bytes | None:
        """The KEK's 32 bytes, or None where there is none.

        Raises:
            WrongKek: there is something, but it can't be used as it is.
        """
        ...

    def create(self, kek_id: int) -> bytes:
        """Make a KEK, keep it durably and return it; one that is already there is kept and returned.

        Raises:
            VaultError: it can't be kept here.
        """
        ...

    def place(self, kek_id: int) -> str:
        """Where a person finds it, for messages and backups."""
        ...


def encode_kek(material: bytes) -> str:
    """A KEK as one line of text."""
    return (_PREFIX + base64.b64encode(material)).decode("ascii") + "\n"


def decode_kek(entry: bytes, place: str) -> bytes:
    """The KEK in an entry of `encode_kek`.

    Raises:
        WrongKek: it is something else; the message names `place` and never the content.
    """
    head, prefix, body = entry.strip().partition(_PREFIX)
    try:
        material = base64.b64decode(body, validate=True)
    except binascii.Error:
        material = b""
    if head or not prefix or len(material) != KEY_BYTES:
        raise WrongKek(f"What is kept in {place} is not a Gearbox key.", "Restore it from a backup.")
    return material
