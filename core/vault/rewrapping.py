"""The long step of a rotation: moving what other KEKs seal under the new one, while everything goes on being used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from core.errors import VaultError
from core.vault.envelope import open_head, rewrap, seal_head
from core.vault.ring import KekRing, kek_target
from data.store.rewrap import SealedHead, WrappedDek
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.keks import RotationRecord

if TYPE_CHECKING:
    from data.store import Store

BATCH = 1000
"""Records in one transaction: some 10 ms under the write lock, so that a chat's commit never waits long for it."""

Sealed = TypeVar("Sealed", WrappedDek, SealedHead)


class Rewrapping:
    """Re-wraps in passes until one finds nothing to do.

    A record that does not open under the KEK it names was damaged or forged. It stays as it is, is told to the audit
    log, and stops nobody else's: its KEK then is not destroyed, so that nothing is made worse.
    """

    def __init__(
        self, store: Store, ring: KekRing, actor: Actor, tell: Callable[[RotationRecord], None], batch: int
    ) -> None:
        self._store = store
        self._ring = ring
        self._actor = actor
        self._tell = tell
        self._batch = batch
        self._damaged: set[tuple[str, int]] = set()

    def run(self, rotation: RotationRecord) -> RotationRecord:
        """Move everything that opens."""
        while True:
            rotation, missed_deks = self._deks(rotation)
            rotation, missed_heads = self._heads(rotation)
            if not missed_deks + missed_heads:
                return rotation

    def _deks(self, rotation: RotationRecord) -> tuple[RotationRecord, int]:
        missed, after = 0, ("", 0)
        while batch := self._store.rewraps.deks(rotation.to_kek, after, self._batch):
            after = (batch[-1].binding.secret_id, batch[-1].binding.version)
            done = self._converted(batch, rotation.to_kek, self._moved_dek)
            if done:
                before = rotation.done
                rotation = self._store.rewraps.move_deks(rotation, done, self._event(rotation, "deks"))
                missed += len(done) - (rotation.done - before)
                self._tell(rotation)
        return rotation, missed

    def _heads(self, rotation: RotationRecord) -> tuple[RotationRecord, int]:
        missed, after = 0, ""
        while batch := self._store.rewraps.heads(rotation.to_kek, after, self._batch):
            after = batch[-1].owner.secret_id
            done = self._converted(batch, rotation.to_kek, self._moved_head)
            if done:
                before = rotation.done
                rotation = self._store.rewraps.move_heads(rotation, done, self._event(rotation, "heads"))
                missed += len(done) - (rotation.done - before)
                self._tell(rotation)
        return rotation, missed

    def _converted(
        self, batch: Sequence[Sealed], to_kek: int, convert: Callable[[Sealed, int], bytes]
    ) -> list[tuple[Sealed, bytes]]:
        known = {record.kek_id for record in self._store.keks.all()}
        done = []
        for record in batch:
            if record.kek_id in known:
                self._ring.get(record.kek_id)  # a KEK that can't be had stops the rotation; it damages no record
            try:
                if record.kek_id not in known:
                    raise VaultError(f"There is no KEK v{record.kek_id}.")
                done.append((record, convert(record, to_kek)))
            except VaultError:
                self._damage(record)
        return done

    def _moved_dek(self, dek: WrappedDek, to_kek: int) -> bytes:
        old, new = self._ring.get(dek.kek_id), self._ring.get(to_kek)
        return rewrap(dek.sealed, dek.binding, self._store.deployment_id, old, new)

    def _moved_head(self, head: SealedHead, to_kek: int) -> bytes:
        facts = open_head(head.sealed, head.owner, self._store.deployment_id, self._ring.get(head.kek_id))
        return seal_head(facts, head.owner, self._store.deployment_id, self._ring.get(to_kek))

    def _event(self, rotation: RotationRecord, what: str) -> Callable[[int], AuditEvent]:
        return lambda moved: AuditEvent.by(
            self._actor,
            Action.KEY_REWRAP,
            AuditOutcome.DONE,
            target=kek_target(rotation.to_kek),
            operation=f"rotation:{rotation.rotation_id}",
            **{what: moved},
        )

    def _damage(self, record: WrappedDek | SealedHead) -> None:
        if isinstance(record, WrappedDek):
            secret_id, version = record.binding.secret_id, record.binding.version
        else:
            secret_id, version = record.owner.secret_id, 0
        if (secret_id, version) in self._damaged:
            return
        self._damaged.add((secret_id, version))
        self._store.audit.record(
            AuditEvent.by(
                self._actor,
                Action.KEY_REWRAP,
                AuditOutcome.FAILED,
                target=secret_target(secret_id),
                version=version,
                kek=record.kek_id,
            )
        )
