"""What a key-encryption key is kept in: one small protocol, and the text form of a KEK.

Each source keeps one entry for each deployment and KEK id, so that two databases, or a backup and its original, never
share or overwrite a KEK.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import WrongKek
from core.vault.envelope import KEY_BYTES

TRANSIT = "transit"
"""The source that a transit engine is, as records name it."""

_PREFIX = b"gearbox-kek-v1:"


@dataclass(frozen=True, slots=True)
class MadeKek:
    """A KEK that a source has just made: its 32 bytes, and what the database must keep of it (KMS ciphertext)."""

    material: bytes = field(repr=False)
    wrapped: bytes | None = field(default=None, repr=False)


class KekSource(Protocol):
    """A place that keeps KEKs, or the means to open them."""

    name: str

    def load(self, kek_id: int, wrapped: bytes | None = None) -> tuple[bytes, ...]:
        """The 32 bytes that may be this KEK: usually one or none; of several, the canary tells which.

        Args:
            kek_id: its id in this database.
            wrapped: what `create` gave for the database to keep.

        Raises:
            WrongKek: there is something, but it can't be used as it is.
        """
        ...

    def create(self, kek_id: int) -> MadeKek:
        """Make a KEK and keep it durably; where the source itself keeps it, one that is there is returned again.

        Raises:
            VaultError: it can't be kept here.
        """
        ...

    def destroy(self, kek_id: int) -> bool:
        """Delete a KEK for ever; False where a person has to do that."""
        ...

    def place(self, kek_id: int) -> str:
        """Where a person finds it, for messages and backups."""
        ...


def encode_kek(material: bytes) -> str:
    """A KEK as one line of text."""
    return (_PREFIX + base64.b64encode(material)).decode("ascii") + "\n"


def new_kek() -> str:
    """A fresh KEK as `encode_kek` writes it, for an operator to hand in."""
    return encode_kek(os.urandom(KEY_BYTES))


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
