"""The rotation of a KEK as it is kept: its record and its steps.

Every write happens in one transaction with its audit event and the renewal of the leader's lease, and changes nothing
when the rotation is not where the caller believes it to be. Done twice it is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from data.store.database import Database
from data.store.keks import insert_kek
from data.store.leases import renew_lease
from data.store.tables import kek_rotations, keks, secret_versions, secrets
from data.values.audit import AuditEvent
from data.values.errors import Conflict, StoreError
from data.values.keks import KekRecord, KekState, RotationRecord, RotationStep

ROTATION_LEASE = "kek rotation"
LEASE = timedelta(seconds=30)


class Rotations:
    """The rotation under way, and those before it. Only the holder of `ROTATION_LEASE` writes; blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[RotationRecord]:
        """Every rotation there was, the newest first."""
        query = select(kek_rotations).order_by(kek_rotations.c.to_kek.desc())
        with self._database.read() as connection:
            return [_rotation(row) for row in connection.execute(query)]

    def unfinished(self) -> RotationRecord | None:
        """The rotation that is under way or was interrupted."""
        query = select(kek_rotations).where(kek_rotations.c.finished_at.is_(None))
        with self._database.read() as connection:
            row = connection.execute(query.order_by(kek_rotations.c.to_kek.desc()).limit(1)).first()
        return None if row is None else _rotation(row)

    def begin(self, rotation_id: str, source: str, event: Callable[[RotationRecord], AuditEvent]) -> RotationRecord:
        """Begin to rotate the active KEK into `source`; KEK ids are never used twice.

        Raises:
            StoreError: there is no active KEK, or a rotation is unfinished.
        """

        def work(connection: Connection) -> RotationRecord:
            require_lead(connection, self._database)
            active = connection.execute(select(keks.c.id).where(keks.c.state == KekState.ACTIVE.value)).scalar()
            open_ = select(kek_rotations.c.id).where(kek_rotations.c.finished_at.is_(None))
            if active is None or connection.execute(open_).first() is not None:
                raise Conflict("A rotation of the KEK is unfinished.", "Resume it first.")
            highest = max(
                connection.execute(select(func.max(keks.c.id))).scalar() or 0,
                connection.execute(select(func.max(kek_rotations.c.to_kek))).scalar() or 0,
            )
            now = self._database.clock()
            row = {
                "id": rotation_id,
                "from_kek": active,
                "to_kek": highest + 1,
                "source": source,
                "step": RotationStep.CREATE.value,
                "total": 0,
                "done": 0,
                "started_at": now,
                "updated_at": now,
            }
            connection.execute(insert(kek_rotations).values(row))
            begun = read_rotation(connection, rotation_id)
            self._database.audit(event(begun))
            return begun

        return self._database.write(work)

    def pending(self, rotation: RotationRecord, kek: KekRecord, *events: AuditEvent) -> RotationRecord:
        """CREATE is done: keep the record of the new KEK, which seals nothing yet."""
        return self._step(rotation, RotationStep.READ_BACK, lambda connection: insert_kek(connection, kek), events)

    def step(self, rotation: RotationRecord, next_step: RotationStep, *events: AuditEvent) -> RotationRecord:
        """A step that changes nothing else is done."""
        return self._step(rotation, next_step, lambda connection: None, events)

    def activate(self, rotation: RotationRecord, *events: AuditEvent) -> RotationRecord:
        """ACTIVATE: from the commit on, everything is sealed with the new KEK; the old one still opens."""

        def work(connection: Connection) -> None:
            _switch(connection, rotation.from_kek, KekState.ACTIVE, KekState.RETIRED)
            _switch(connection, rotation.to_kek, KekState.PENDING, KekState.ACTIVE)
            total = sum(
                connection.execute(select(func.count()).where(column != rotation.to_kek)).scalar_one()
                for column in (secret_versions.c.kek_id, secrets.c.head_kek_id)
            )
            connection.execute(update(kek_rotations).where(_this(rotation)).values(total=total, done=0))

        return self._step(rotation, RotationStep.REWRAP, work, events)

    def abandon(self, rotation: RotationRecord, *events: AuditEvent) -> RotationRecord:
        """Give up before ACTIVATE: forget the pending KEK, with which nothing was sealed."""

        def work(connection: Connection) -> None:
            pending = (keks.c.id == rotation.to_kek) & (keks.c.state == KekState.PENDING.value)
            connection.execute(delete(keks).where(pending))

        return self._step(rotation, RotationStep.ABANDONED, work, events)

    def _step(
        self,
        rotation: RotationRecord,
        next_step: RotationStep,
        work: Callable[[Connection], object],
        events: Sequence[AuditEvent],
    ) -> RotationRecord:
        def whole(connection: Connection) -> RotationRecord:
            require_lead(connection, self._database)
            now = self._database.clock()
            ended = next_step in {RotationStep.DONE, RotationStep.ABANDONED}
            values = {"step": next_step.value, "updated_at": now, "finished_at": now if ended else None}
            here = _this(rotation) & (kek_rotations.c.step == rotation.step.value)
            if not connection.execute(update(kek_rotations).where(here).values(values)).rowcount:
                raise _taken_over()
            work(connection)
            for event in events:
                self._database.audit(event)
            return read_rotation(connection, rotation.rotation_id)

        return self._database.write(whole)


def require_lead(connection: Connection, database: Database) -> None:
    """Renew the leader's lease in the caller's transaction.

    Raises:
        StoreError: this process is not the leader any more; nothing of the transaction may happen.
    """
    if not renew_lease(connection, database, ROTATION_LEASE, LEASE):
        raise _taken_over()


def read_rotation(connection: Connection, rotation_id: str) -> RotationRecord:
    """The record as the caller's transaction sees it."""
    return _rotation(connection.execute(select(kek_rotations).where(kek_rotations.c.id == rotation_id)).one())


def _taken_over() -> StoreError:
    return StoreError("This rotation of the KEK was taken over by another process.", "Look at its state.")


def _this(rotation: RotationRecord) -> ColumnElement[bool]:
    return kek_rotations.c.id == rotation.rotation_id


def _switch(connection: Connection, kek_id: int, was: KekState, becomes: KekState) -> None:
    here = (keks.c.id == kek_id) & (keks.c.state == was.value)
    if not connection.execute(update(keks).where(here).values(state=becomes.value)).rowcount:
        raise StoreError(f"KEK v{kek_id} is not {was.value} any more.", "Look at the state of the vault.")


def _rotation(row: Row[Any]) -> RotationRecord:
    return RotationRecord(
        rotation_id=row.id,
        from_kek=row.from_kek,
        to_kek=row.to_kek,
        source=row.source,
        step=RotationStep(row.step),
        total=row.total,
        done=row.done,
        started_at=row.started_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )
