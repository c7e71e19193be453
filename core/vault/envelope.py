"""The envelope around one provider key: bytes in, bytes out, no keeping and no state.

A fresh 256-bit data-encryption key (DEK) for each version of a secret seals the payload with AES-256-GCM; the
key-encryption key (KEK) seals the DEK. Nonces are 96 random bits: a DEK seals exactly one message, and a KEK is far
from the 2^32 messages that NIST SP 800-38D (8.3) allows for random nonces.

    blob         format(1) alg(1)           nonce(12) ciphertext tag(16)
    wrapped DEK  format(1) alg(1) kek_id(4) nonce(12) dek(32)    tag(16)
    canary       format(1) alg(1) kek_id(4) nonce(12) ciphertext tag(16)
    head         format(1) alg(1) kek_id(4) nonce(12) facts      tag(16)
    user seal    format(1) alg(1)           nonce(12) key(32)    tag(16)

The DEK of a user-sealed key is sealed with a key of its owner's first, and the KEK seals that; then a wrapped DEK holds
header(2), nonce(12), dek(32) and tag(16) of the inner seal where it otherwise holds the DEK. A re-wrap needs only KEKs.
That key is random; a user seal is that key under one derived from a passphrase.

A secret's head seals the facts about all of its versions, so that none can be put back, dropped or un-revoked without
the KEK.

Each header is authenticated, with the binding, as length-prefixed AAD. The KEK's id is only in the wrap, so that a
re-wrap under a new KEK never touches the payload.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import KeyTampered, VaultError
from data.values.secrets import SecretBinding, SecretOwner

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PAYLOAD_HEADER = struct.Struct(">BB")  # format, alg
_KEK_HEADER = struct.Struct(">BBI")  # format, alg, kek_id
_FORMAT = 1
_AES_256_GCM = 1
_PAYLOAD, _WRAP, _CANARY = b"gearbox.vault.payload", b"gearbox.vault.wrap", b"gearbox.vault.canary"
_HEAD, _USER_WRAP, _USER_SEAL = b"gearbox.vault.head", b"gearbox.vault.user-wrap", b"gearbox.vault.user-seal"
_CANARY_TEXT = b"gearbox vault canary"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kek:
    """A key-encryption key: its id in this database, and its 32 bytes, which never show in a repr."""

    kek_id: int
    material: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.material) != KEY_BYTES:
            raise VaultError(f"KEK v{self.kek_id} is not {KEY_BYTES} bytes long.", "Restore it from a backup.")


@dataclass(frozen=True, slots=True)
class UserSealKey:
    """The key that a person's passphrase opens; it seals the DEKs of their user-sealed keys.

    `seal_id` tells it from the key of a seal that was given up.
    """

    material: bytes = field(repr=False)
    seal_id: str = ""


def seal(
    plaintext: bytes, binding: SecretBinding, deployment: str, kek: Kek, user_seal: UserSealKey | None = None
) -> tuple[bytes, bytes]:
    """Seal `plaintext` under a fresh DEK, which `user_seal` seals before the KEK does.

    Returns:
        (blob, wrapped DEK), both as described at the top of this module.
    """
    bound = _bound_fields(binding, deployment)
    dek = os.urandom(KEY_BYTES)
    header = _PAYLOAD_HEADER.pack(_FORMAT, _AES_256_GCM)
    blob = _encrypt(dek, header, plaintext, _aad(_PAYLOAD, header, bound))
    wrap_header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    if user_seal is not None:
        dek = _encrypt(user_seal.material, header, dek, _aad(_USER_WRAP, header, bound))
    wrapped = _encrypt(kek.material, wrap_header, dek, _aad(_WRAP, wrap_header, bound))
    return blob, wrapped


def open_(
    blob: bytes,
    wrapped_dek: bytes,
    binding: SecretBinding,
    deployment: str,
    kek: Kek,
    *,
    user_seal: UserSealKey | None = None,
) -> bytes:
    """The plaintext of what `seal` returned for the same binding, deployment, KEK and user seal.

    Raises:
        VaultError: a bit differs somewhere. Which one can't be known, and is not said.
    """
    bound = _bound_fields(binding, deployment)
    wrap_header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    dek = _decrypt(kek.material, wrap_header, wrapped_dek, _aad(_WRAP, wrap_header, bound))
    header = _PAYLOAD_HEADER.pack(_FORMAT, _AES_256_GCM)
    if user_seal is not None:
        dek = _decrypt(user_seal.material, header, dek, _aad(_USER_WRAP, header, bound))
    if len(dek) != KEY_BYTES:
        raise altered()
    return _decrypt(dek, header, blob, _aad(_PAYLOAD, header, bound))


def rewrap(wrapped_dek: bytes, binding: SecretBinding, deployment: str, old: Kek, new: Kek) -> bytes:
    """The same DEK under another KEK; the payload it seals is neither needed nor touched.

    Raises:
        VaultError: a bit differs somewhere; see `open_`.
    """
    bound = _bound_fields(binding, deployment)
    old_header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, old.kek_id)
    dek = _decrypt(old.material, old_header, wrapped_dek, _aad(_WRAP, old_header, bound))
    new_header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, new.kek_id)
    return _encrypt(new.material, new_header, dek, _aad(_WRAP, new_header, bound))


def seal_canary(kek: Kek, deployment: str, source: str) -> bytes:
    """A fixed text under the KEK itself: whoever can open it holds this database's KEK."""
    header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    return _encrypt(kek.material, header, _CANARY_TEXT, _aad(_CANARY, header, (deployment.encode(), source.encode())))


