"""Who signs checkpoints: one Ed25519 key of the deployment, whose private half lies sealed in the vault."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.errors import NotFound, VaultError
from core.vault import Vault
from data.store import Store
from data.values.audit import AuditKey, Checkpoint

_SECRET = "audit signer"  # noqa: S105  # its name


class Signer:
    """Signs; made by `SigningKeys`."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public_key = private.public_key().public_bytes_raw()
        self.key_id = key_id_of(self.public_key)

    def sign(self, body: str) -> bytes:
        """The signature over a checkpoint's body, 64 bytes."""
        return self._private.sign(body.encode())


class SigningKeys:
    """The deployment's keys, opened once for each process. Thread-safe: opened twice they are the same."""

    def __init__(self, store: Store, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._signers: dict[str, Signer] = {}

    def signer(self) -> Signer:
        """The one that signs; made at the first call for a deployment.

        Raises:
            VaultError: its private half does not open.
            StoreError: the database can't be read or written.
        """
        for key in self._store.checkpoints.signing_keys():
            return self._opened(key)
        private = Ed25519PrivateKey.generate()
        made = Signer(private)
        secret_id = self._vault.put_system(_SECRET, private.private_bytes_raw())
        kept = self._store.checkpoints.add_key(AuditKey(made.key_id, made.public_key, secret_id, self._clock()))
        return self._opened(kept)

    def trusted(self) -> tuple[dict[str, bytes], list[str]]:
        """Public halves by key id, and the ids of keys on record that are not Gearbox's own: nobody sealed them."""
        known, foreign = {}, []
        for key in self._store.checkpoints.signing_keys():
            try:
                # Whoever cut the log may have cut what it says of this key: it is Gearbox's own all the same.
                known[key.id] = self._opened(key, though_untold=True).public_key
            except (VaultError, NotFound):
                foreign.append(key.id)
        return known, foreign

    def _opened(self, key: AuditKey, *, though_untold: bool = False) -> Signer:
        signer = self._signers.get(key.id)
        if signer is None:
            raw = self._vault.open_system(key.secret_id, though_untold=though_untold)
            signer = Signer(Ed25519PrivateKey.from_private_bytes(raw))
        if (signer.key_id, signer.public_key) != (key.id, key.public_key):
            raise VaultError(
                "The key that signs the audit log was exchanged in the database.", "Restore the database from a backup."
            )
        if not though_untold:  # it may verify; whether it may sign is another question
            self._signers[key.id] = signer
        return signer


def key_id_of(public_key: bytes) -> str:
    """A key's id: it names the key by its hash, so that neither can be exchanged alone."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def is_signed(checkpoint: Checkpoint, public_keys: dict[str, bytes]) -> bool:
    """Whether one of these keys signed the checkpoint, and its hash is that of its body."""
    public_key = public_keys.get(checkpoint.key_id)
    if public_key is None or hashlib.sha256(checkpoint.body.encode()).digest() != checkpoint.hash:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(checkpoint.signature, checkpoint.body.encode())
    except InvalidSignature:
        return False
    return True


def pem(public_key: bytes) -> bytes:
    """A public key as PEM (SubjectPublicKeyInfo), for whoever verifies elsewhere."""
    return Ed25519PublicKey.from_public_bytes(public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
