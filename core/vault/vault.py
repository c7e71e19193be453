"""The vault: provider keys go in once and come out only for a call, at the origin they belong to."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.config import Settings
from core.errors import NotFound, VaultError
from core.vault.envelope import Kek, open_, seal
from core.vault.kek_keyring import system_keyring
from core.vault.opening import KekDoor
from data.values.calls import KeyOwner
from data.values.secrets import SealedSecret, SecretBinding, SecretCard

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from data.store import Store

MAX_KEY_CHARS = 4096
# A key this short would give too much of itself away with its last four characters.
_MIN_CHARS_FOR_LAST4 = 12
# How long another process may go on using a key that was removed here.
CACHE_FOR = timedelta(seconds=5)


class Vault:
    """Seals provider keys into the store and opens them for calls. Thread-safe.

    `open_key` is the one way to a plaintext: what has to happen before a key is opened belongs there.
    """

    def __init__(self, store: Store, keks: tuple[Kek, ...], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._active = keks[0]
        self._keks = {kek.kek_id: kek for kek in keks}
        self._clock = clock
        # Ciphertext rows only, never a plaintext: a database read costs ten times what the opening costs.
        self._rows: dict[str, tuple[SealedSecret, datetime]] = {}
        self._generation = 0
        self._lock = threading.Lock()

    @classmethod
    def open_or_create(
        cls,
        store: Store,
        settings: Settings,
        clock: Callable[[], datetime],
        keyring: Callable[[], KeyringBackend | None] = system_keyring,
    ) -> Vault:
        """Open the vault of `store`, or make the first KEK of a database that never had one.

        Raises:
            WrongKek: the KEK is missing or another one; the store was not written to.
            VaultError: there is no place to keep a first KEK.
        """
        return cls(store, KekDoor(store, settings.home, settings.kek_source, clock, keyring).open(), clock)

    def put(self, owner: KeyOwner, owner_id: str, *, provider: str, origin: str, plaintext: str) -> SecretCard:
        """Seal a key, bound to its owner, its provider and the origin that it may be sent to.

        Raises:
            VaultError: this can't be a key. The message never repeats it.
        """
        key = _checked(plaintext)
        now = self._clock()
        binding = SecretBinding(uuid.uuid4().hex, 1, owner, owner_id, provider, origin)
        blob, wrapped = seal(key.encode(), binding, self._store.deployment_id, self._active)
        last4 = key[-4:] if len(key) >= _MIN_CHARS_FOR_LAST4 else ""
        self._store.secrets.add(SealedSecret(binding, blob, wrapped, self._active.kek_id, last4, now))
        return SecretCard(binding, last4, now)

    def open_key(self, secret_id: str, *, origin: str, user_id: str) -> str:
        """The plaintext key, for one request of `user_id` to `origin` (scheme://host[:port]).

        Costs tens of microseconds; a database read more when the row was not used for `CACHE_FOR`.

        Raises:
            NotFound: no such key, or another person's.
            VaultError: the key belongs to another origin, or its record was tampered with.
        """
        sealed = self._owned(self._row(secret_id), user_id)
        binding = sealed.binding
        if binding.origin != origin:
            raise VaultError(
                f"This key belongs to {binding.origin} and is not sent to {origin or 'an unknown address'}.",
                "Remove it and enter the key again for the new address.",
            )
        kek = self._keks.get(sealed.kek_id)
        if kek is None:
            raise VaultError("A stored key was sealed with a KEK that is not open here.", "Restart Gearbox.")
        return open_(sealed.blob, sealed.wrapped_dek, binding, self._store.deployment_id, kek).decode()

    def card(self, secret_id: str) -> SecretCard | None:
        """What may be shown of one key; None when it is gone."""
        sealed = self._store.secrets.current(secret_id)
        return SecretCard(sealed.binding, sealed.last4, sealed.created_at) if sealed else None

    def cards(self, owner: KeyOwner, owner_id: str) -> list[SecretCard]:
        """What may be shown of all keys of one owner."""
        return self._store.secrets.cards(owner, owner_id)

    def remove(self, secret_id: str, *, user_id: str) -> None:
        """Forget a key, all its versions included.

        Raises:
            NotFound: no such key, or another person's.
        """
        self._owned(self._store.secrets.current(secret_id), user_id)
        self._store.secrets.remove(secret_id)
        with self._lock:
            self._generation += 1
            self._rows.pop(secret_id, None)

    def _owned(self, sealed: SealedSecret | None, user_id: str) -> SealedSecret:
        if sealed is None or (sealed.binding.owner_kind, sealed.binding.owner_id) != (KeyOwner.USER, user_id):
            raise NotFound("There is no such key.", "Enter the key again in the settings.")
        return sealed

    def _row(self, secret_id: str) -> SealedSecret | None:
        now = self._clock()
        with self._lock:
            cached = self._rows.get(secret_id)
            generation = self._generation
        if cached and timedelta(0) <= now - cached[1] < CACHE_FOR:
            return cached[0]
        sealed = self._store.secrets.current(secret_id)
        with self._lock:
            # A row read before a removal must not come back after it.
            if sealed and generation == self._generation:
                self._rows[secret_id] = (sealed, now)
        return sealed


def _checked(plaintext: str) -> str:
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
