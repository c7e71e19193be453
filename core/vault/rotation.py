"""The rotation of the key-encryption key: a new KEK, and everything the old one sealed moved under it.

    create     the source makes the new KEK and keeps it; its record goes into the database as pending
    read back  what the source gives back is what it made
    canary     read once more, it opens its canary, and what it seals comes back
    activate   in one transaction the new one becomes active and the old one retired; nothing waits
    re-wrap    wrapped DEKs and heads move in batches, each only if it is still what was read
    retire     nothing is left under the old one

The record of the rotation says which step comes next. Each step commits together with its audit event, may be done
again, and is done only by the process that holds the lease: after kill -9 at any moment the next `run` goes on where
the record stands. Before "activate" nothing was sealed with the new KEK, and trouble ends the rotation; after it,
everything opens with one of the two at every moment, and trouble leaves the rest for the next `run`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import VaultError
from core.vault.envelope import seal_canary
from core.vault.kek_proof import require_new, require_round_trip
from core.vault.rewrapping import BATCH, Rewrapping
from core.vault.ring import KekRing, kek_target
from core.vault.rotation_lead import led_elsewhere, refuse_again
from data.store.rotations import LEASE, ROTATION_LEASE
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, Detail
from data.values.keks import KekRecord, KekState, RotationRecord, RotationStep

if TYPE_CHECKING:
    from data.store import Store

Progress = Callable[[RotationRecord], None]
# Another process may go on for 5 s with a row that it read before the row moved, and only then look for its KEK.
SETTLE = timedelta(seconds=10)


class KekRotator:
    """Rotates the KEK. Of all processes on a database one does at a time.

    Args:
        store: the database.
        ring: this process's open KEKs.
        clock: returns aware instants.
        sleep: waits for so many seconds.
        batch: how many records move in one transaction.
    """

    def __init__(
        self,
        store: Store,
        ring: KekRing,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        batch: int = BATCH,
    ) -> None:
        self._store = store
        self._ring = ring
        self._clock = clock
        self._sleep = sleep
        self._batch = batch

    def state(self) -> RotationRecord | None:
        """The rotation that is under way or was interrupted; else the last one there was."""
        return next(iter(self.history()), None)

    def history(self) -> list[RotationRecord]:
        """Every rotation, the newest first."""
        return self._store.rotations.all()

    def is_running(self) -> bool:
        """Whether some process is at it, as far as can be seen from here."""
        return self._store.leases.holder(ROTATION_LEASE) is not None

    def start(self, actor: Actor, source: str | None = None) -> RotationRecord:
        """Begin a rotation without running it, or return the one that is unfinished. See `run`."""
        with self._leading():
            return self._begun(actor, source)

    def run(
        self,
        actor: Actor,
        on_progress: Progress | None = None,
        *,
        source: str | None = None,
        destroy: bool = False,
        since: datetime | None = None,
    ) -> RotationRecord:
        """Rotate, or end the rotation that is unfinished. Blocking.

        Args:
            actor: who asked for it; the caller has made sure that they may.
            on_progress: called with the record after every step and batch.
            source: where the new KEK is kept; without it as the settings say.
            destroy: afterwards destroy all retired KEKs that seal nothing any more. Older backups need theirs.
            since: when it was asked for: several that are asked at once are to rotate once, and not one after another.

        Raises:
            RotatedElsewhere: another process rotates now, or has done so since.
            VaultError: a KEK can't be had or kept. Before the new one was activated the rotation is given up; later
                it is kept, to be resumed.
            StoreError: the database can't be written, or another process took over.
        """
        tell = on_progress or (lambda _record: None)
        with self._leading():
            refuse_again(self.state(), since)
            rotation = self._begun(actor, source)
            tell(rotation)
            rotation = self._activated(actor, rotation, tell)
            left = 0
            if rotation.step is RotationStep.REWRAP:
                rewrapping = Rewrapping(self._store, self._ring, actor, tell, self._batch)
                rotation = rewrapping.run(rotation)
                rotation = self._store.rotations.step(rotation, RotationStep.RETIRE)
                tell(rotation)
            if rotation.step is RotationStep.RETIRE:
                left = self._store.keks.in_use().get(rotation.from_kek, 0)
                retired = _event(actor, Action.KEK_RETIRE, rotation.from_kek, rotation, still_seals=left)
                rotation = self._store.rotations.step(rotation, RotationStep.DONE, retired)
                tell(rotation)
            if destroy:
                self._destroy_retired(actor, rotation.finished_at)
            return rotation

    def destroyable(self) -> list[KekRecord]:
        """Retired KEKs that seal nothing."""
        in_use = self._store.keks.in_use()
        return [
            record
            for record in self._store.keks.all()
            if record.state is KekState.RETIRED and not in_use.get(record.kek_id)
        ]

    def destroy_retired(self, actor: Actor) -> list[int]:
        """Destroy all KEKs that are `destroyable`; returns their ids. What only a person can delete they have to.

        Raises:
            VaultError: a rotation is under way, or a source refused.
        """
        with self._leading():
            if self._store.rotations.unfinished() is not None:
                raise VaultError("A rotation of the KEK is unfinished.", "Resume it first.")
            last = self.state()
            return self._destroy_retired(actor, last.finished_at if last else None)

    @contextmanager
    def _leading(self) -> Iterator[None]:
        if not self._store.leases.acquire(ROTATION_LEASE, LEASE):
            raise led_elsewhere(self._store)
        try:
            yield
        finally:
            self._store.leases.release(ROTATION_LEASE)

    def _begun(self, actor: Actor, source: str | None) -> RotationRecord:
        unfinished = self._store.rotations.unfinished()
        if unfinished is not None:
            if source not in {None, unfinished.source}:
                raise VaultError(
                    f"A rotation to a KEK in “{unfinished.source}” is unfinished.",
                    "Resume it without naming a source, then rotate again.",
                )
            return unfinished
        where = source or self._ring.sources.next_source(self._active_record().source)
        self._ring.sources.named(where)  # refuses what can't be had here before anything is written
        return self._store.rotations.begin(
            uuid.uuid4().hex,
            where,
            lambda begun: AuditEvent.by(
                actor,
                Action.KEK_CREATE,
                AuditOutcome.INTENT,
                target=kek_target(begun.to_kek),
                operation=_operation(begun),
                source=where,
                replaces=begun.from_kek,
            ),
        )

    def _activated(self, actor: Actor, rotation: RotationRecord, tell: Progress) -> RotationRecord:
        steps = {
            RotationStep.CREATE: self._create,
            RotationStep.READ_BACK: self._read_back,
            RotationStep.CANARY: self._canary,
            RotationStep.ACTIVATE: self._activate,
        }
        while (step := steps.get(rotation.step)) is not None:
            try:
                rotation = step(actor, rotation)
            except VaultError as error:
                self._abandon(actor, rotation, error)
                raise
            tell(rotation)
        self._ring.refresh()
        return rotation

    def _create(self, actor: Actor, rotation: RotationRecord) -> RotationRecord:
        source = self._ring.sources.named(rotation.source)
        made = source.create(rotation.to_kek)
        kek = require_new(made, rotation, self._ring)
        canary = seal_canary(kek, self._store.deployment_id, source.name)
        record = KekRecord(rotation.to_kek, KekState.PENDING, source.name, canary, self._clock(), made.wrapped)
        created = _event(actor, Action.KEK_CREATE, rotation.to_kek, rotation, source=source.name)
        return self._store.rotations.pending(rotation, record, created)

    def _read_back(self, actor: Actor, rotation: RotationRecord) -> RotationRecord:
        self._ring.proven(self._record(rotation.to_kek))
        return self._store.rotations.step(rotation, RotationStep.CANARY)

    def _canary(self, actor: Actor, rotation: RotationRecord) -> RotationRecord:
        require_round_trip(self._ring.proven(self._record(rotation.to_kek)), self._store.deployment_id)
        return self._store.rotations.step(rotation, RotationStep.ACTIVATE)

    def _activate(self, actor: Actor, rotation: RotationRecord) -> RotationRecord:
        activated = _event(actor, Action.KEK_ACTIVATE, rotation.to_kek, rotation, replaces=rotation.from_kek)
        return self._store.rotations.activate(rotation, activated)

    def _abandon(self, actor: Actor, rotation: RotationRecord, error: VaultError) -> None:
        failed = AuditEvent.by(
            actor,
            Action.KEK_CREATE,
            AuditOutcome.FAILED,
            target=kek_target(rotation.to_kek),
            operation=_operation(rotation),
            step=rotation.step.value,
            error=type(error).__name__,
        )
        self._store.rotations.abandon(rotation, failed)
        # What the source keeps under this id stays: it sealed nothing here, but in a database that was restored from a
        # backup it may be the KEK of a later one.

    def _destroy_retired(self, actor: Actor, since: datetime | None) -> list[int]:
        doomed = self.destroyable()
        if doomed and since is not None:
            self._sleep(max(0.0, (since + SETTLE - self._clock()).total_seconds()))
        for record in doomed:
            self._destroy(actor, record)
        return [record.kek_id for record in doomed]

    def _destroy(self, actor: Actor, record: KekRecord) -> None:
        # The record goes last: killed in between, what is left is a retired KEK, and the next time ends the work.
        target = kek_target(record.kek_id)
        operation = f"destroy:{uuid.uuid4().hex}"
        self._store.audit.record(
            AuditEvent.by(actor, Action.KEK_DESTROY, AuditOutcome.INTENT, target=target, operation=operation)
        )
        deleted = self._ring.sources.named(record.source).destroy(record.kek_id)
        destroyed = AuditEvent.by(
            actor,
            Action.KEK_DESTROY,
            AuditOutcome.DONE,
            target=target,
            operation=operation,
            source=record.source,
            deleted_from_source=deleted,
        )
        if self._store.keks.remove(record.kek_id, destroyed):
            self._ring.forget(record.kek_id)

    def _active_record(self) -> KekRecord:
        return self._record(self._ring.active().kek_id)

    def _record(self, kek_id: int) -> KekRecord:
        for record in self._store.keks.all():
            if record.kek_id == kek_id:
                return record
        raise VaultError(f"This database has no record of KEK v{kek_id}.", "Look at the state of the vault.")


def _operation(rotation: RotationRecord) -> str:
    return f"rotation:{rotation.rotation_id}"


def _event(actor: Actor, action: Action, kek_id: int, rotation: RotationRecord, **details: Detail) -> AuditEvent:
    return AuditEvent.by(
        actor, action, AuditOutcome.DONE, target=kek_target(kek_id), operation=_operation(rotation), **details
    )