def canary_opens(canary: bytes, kek: Kek, deployment: str, source: str) -> bool:
    """Whether `canary` was sealed by this KEK, for this deployment and source."""
    header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    try:
        text = _decrypt(kek.material, header, canary, _aad(_CANARY, header, (deployment.encode(), source.encode())))
    except VaultError:
        return False
    return text == _CANARY_TEXT


def algorithm_of(sealed: bytes) -> str:
    """What the header of a record names as its algorithm; for inventories, it proves nothing."""
    header = sealed[: _PAYLOAD_HEADER.size]
    return "AES-256-GCM" if header == _PAYLOAD_HEADER.pack(_FORMAT, _AES_256_GCM) else f"unknown ({header.hex()})"


def seal_head(facts: bytes, owner: SecretOwner, deployment: str, kek: Kek) -> bytes:
    """Seal what is known of all versions of a secret, for that secret and owner alone."""
    header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    return _encrypt(kek.material, header, facts, _aad(_HEAD, header, _owner_fields(owner, deployment)))


def open_head(head: bytes, owner: SecretOwner, deployment: str, kek: Kek) -> bytes:
    """The facts that `seal_head` sealed.

    Raises:
        VaultError: a bit differs somewhere; see `open_`.
    """
    header = _KEK_HEADER.pack(_FORMAT, _AES_256_GCM, kek.kek_id)
    return _decrypt(kek.material, header, head, _aad(_HEAD, header, _owner_fields(owner, deployment)))


def seal_user_key(key: bytes, derived: bytes, user_id: str, deployment: str, derivation: bytes) -> bytes:
    """Seal the key of a person's seal with one derived from their passphrase, bound to both of them."""
    header = _PAYLOAD_HEADER.pack(_FORMAT, _AES_256_GCM)
    fields = (deployment.encode(), user_id.encode(), derivation)
    return _encrypt(derived, header, key, _aad(_USER_SEAL, header, fields))


def open_user_key(sealed: bytes, derived: bytes, user_id: str, deployment: str, derivation: bytes) -> bytes:
    """What `seal_user_key` sealed.

    Raises:
        VaultError: the passphrase was another one, or a bit differs somewhere.
    """
    header = _PAYLOAD_HEADER.pack(_FORMAT, _AES_256_GCM)
    fields = (deployment.encode(), user_id.encode(), derivation)
    return _decrypt(derived, header, sealed, _aad(_USER_SEAL, header, fields))


def _owner_fields(owner: SecretOwner, deployment: str) -> tuple[bytes, ...]:
    return (deployment.encode(), owner.kind.value.encode(), owner.owner_id.encode(), owner.secret_id.encode())


def _bound_fields(binding: SecretBinding, deployment: str) -> tuple[bytes, ...]:
    return (
        deployment.encode(),
        binding.owner_kind.value.encode(),
        binding.owner_id.encode(),
        binding.secret_id.encode(),
        str(binding.version).encode(),
        binding.provider.encode(),
        binding.origin.encode(),
        _instant(binding.expires_at),
    )


def _instant(moment: datetime | None) -> bytes:
    """Whole microseconds since 1970 in UTC: the same bytes whatever zone a database driver hands back."""
    if moment is None:
        return b""
    if moment.utcoffset() is None:
        raise VaultError("The expiry of a key has no time zone.")
    return str((moment - _EPOCH) // timedelta(microseconds=1)).encode()


def _aad(domain: bytes, header: bytes, fields: tuple[bytes, ...]) -> bytes:
    # Length-prefixed: no two different lists of fields have the same bytes.
    return b"".join(struct.pack(">I", len(part)) + part for part in (domain, header, *fields))


def _encrypt(key: bytes, header: bytes, plaintext: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def _decrypt(key: bytes, header: bytes, sealed: bytes, aad: bytes) -> bytes:
    body = len(header) + _NONCE_BYTES
    if len(sealed) < body + _TAG_BYTES or sealed[: len(header)] != header:
        raise altered()
    try:
        return AESGCM(key).decrypt(sealed[len(header) : body], sealed[body:], aad)
    except InvalidTag:
        raise altered() from None


def altered() -> KeyTampered:
    """What to raise where a record is not what was sealed."""
    return KeyTampered(
        "A stored key can't be opened: its record was changed, moved or damaged.", "Remove it and enter the key again."
    )
