"""User seals: keys that only their owner's passphrase opens, on top of the vault's own encryption.

The key of a seal is random. It is sealed with the passphrase, and the vault keeps that as a secret of Gearbox's own: so
a copy of the database alone is nothing to guess a passphrase with, a changed passphrase can't be rolled back, and a
rotation of the KEK needs nobody's passphrase.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import KeyLocked, NotFound, StoreError
from core.vault.envelope import KEY_BYTES, UserSealKey
from core.vault.owners import seal_name
from core.vault.passphrase import (
    MAX_PASSPHRASE_CHARS,
    STRONG,
    Cost,
    checked_passphrase,
    open_with_passphrase,
    seal_with_passphrase,
)
from core.vault.refusals import refusals_told
from core.vault.vault import Vault
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner

if TYPE_CHECKING:
    from data.store import Store


class UserSeals:
    """Each person's own seal. Thread-safe, blocking; whatever takes a passphrase takes some 100 ms and 64 MiB.

    Args:
        guard: raises for an actor who has failed too often of late.
        on_failure: told of a wrong passphrase.
        on_success: told of a right one.
        require: raises where user-sealed keys are switched off for an actor.
        cost: of a guess at a passphrase that is chosen here.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        vault: Vault,
        *,
        guard: Callable[[Actor], None],
        on_failure: Callable[[Actor], None],
        on_success: Callable[[Actor], None],
        require: Callable[[Actor], None] = lambda _actor: None,
        cost: Cost = STRONG,
    ) -> None:
        self._access = access
        self._store = store
        self._vault = vault
        self._guard = guard
        self._on_failure = on_failure
        self._on_success = on_success
        self._require_on = require
        self._cost = cost

    def exists(self, actor: Actor) -> bool:
        """Whether the person has chosen a passphrase."""
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        return self._store.user_seals.find(actor.user_id) is not None

    def is_unlocked(self, actor: Actor) -> bool:
        """Whether their user-sealed keys can be used in this session."""
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        key = self._vault.unlocked.find(actor)
        return key is not None and key.seal_id == self._store.user_seals.find(actor.user_id)

    def create(self, actor: Actor, passphrase: str) -> None:
        """Choose a passphrase; it is unlocked in this session from now on.

        Raises:
            AccessRefused: the actor may not keep keys.
            VaultError: the passphrase is too short.
            StoreError: there is one already.
            SwitchedOff: they are, for the actor; so do `unlock` and `change`.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        self._require_on(actor)
        material, operation = os.urandom(KEY_BYTES), self._intended(actor, Action.KEY_SEAL)
        with refusals_told(self._store, actor, Action.KEY_SEAL, _target(actor), operation):
            if self.exists(actor):
                raise StoreError("You have a passphrase already.", "Unlock your keys with it.")
            sealed = self._sealed(actor, material, checked_passphrase(passphrase))
            secret_id = self._vault.put_system(seal_name(actor.user_id), sealed)
            created = _event(actor, Action.KEY_SEAL, operation, created=True)
            try:
                self._store.user_seals.add(actor.user_id, secret_id, created)
            except StoreError:
                self._vault.remove_system(secret_id)
                raise
        self._vault.unlocked.keep(actor, UserSealKey(material, secret_id))

    def unlock(self, actor: Actor, passphrase: str) -> None:
        """Unlock the person's keys in this session, for 12 hours at most.

        Raises:
            NotFound: they have no passphrase.
            KeyLocked: it is another one.
            KeyTampered: the seal is not what Gearbox wrote.
            GearboxError: what `guard` raises.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        self._vault.unlocked.keep(actor, self._opened(actor, passphrase))

    def lock(self, actor: Actor) -> None:
        """Lock them again in this session."""
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        self._store.audit.record(_event(actor, Action.KEY_SEAL, locked=True))
        self._vault.unlocked.drop(actor.user_id, actor.session_id)

    def change(self, actor: Actor, old: str, new: str) -> None:
        """Choose another passphrase; keys stay as they are, and other sessions of this process are locked.

        Raises what `unlock` and `create` do.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        checked_passphrase(new)
        key = self._opened(actor, old)
        operation = self._intended(actor, Action.KEY_SEAL)
        self._vault.replace_system(key.seal_id, self._sealed(actor, key.material, new))
        self._store.audit.record(_event(actor, Action.KEY_SEAL, operation, changed=True))
        self._vault.unlocked.drop(actor.user_id)
        self._vault.unlocked.keep(actor, key)

    def discard(self, actor: Actor) -> None:
        """Give the seal up, and every key that was sealed with it: nobody can open those without the passphrase.

        Raises:
            NotFound: there is none.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        secret_id = self._seal_id(actor)
        for record in self._store.secrets.of(KeyOwner.USER, actor.user_id):
            if record.user_sealed:
                self._vault.remove(actor, record.owner.secret_id)
        self._store.user_seals.remove(actor.user_id, _event(actor, Action.KEY_SEAL, discarded=True))
        self._vault.unlocked.drop(actor.user_id)
        self._vault.remove_system(secret_id)

    def _opened(self, actor: Actor, passphrase: str) -> UserSealKey:
        self._require_on(actor)
        secret_id = self._seal_id(actor)
        self._guard(actor)
        operation = self._intended(actor, Action.KEY_UNSEAL)
        with refusals_told(self._store, actor, Action.KEY_UNSEAL, _target(actor), operation):
            material = self._material(actor, secret_id, passphrase)
            if material is None:
                self._on_failure(actor)
                raise KeyLocked("This is not your passphrase.", "Try again.")
        self._on_success(actor)
        self._store.audit.record(_event(actor, Action.KEY_UNSEAL, operation))
        return UserSealKey(material, secret_id)

    def _intended(self, actor: Actor, action: Action) -> str:
        operation = uuid.uuid4().hex
        intent = AuditEvent.by(actor, action, AuditOutcome.INTENT, target=_target(actor), operation=operation)
        self._store.audit.intend(intent)
        return operation

    def _material(self, actor: Actor, secret_id: str, passphrase: str) -> bytes | None:
        sealed = self._vault.open_system(secret_id)
        if not 0 < len(passphrase) <= MAX_PASSPHRASE_CHARS:
            return None
        return open_with_passphrase(sealed, passphrase, actor.user_id, self._store.deployment_id)

    def _sealed(self, actor: Actor, material: bytes, passphrase: str) -> bytes:
        return seal_with_passphrase(material, passphrase, actor.user_id, self._store.deployment_id, self._cost)

    def _seal_id(self, actor: Actor) -> str:
        secret_id = self._store.user_seals.find(actor.user_id)
        if secret_id is None:
            raise NotFound("You have not chosen a passphrase for keys.", "Choose one in the settings.")
        return secret_id


def _target(actor: Actor) -> str:
    return f"seal:{actor.user_id}"


def _event(actor: Actor, action: Action, operation: str = "", **details: bool) -> AuditEvent:
    return AuditEvent.by(actor, action, AuditOutcome.DONE, target=_target(actor), operation=operation, **details)
