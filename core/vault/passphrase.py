"""From a passphrase to the key of its owner's seal: Argon2id (RFC 9106) around AES-256-GCM.

    kdf(1) memory_kib(4) iterations(4) lanes(4) salt(16) user seal(62)

The parameters lie beside the salt and are bound to the seal, so that later releases may choose stronger ones.
"""

from __future__ import annotations

import os
import struct
import threading
import unicodedata
from typing import NamedTuple

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.errors import KeyTampered, VaultError
from core.vault.envelope import KEY_BYTES, altered, open_user_key, seal_user_key

MIN_PASSPHRASE_CHARS = 12
MAX_PASSPHRASE_CHARS = 1024
_ARGON2ID = 1
_SALT_BYTES = 16
_DERIVATION = struct.Struct(f">BIII{_SALT_BYTES}s")
_MOST_MEMORY_KIB = 1024 * 1024


class Cost(NamedTuple):
    """What a guess costs. No setting: only tests that seal by the hundred take another than `STRONG`."""

    memory_kib: int
    iterations: int
    lanes: int


STRONG = Cost(memory_kib=64 * 1024, iterations=3, lanes=4)
# OpenSSL's own threads for the lanes: two derivations at once wait for each other for ever (reproduced with
# cryptography 50). One at a time also bounds the memory.
_one_at_a_time = threading.Lock()


def checked_passphrase(passphrase: str) -> str:
    """A passphrase that may be chosen.

    Raises:
        VaultError: it is too short or too long.
    """
    if len(passphrase) > MAX_PASSPHRASE_CHARS:
        raise VaultError(f"A passphrase has at most {MAX_PASSPHRASE_CHARS:,} characters.", "Choose a shorter one.")
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise VaultError(
            f"A passphrase has at least {MIN_PASSPHRASE_CHARS} characters.",
            "Choose a longer one: a few words that nobody would guess together.",
        )
    return passphrase


def seal_with_passphrase(key: bytes, passphrase: str, user_id: str, deployment: str, cost: Cost = STRONG) -> bytes:
    """Seal the key of a person's seal with their passphrase. Takes some 100 ms and 64 MiB."""
    derivation = _DERIVATION.pack(_ARGON2ID, *cost, os.urandom(_SALT_BYTES))
    derived = _derived(passphrase, derivation)
    return derivation + seal_user_key(key, derived, user_id, deployment, derivation)


def open_with_passphrase(sealed: bytes, passphrase: str, user_id: str, deployment: str) -> bytes | None:
    """The key that `seal_with_passphrase` sealed; None where the passphrase is another one.

    Raises:
        KeyTampered: this is not what was sealed.
    """
    derivation, seal = sealed[: _DERIVATION.size], sealed[_DERIVATION.size :]
    if len(derivation) != _DERIVATION.size or len(passphrase) > MAX_PASSPHRASE_CHARS:
        raise altered()
    derived = _derived(passphrase, derivation)
    try:
        key = open_user_key(seal, derived, user_id, deployment, derivation)
    except KeyTampered:
        return None
    if len(key) != KEY_BYTES:
        raise altered()
    return key


def _derived(passphrase: str, derivation: bytes) -> bytes:
    kdf, memory_kib, iterations, lanes, salt = _DERIVATION.unpack(derivation)
    if kdf != _ARGON2ID or memory_kib > _MOST_MEMORY_KIB:
        raise altered()
    # NFKC (NIST SP 800-63B 3.1.1.2): the same characters from another keyboard or system are the same passphrase.
    text = unicodedata.normalize("NFKC", passphrase).encode()
    with _one_at_a_time:
        argon2 = Argon2id(salt=salt, length=KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib)
        return argon2.derive(text)
