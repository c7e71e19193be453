"""Checkpoints over the audit chains, the keys that sign them, and how far they were carried outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.leases import renew_lease
from data.store.tables import audit_chains, audit_checkpoints, audit_deliveries, audit_events, audit_keys
from data.values.audit import AuditKey, ChainHead, Checkpoint, Delivery

CHECKPOINT_LEASE = "audit checkpoints"
"""Of all processes one signs; it holds this lease."""

_newest_seq = (
    select(func.max(audit_events.c.seq))
    .where(audit_events.c.chain_id == audit_chains.c.id)
    .correlate(audit_chains)
    .scalar_subquery()
)
# A step down the primary key's index for each chain, however long the chains are.
_HEADS = (
    select(audit_events.c.chain_id, audit_events.c.seq, audit_events.c.hash)
    .select_from(audit_chains)
    .join(audit_events, (audit_events.c.chain_id == audit_chains.c.id) & (audit_events.c.seq == _newest_seq))
    .order_by(audit_chains.c.started_at, audit_chains.c.id)
)


class Checkpoints:
    """What the signer of checkpoints reads and writes. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heads(self) -> list[ChainHead]:
        """The last event of every chain, the oldest chain first."""
        with self._database.read() as connection:
            return [ChainHead(row.chain_id, row.seq, row.hash) for row in connection.execute(_HEADS)]

    def recent(self, since: datetime) -> dict[str, int]:
        """The newest number in every chain that was written to since then: cheap enough to ask every second."""
        query = select(audit_events.c.chain_id, func.max(audit_events.c.seq)).where(audit_events.c.at >= since)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(audit_events.c.chain_id))}

    def newest(self) -> Checkpoint | None:
        """The last checkpoint."""
        with self._database.read() as connection:
            return _newest(connection)

    def last_until(self, moment: datetime) -> Checkpoint | None:
        """The newest checkpoint that was signed at `moment` or before."""
        until = select(audit_checkpoints).where(audit_checkpoints.c.at <= moment)
        return self._one(until.order_by(audit_checkpoints.c.seq.desc()))

    def first_from(self, moment: datetime) -> Checkpoint | None:
        """The oldest checkpoint that was signed at `moment` or after."""
        since = select(audit_checkpoints).where(audit_checkpoints.c.at >= moment)
        return self._one(since.order_by(audit_checkpoints.c.seq))

    def after(self, seq: int, limit: int = 1000) -> list[Checkpoint]:
        """The checkpoints after number `seq`, in order."""
        query = select(audit_checkpoints).where(audit_checkpoints.c.seq > seq)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(audit_checkpoints.c.seq).limit(limit))
            return [checkpoint_of(row) for row in rows]

    def add(self, checkpoint: Checkpoint, before: int, lasts: timedelta) -> bool:
        """Keep a checkpoint that follows number `before`; the lease is renewed for `lasts` in the same transaction.

        False, and nothing is written, when another process leads or the newest checkpoint is not `before`.
        """

        def work(connection: Connection) -> bool:
            newest = _newest(connection)
            if (newest.seq if newest else 0) != before:
                return False
            if not renew_lease(connection, self._database, CHECKPOINT_LEASE, lasts):
                return False
            connection.execute(insert(audit_checkpoints).values(_row(checkpoint)))
            return True

        return self._database.write(work)

    def signing_keys(self) -> list[AuditKey]:
        """Every key on record, the first one made first."""
        with self._database.read() as connection:
            return _keys(connection)

    def add_key(self, key: AuditKey) -> AuditKey:
        """Keep the first key; returns the one that signs from now on, which another process may have kept before."""

        def work(connection: Connection) -> AuditKey:
            if known := _keys(connection):
                return known[0]
            row = {"id": key.id, "public_key": key.public_key, "secret_id": key.secret_id, "created_at": key.created_at}
            connection.execute(insert(audit_keys).values(row))
            return key

        return self._database.write(work)

    def deliveries(self) -> dict[str, Delivery]:
        """How far each place has got, by its name."""
        with self._database.read() as connection:
            rows = connection.execute(select(audit_deliveries)).all()
        return {row.place: Delivery(row.place, row.seq, row.at, row.failing_since, row.problem) for row in rows}

    def mark(self, deliveries: Sequence[Delivery]) -> None:
        """Remember how far places have got."""

        def work(connection: Connection) -> None:
            for delivery in deliveries:
                row = {
                    "place": delivery.place,
                    "seq": delivery.seq,
                    "at": delivery.at,
                    "failing_since": delivery.failing_since,
                    "problem": delivery.problem,
                }
                upsert(connection, audit_deliveries, row, key=["place"])

        self._database.write(work)

    def _one(self, query: Select[Any]) -> Checkpoint | None:
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else checkpoint_of(row)


def checkpoint_of(row: Row[Any]) -> Checkpoint:
    """A row of `audit_checkpoints`."""
    return Checkpoint(row.seq, row.at, row.epoch, row.body, row.heads, row.hash, row.signature, row.key_id)


def _row(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "seq": checkpoint.seq,
        "at": checkpoint.at,
        "epoch": checkpoint.epoch,
        "body": checkpoint.body,
        "heads": checkpoint.heads,
        "hash": checkpoint.hash,
        "signature": checkpoint.signature,
        "key_id": checkpoint.key_id,
    }


def _newest(connection: Connection) -> Checkpoint | None:
    row = connection.execute(select(audit_checkpoints).order_by(audit_checkpoints.c.seq.desc()).limit(1)).first()
    return None if row is None else checkpoint_of(row)


def _keys(connection: Connection) -> list[AuditKey]:
    query = select(audit_keys).order_by(audit_keys.c.created_at, audit_keys.c.id)
    return [AuditKey(row.id, row.public_key, row.secret_id, row.created_at) for row in connection.execute(query)]
