"""The KEK in the operating system's keyring."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from core.errors import VaultError, WrongKek
from core.vault.envelope import KEY_BYTES
from core.vault.kek import MadeKek, decode_kek, encode_kek

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "gearbox-vault"
# Only the operating systems' own stores. What else can be installed (keyrings.alt keeps plain text in the home
# folder) is no better than our 0600 file, and "fail" and "null" keep nothing.
_REAL_BACKENDS = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)
_CHAINER = "keyring.backends.chainer"


class KeyringKek:
    """KEKs in the operating system's keyring, as passwords of the service `gearbox-vault`."""

    name = "keyring"

    def __init__(self, backend: KeyringBackend, deployment: str) -> None:
        self._backend = backend
        self._deployment = deployment

    def load(self, kek_id: int, wrapped: bytes | None = None) -> tuple[bytes, ...]:
        """See `KekSource.load`."""
        try:
            entry = self._backend.get_password(_SERVICE, self._entry(kek_id))
        except Exception as error:  # noqa: BLE001  # backends let errors of their own libraries through
            raise WrongKek(
                f"The OS keyring can't be read ({type(error).__name__}).",
                "Unlock the keyring of the user that runs Gearbox, then start again.",
            ) from None
        return () if entry is None else (decode_kek(entry.encode(), self.place(kek_id)),)

    def create(self, kek_id: int) -> MadeKek:
        """See `KekSource.create`."""
        if existing := self.load(kek_id):
            return MadeKek(existing[0])
        try:
            self._backend.set_password(_SERVICE, self._entry(kek_id), encode_kek(os.urandom(KEY_BYTES)))
        except Exception as error:  # noqa: BLE001  # backends let errors of their own libraries through
            raise VaultError(
                f"The OS keyring refused to keep a key ({type(error).__name__}).",
                "Unlock it, or set GEARBOX_KEK_SOURCE=file.",
            ) from None
        kept = self.load(kek_id)
        if not kept:
            raise VaultError("The OS keyring did not keep the key.", "Set GEARBOX_KEK_SOURCE=file.")
        return MadeKek(kept[0])

    def destroy(self, kek_id: int) -> bool:
        """See `KekSource.destroy`."""
        if not self.load(kek_id):
            return True
        try:
            self._backend.delete_password(_SERVICE, self._entry(kek_id))
        except Exception as error:  # noqa: BLE001  # backends let errors of their own libraries through
            raise VaultError(
                f"The OS keyring refused to delete a key ({type(error).__name__}).",
                f"Delete {self.place(kek_id)} by hand.",
            ) from None
        return True

    def place(self, kek_id: int) -> str:
        """See `KekSource.place`."""
        return f"the OS keyring (service {_SERVICE}, entry {self._entry(kek_id)})"

    def _entry(self, kek_id: int) -> str:
        return f"{self._deployment}/v{kek_id}"


def usable_keyring(backend: KeyringBackend) -> bool:
    """Whether `backend` is an operating system's own key store, or a chain of nothing else."""
    module = type(backend).__module__
    if module == _CHAINER:
        chained = list(getattr(backend, "backends", ()))
        return bool(chained) and all(usable_keyring(one) for one in chained)
    return any(module == real or module.startswith(f"{real}.") for real in _REAL_BACKENDS)


def system_keyring() -> KeyringBackend | None:
    """The keyring of this user on this machine, or None where there is no real one (headless Linux)."""
    import keyring  # 0.1 s, and only needed where the keyring may be the source

    backend = keyring.get_keyring()
    return backend if usable_keyring(backend) else None
