"""The vault: provider keys go in once and come out only for a call, at the origin they belong to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from core.config import Settings
from core.errors import AccessRefused, KeyLocked, VaultError
from core.vault.changes import Changes
from core.vault.entered import checked_expiry, checked_key, last4_of
from core.vault.envelope import Kek, UserSealKey, seal
from core.vault.head import FIRST_SEQ, Heads, head_operation
from core.vault.kek_keyring import system_keyring
from core.vault.owners import GEARBOX, may_use, missing_key, require_system
from core.vault.proofs import Proofs
from core.vault.refusals import refusals_told
from core.vault.ring import KekRing
from core.vault.sweep import Sweep
from core.vault.unlocked import UnlockedSeals
from core.vault.unsealing import Unsealing
from core.vault.versions import Versions
from data.values.actor import Actor
from data.values.audit import SYSTEM_ACTOR, Action, AuditEvent, AuditOutcome, Receipt, secret_target
from data.values.calls import KeyOwner
from data.values.secrets import SealedSecret, SecretBinding, SecretCard, VersionCard

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from data.store import Store


class Vault:
    """Seals provider keys into the store and opens them for calls. Thread-safe.

    `open_key` is the one way to a plaintext: what has to happen before a key is opened belongs there.
    """

    def __init__(self, store: Store, ring: KekRing, clock: Callable[[], datetime]) -> None:
        self.ring = ring
        self.unlocked = UnlockedSeals(clock)
        self._store = store
        self._clock = clock
        self._heads = Heads(store, ring)
        self._proofs = Proofs(self._heads, clock)
        self._unsealing = Unsealing(store.deployment_id, ring, self.unlocked, clock)
        changes = Changes(store, ring, self._heads, self._proofs)
        self._versions = Versions(store, changes, self._unsealing, clock)
        self.sweep = Sweep(store, changes, clock)

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
        return cls(store, KekRing.open(store, settings, clock, keyring), clock)

    def put(
        self,
        actor: Actor,
        owner: KeyOwner,
        owner_id: str,
        *,
        provider: str,
        origin: str,
        plaintext: str,
        expires_at: datetime | None = None,
        user_seal: UserSealKey | None = None,
    ) -> SecretCard:
        """Seal a key, bound to its owner, its provider, the origin that it may be sent to, and its expiry.

        What `actor` did is in the audit log exactly when the key is kept. With `user_seal` it opens only where its
        owner has unlocked that seal.

        Raises:
            VaultError: this can't be a key, or its expiry can't be. The message never repeats it.
        """
        key, until = checked_key(plaintext), checked_expiry(expires_at, self._clock())
        if user_seal is not None:
            self._require_seal_of(owner, owner_id, user_seal)
        binding = SecretBinding(uuid.uuid4().hex, 1, owner, owner_id, provider, origin, until)
        return self._keep(actor, binding, key.encode(), last4_of(key), user_seal)

    def open_key(self, secret_id: str, *, origin: str, actor: Actor, receipt: Receipt) -> str:
        """The plaintext key, for one request of `actor` to `origin` (scheme://host[:port]).

        `receipt` proves that the intent to use this very key is in the audit log. A refusal is written there, too.

        Costs tens of microseconds where `at_hand` says so; else it reads the database and proves the secret first.

        Raises:
            NotFound: no such key, or one that this person may not use.
            KeyExpired: its date has come.
            KeyLocked: it is user-sealed, and not unlocked in this session.
            KeyTampered: its record is not what Gearbox wrote.
            VaultError: the key belongs to another origin, or was revoked.
        """
        with refusals_told(self._store, actor, Action.KEY_USE, secret_target(secret_id), receipt.operation):
            if receipt.target != secret_target(secret_id):
                raise VaultError("A key is opened only after its use was written to the audit log.")
            proven = self._proofs.get(secret_id)
            if proven is None or not may_use(proven.record.owner, actor):
                raise missing_key()
            sealed = self._unsealing.usable(proven)
            if sealed.binding.origin != origin:
                raise _other_origin(sealed.binding.origin, origin)
            return self._unsealing.opened(proven, sealed, actor).decode()

    def at_hand(self, secret_id: str, *, origin: str, actor: Actor) -> bool:
        """Whether `open_key` would succeed now without reading the database, so that an event loop may call it."""
        proven = self._proofs.at_hand(secret_id)
        if proven is None or not may_use(proven.record.owner, actor) or not self._unsealing.is_usable(proven, actor):
            return False
        return self._unsealing.usable(proven).binding.origin == origin

    def reveal(self, actor: Actor, secret_id: str) -> str:
        """Refuse: a stored key is never shown again. That somebody asked is in the audit log.

        Raises:
            AccessRefused: always.
        """
        with refusals_told(self._store, actor, Action.KEY_REVEAL, secret_target(secret_id)):
            raise AccessRefused("A stored key is never shown again.", "Enter a new one where you need it elsewhere.")

    def card(self, secret_id: str) -> SecretCard | None:
        """What may be shown of a key: the version that calls use, else the newest; None when it is gone."""
        record = self._store.secrets.find(secret_id)
        if record is None:
            return None
        shown = record.in_use(self._clock()) or record.versions[-1]
        return SecretCard(shown.binding, shown.last4, shown.created_at, record.user_sealed)

    def cards(self, owner: KeyOwner, owner_id: str) -> list[SecretCard]:
        """What may be shown of all keys of one owner."""
        return self._store.secrets.cards(owner, owner_id)

    def versions(self, actor: Actor, secret_id: str) -> list[VersionCard]:
        """The versions of a key, the newest first.

        Raises:
            NotFound: no such key, or one that this person can't see.
        """
        return self._versions.cards(actor, secret_id)

    def rotate(
        self,
        actor: Actor,
        secret_id: str,
        plaintext: str,
        *,
        grace: timedelta = timedelta(0),
        expires_at: datetime | None = None,
    ) -> SecretCard:
        """Add a version that calls use from now on; the one before is revoked when `grace` is over.

        Until then `fall_back` returns to it. What was in its grace already is revoked now.

        Raises:
            NotFound: no such key, or one that this person can't see.
            AccessRefused: they may use it, and not change it.
            KeyLocked: it is user-sealed, and not unlocked in this session.
            KeyTampered: its record is not what Gearbox wrote.
            VaultError: this can't be a key, or its expiry or grace can't be.
        """
        self._versions.rotate(actor, secret_id, plaintext, grace, expires_at)
        return self._shown(secret_id)

    def revoke(self, actor: Actor, secret_id: str, version: int) -> None:
        """Never use a version again. While an older one is in its grace, calls use that one until then.

        Raises what `rotate` does, and NotFound where there is no such version.
        """
        self._versions.revoke(actor, secret_id, version)

    def fall_back(self, actor: Actor, secret_id: str) -> SecretCard:
        """Use the version in its grace again, for as long as it lasts, and revoke what took its place.

        Raises what `rotate` does, and VaultError where none is in its grace.
        """
        self._versions.fall_back(actor, secret_id)
        return self._shown(secret_id)

    def set_expiry(self, actor: Actor, secret_id: str, expires_at: datetime | None) -> SecretCard:
        """Let the version that calls use expire on another date, or never; also when it has expired.

        Raises what `rotate` does.
        """
        self._versions.set_expiry(actor, secret_id, expires_at)
        return self._shown(secret_id)

    def remove(self, actor: Actor, secret_id: str) -> None:
        """Forget a key, all its versions included; the audit log keeps that it was there.

        Raises:
            NotFound: no such key, or one that this person can't see.
            AccessRefused: they may use it, and not change it.
        """
        self._versions.remove(actor, secret_id)

    def remove_all(self, actor: Actor, owner: KeyOwner, owner_id: str) -> int:
        """Forget all keys of one owner, for example of a person who leaves; returns how many.

        Raises:
            AccessRefused: they are not the actor's, who manages neither shared keys nor people.
        """
        return self._versions.remove_all(actor, owner, owner_id)

    def put_system(self, name: str, plaintext: bytes) -> str:
        """Seal a secret of Gearbox's own, such as the key that signs the audit log; returns its id."""
        binding = SecretBinding(uuid.uuid4().hex, 1, KeyOwner.SYSTEM, name, SYSTEM_ACTOR, "")
        return self._keep(GEARBOX, binding, plaintext, "", None).binding.secret_id

    def open_system(self, secret_id: str, *, though_untold: bool = False) -> bytes:
        """A secret that `put_system` sealed; its use is in the audit log. See `Heads.prove` for `though_untold`.

        Raises:
            NotFound: there is none of this id.
            VaultError: its record was tampered with.
        """
        operation, target = uuid.uuid4().hex, secret_target(secret_id)
        use = {"target": target, "operation": operation}
        self._store.audit.intend(AuditEvent.by(GEARBOX, Action.KEY_USE, AuditOutcome.INTENT, **use))
        with refusals_told(self._store, GEARBOX, Action.KEY_USE, target, operation):
            look = partial(self._heads.prove, though_untold=True) if though_untold else self._proofs.get
            proven = look(secret_id)
            if proven is None:
                raise missing_key()
            require_system(proven.record.owner)
            plaintext = self._unsealing.opened(proven, self._unsealing.usable(proven), GEARBOX)
        self._store.audit.record(AuditEvent.by(GEARBOX, Action.KEY_USE, AuditOutcome.DONE, **use))
        return plaintext

    def replace_system(self, secret_id: str, plaintext: bytes) -> None:
        """Seal something else in the place of what `put_system` sealed, which no copy of its rows brings back."""
        self._versions.replace_system(secret_id, plaintext)

    def remove_system(self, secret_id: str) -> None:
        """Forget a secret of Gearbox's own."""
        self._versions.remove_system(secret_id)

    def _keep(
        self, actor: Actor, binding: SecretBinding, plaintext: bytes, last4: str, user_seal: UserSealKey | None
    ) -> SecretCard:
        now = self._clock()
        created = AuditEvent.by(
            actor,
            Action.KEY_CREATE,
            AuditOutcome.DONE,
            target=secret_target(binding.secret_id),
            operation=head_operation(binding.secret_id, FIRST_SEQ),
            provider=binding.provider,
            origin=binding.origin,
            owner=binding.owner_kind.value,
            version=binding.version,
            user_sealed=user_seal is not None,
        )

        def keep(kek: Kek) -> None:
            blob, wrapped = seal(plaintext, binding, self._store.deployment_id, kek, user_seal)
            sealed = SealedSecret(binding, blob, wrapped, kek.kek_id, last4, now)
            head = self._heads.sealed(binding.owner, (sealed,), user_seal is not None, FIRST_SEQ, kek)
            self._store.secrets.add(sealed, created, head=head, user_sealed=user_seal is not None)

        self.ring.seal_with(keep)
        return SecretCard(binding, last4, now, user_seal is not None)

    def _require_seal_of(self, owner: KeyOwner, owner_id: str, user_seal: UserSealKey) -> None:
        if owner is not KeyOwner.USER:
            raise VaultError("A shared key can't be sealed with one person's passphrase.", "Keep it as your own.")
        if self._store.user_seals.find(owner_id) != user_seal.seal_id:
            # Given up in another process: what is sealed with it now could never be opened elsewhere.
            raise KeyLocked("Your passphrase was given up meanwhile.", "Unlock your keys in the settings again.")

    def _shown(self, secret_id: str) -> SecretCard:
        card = self.card(secret_id)
        if card is None:  # another process removed it at this moment
            raise missing_key()
        return card


def _other_origin(bound_to: str, asked: str) -> VaultError:
    return VaultError(
        f"This key belongs to {bound_to} and is not sent to {asked or 'an unknown address'}.",
        "Remove it and enter the key again for the new address.",
    )
