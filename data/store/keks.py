"""The records of the KEKs. The KEKs themselves never come here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from data.store.database import Database
from data.store.tables import audit_keys, kek_rotations, keks, secret_versions, secrets, user_seals
from data.values.audit import AuditEvent
from data.values.errors import DatabaseDamaged, KekNotActive, StoreError
from data.values.keks import KekRecord, KekState

_SEALED: tuple[Table, ...] = (secrets, secret_versions, user_seals, audit_keys, kek_rotations)
_SEALED_BY = (secret_versions.c.kek_id, secrets.c.head_kek_id)
_ANOTHER_KEK = "This key was sealed with a KEK that is no longer the active one."


@dataclass(frozen=True, slots=True)
class NeededKeks:
    """The KEKs of a database at one moment.

    `needed` are the ids of the active one and of those that seal something; `lost` is one that seals something and has
    no record, None where all is well.
    """

    records: tuple[KekRecord, ...]
    needed: frozenset[int]
    lost: int | None


class Keks:
    """Which KEKs this database knows. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KekRecord]:
        """Every KEK on record, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(keks).order_by(keks.c.id)).all()
        return [_record(row) for row in rows]

    def in_use(self) -> dict[int, int]:
        """How many records each KEK seals, versions of secrets and heads together; only KEKs that seal any."""
        counts: dict[int, int] = {}
        with self._database.read() as connection:
            for column in _SEALED_BY:
                query = select(column, func.count()).where(column.is_not(None)).group_by(column)
                for kek_id, count in connection.execute(query):
                    counts[kek_id] = counts.get(kek_id, 0) + count
        return counts

    def needed(self) -> NeededKeks:
        """Every KEK on record and which of them are needed, all of one moment, also while another process rotates."""
        known = select(keks.c.id)
        lost = [
            select(func.min(column)).where(column.is_not(None), column.not_in(known)).scalar_subquery()
            for column in _SEALED_BY
        ]
        # One statement, because on PostgreSQL each statement of a transaction sees a moment of its own.
        query = select(
            keks,
            or_(*(exists(select(1).where(column == keks.c.id)) for column in _SEALED_BY)).label("seals"),
            func.coalesce(*lost).label("lost"),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(keks.c.id)).all()
        return NeededKeks(
            tuple(_record(row) for row in rows),
            frozenset(row.id for row in rows if row.seals or row.state == KekState.ACTIVE.value),
            rows[0].lost if rows else None,
        )

    def may_be_first(self) -> bool:
        """Whether this database never held anything that a KEK sealed, so that making a first one loses nothing."""
        held = or_(*(exists(select(1).select_from(table)) for table in _SEALED))
        with self._database.read() as connection:
            return not connection.execute(select(held)).scalar_one()

    def add(self, record: KekRecord, *events: AuditEvent) -> None:
        """Record a KEK together with the audit events that tell of it.

        An active one retires the one before it in the same transaction.

        Raises:
            StoreError: the id is taken, for example by another process that started at the same time.
        """

        def work(connection: Connection) -> None:
            if record.state is KekState.ACTIVE:
                before = (keks.c.state == KekState.ACTIVE.value) & (keks.c.id != record.kek_id)
                connection.execute(update(keks).where(before).values(state=KekState.RETIRED.value))
            insert_kek(connection, record)
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def remove(self, kek_id: int, *events: AuditEvent) -> bool:
        """Forget a retired KEK that seals nothing; False, and nothing done, for any other."""

        def work(connection: Connection) -> bool:
            used = or_(*(exists(select(1).where(column == kek_id)) for column in _SEALED_BY))
            retired = (keks.c.id == kek_id) & (keks.c.state == KekState.RETIRED.value)
            gone = connection.execute(delete(keks).where(retired, ~used)).rowcount == 1
            for event in events if gone else ():
                self._database.audit(event)
            return gone

        return self._database.write(work)


def require_active(connection: Connection, kek_id: int) -> None:
    """Refuse what is sealed with another KEK than the active one, in the transaction that would keep it.

    A rotation waits for no other process: without this, one that has not heard of it could add a secret under a KEK
    that is about to be destroyed.

    Raises:
        KekNotActive: seal it again.
    """
    active = connection.execute(select(keks.c.id).where(keks.c.state == KekState.ACTIVE.value)).scalar()
    if active is not None and active != kek_id:
        raise KekNotActive(_ANOTHER_KEK, "Try again.")


def insert_kek(connection: Connection, record: KekRecord) -> None:
    """Insert a record in the caller's transaction. Raises StoreError when the id is taken."""
    row = {
        "id": record.kek_id,
        "state": record.state.value,
        "source": record.source,
        "canary": record.canary,
        "created_at": record.created_at,
        "wrapped": record.wrapped,
    }
    try:
        connection.execute(insert(keks).values(row))
    except IntegrityError:
        raise StoreError(f"KEK {record.kek_id} is on record already.", "Start again to use it.") from None


def _record(row: Row[Any]) -> KekRecord:
    try:
        state = KekState(row.state)
    except ValueError:
        raise DatabaseDamaged(
            f"The record of KEK v{row.id} says “{row.state}”, which is no state of a KEK.",
            "Restore the database from a backup.",
        ) from None
    return KekRecord(row.id, state, row.source, row.canary, row.created_at, row.wrapped)
