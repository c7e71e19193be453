"""The life of a key after it was entered: rotated, revoked, given another expiry, removed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from core.errors import NotFound, VaultError
from core.vault.changes import Change, Changes, Decide
from core.vault.entered import checked_expiry, checked_key, last4_of
from core.vault.envelope import Kek, UserSealKey, seal
from core.vault.head import Proven, gone
from core.vault.owners import (
    GEARBOX,
    may_manage,
    may_use,
    missing_key,
    require_managed,
    require_removable,
    require_system,
    seal_name,
)
from core.vault.refusals import refusals_told
from core.vault.unsealing import Unsealing
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.calls import KeyOwner
from data.values.secrets import SealedSecret, SecretBinding, SecretRecord, VersionCard, VersionState

if TYPE_CHECKING:
    from data.store import Store


MAX_GRACE = timedelta(days=90)


class Versions:
    """What `Vault` says about versions is done here. Thread-safe; every change and every refusal is audited."""

    def __init__(self, store: Store, changes: Changes, unsealing: Unsealing, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._changes = changes
        self._unsealing = unsealing
        self._clock = clock

    def cards(self, actor: Actor, secret_id: str) -> list[VersionCard]:
        """See `Vault.versions`. Nothing is proven, so that a damaged key can be looked at and removed."""
        record = self._store.secrets.find(secret_id)
        if record is None or not (may_use(record.owner, actor) or may_manage(record.owner, actor)):
            raise missing_key()
        now = self._clock()
        return [sealed.card(now) for sealed in reversed(record.versions)]

    def rotate(
        self, actor: Actor, secret_id: str, plaintext: str, grace: timedelta, expires_at: datetime | None
    ) -> None:
        """See `Vault.rotate`."""
        if not timedelta(0) <= grace <= MAX_GRACE:
            raise VaultError(f"A grace period is between none and {MAX_GRACE.days} days.", "Choose another one.")
        key, until = checked_key(plaintext), checked_expiry(expires_at, self._clock())

        def decide(proven: Proven, kek: Kek) -> Change:
            user_seal = self._unsealing.user_seal(proven, actor)
            newest = replace(proven.record.versions[-1].binding, expires_at=until)
            fresh = self._next(key.encode(), newest, kek, user_seal)
            return self._succeeded(proven.record, replace(fresh, last4=last4_of(key)), grace)

        self._change(actor, Action.KEY_ROTATE, secret_id, decide)

    def replace_system(self, secret_id: str, plaintext: bytes) -> None:
        """See `Vault.replace_system`."""

        def decide(proven: Proven, kek: Kek) -> Change:
            fresh = self._next(plaintext, proven.record.versions[-1].binding, kek, None)
            return self._succeeded(proven.record, fresh, timedelta(0))

        self._changes.apply(GEARBOX, Action.KEY_ROTATE, secret_id, require_system, decide)

    def remove_system(self, secret_id: str) -> None:
        """See `Vault.remove_system`."""
        record = self._store.secrets.find(secret_id)
        if record is not None:
            require_system(record.owner)
            self._remove(GEARBOX, record)

    def revoke(self, actor: Actor, secret_id: str, version: int) -> None:
        """See `Vault.revoke`."""

        def decide(proven: Proven, _kek: Kek) -> Change | None:
            versions = proven.record.versions
            found = next((each for each in versions if each.binding.version == version), None)
            if found is None:
                raise NotFound("This key has no such version.", "Reload the page.")
            if found.revoked_at is not None:
                return None
            return Change(_replaced(versions, replace(found, revoked_at=self._clock())), _details(found.binding))

        self._change(actor, Action.KEY_REVOKE, secret_id, decide)

    def fall_back(self, actor: Actor, secret_id: str) -> None:
        """See `Vault.fall_back`."""

        def decide(proven: Proven, _kek: Kek) -> Change:
            now, versions = self._clock(), proven.record.versions
            kept = next((each for each in reversed(versions) if each.state(now) is VersionState.IN_GRACE), None)
            if kept is None:
                raise VaultError("There is no version in its grace to go back to.", "Enter a key instead.")
            back = replace(kept, grace_until=None)
            newer = [_outlived(each, now, None) for each in versions if each.binding.version > back.binding.version]
            return Change(_replaced(versions, back, *newer), _details(back.binding))

        self._change(actor, Action.KEY_FALL_BACK, secret_id, decide)

    def set_expiry(self, actor: Actor, secret_id: str, expires_at: datetime | None) -> None:
        """See `Vault.set_expiry`."""
        until = checked_expiry(expires_at, self._clock())
        operation, target = uuid.uuid4().hex, secret_target(secret_id)
        use = {"target": target, "operation": operation, "purpose": Action.KEY_SET_EXPIRY.value}
        done = AuditEvent.by(actor, Action.KEY_USE, AuditOutcome.DONE, **use)

        def decide(proven: Proven, kek: Kek) -> Change:
            sealed = proven.record.in_use(self._clock())
            if sealed is None:
                raise VaultError("This key was revoked.", "Enter a new one in the settings.")
            plaintext = self._unsealing.opened(proven, sealed, actor)
            binding = replace(sealed.binding, expires_at=until)
            user_seal = self._unsealing.user_seal(proven, actor)
            blob, wrapped = seal(plaintext, binding, self._store.deployment_id, kek, user_seal)
            anew = replace(sealed, binding=binding, blob=blob, wrapped_dek=wrapped, kek_id=kek.kek_id)
            return Change(_replaced(proven.record.versions, anew), _details(binding), [done])

        with refusals_told(self._store, actor, Action.KEY_SET_EXPIRY, target):
            self._changes.proven(secret_id, partial(require_managed, actor=actor))
        # The expiry is bound to the payload, so the key has to be opened and sealed again.
        self._store.audit.intend(AuditEvent.by(actor, Action.KEY_USE, AuditOutcome.INTENT, **use))
        with refusals_told(self._store, actor, Action.KEY_USE, target, operation):
            self._change(actor, Action.KEY_SET_EXPIRY, secret_id, decide)

    def remove(self, actor: Actor, secret_id: str) -> None:
        """See `Vault.remove`. Nothing is proven: a damaged key can be removed, too."""
        with refusals_told(self._store, actor, Action.KEY_REMOVE, secret_target(secret_id)):
            record = self._store.secrets.find(secret_id)
            if record is None:
                raise missing_key()
            require_managed(record.owner, actor)
        self._remove(actor, record)

    def remove_all(self, actor: Actor, owner: KeyOwner, owner_id: str) -> int:
        """See `Vault.remove_all`."""
        with refusals_told(self._store, actor, Action.KEY_REMOVE, f"{owner.value}:{owner_id}"):
            require_removable(owner, owner_id, actor)
        records = self._store.secrets.of(owner, owner_id)
        seals = self._store.secrets.of(KeyOwner.SYSTEM, seal_name(owner_id)) if owner is KeyOwner.USER else []
        for record in [*records, *seals]:
            self._remove(actor, record)
        return len(records)

    def _next(self, plaintext: bytes, newest: SecretBinding, kek: Kek, user_seal: UserSealKey | None) -> SealedSecret:
        binding = replace(newest, version=newest.version + 1)
        blob, wrapped = seal(plaintext, binding, self._store.deployment_id, kek, user_seal)
        return SealedSecret(binding, blob, wrapped, kek.kek_id, "", self._clock())

    def _succeeded(self, record: SecretRecord, fresh: SealedSecret, grace: timedelta) -> Change:
        now = self._clock()
        current = record.in_use(now)
        older = [_outlived(each, now, grace if each is current else None) for each in record.versions]
        return Change([*older, fresh], _details(fresh.binding) | {"grace_seconds": int(grace.total_seconds())})

    def _remove(self, actor: Actor, record: SecretRecord) -> None:
        secret_id, newest = record.owner.secret_id, record.versions[-1].binding
        removed = AuditEvent.by(
            actor,
            Action.KEY_REMOVE,
            AuditOutcome.DONE,
            target=secret_target(secret_id),
            operation=gone(secret_id),  # no copy of its rows counts from now on
            **_details(newest),
        )
        self._store.secrets.remove(secret_id, removed)
        self._changes.forget(secret_id)

    def _change(self, actor: Actor, action: Action, secret_id: str, decide: Decide) -> None:
        with refusals_told(self._store, actor, action, secret_target(secret_id)):
            self._changes.apply(actor, action, secret_id, partial(require_managed, actor=actor), decide)


def _outlived(sealed: SealedSecret, now: datetime, grace: timedelta | None) -> SealedSecret:
    """A version that another one takes the place of: with a way back for a while, or with none."""
    if sealed.revoked_at is not None:
        return sealed
    return replace(sealed, grace_until=now + grace) if grace else replace(sealed, revoked_at=now)


def _replaced(versions: tuple[SealedSecret, ...], *changed: SealedSecret) -> list[SealedSecret]:
    by_version = {each.binding.version: each for each in changed}
    return [by_version.get(each.binding.version, each) for each in versions]


def _details(binding: SecretBinding) -> dict[str, str | int]:
    details: dict[str, str | int] = {
        "provider": binding.provider,
        "owner": binding.owner_kind.value,
        "version": binding.version,
    }
    return details | ({"expires_at": binding.expires_at.isoformat()} if binding.expires_at else {})
