"""Reading the whole audit log in order, for verification: streamed, a million events in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data.store.append_only import unguarded
from data.store.audit_checkpoints import checkpoint_of
from data.store.database import Database
from data.store.tables import APPEND_ONLY, audit_chains, audit_checkpoints, audit_events
from data.values.audit import Checkpoint

_BATCH = 2000

# In this order; `core.audit.links` takes the columns that the body repeats by position.
_EVENT = select(
    audit_events.c.chain_id,
    audit_events.c.seq,
    audit_events.c.hash,
    audit_events.c.body,
    audit_events.c.at,
    audit_events.c.actor_id,
    audit_events.c.action,
    audit_events.c.outcome,
    audit_events.c.target,
    audit_events.c.operation,
    audit_events.c.request_id,
    audit_events.c.surface,
)

EventRow = tuple[str, int, bytes, str, datetime, str, str, str, str, str, str, str]
"""An event as it lies in the table: chain, number, hash, body, then what the body repeats."""


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """A chain, and the process that writes it."""

    id: str
    owner: str
    started_at: datetime


class AuditWalk:
    """One look at the whole log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def begin(self) -> Iterator[Walk]:
        """Begin to read. Read checkpoints first: what is written meanwhile then only makes chains longer.

        Raises:
            StoreError: the database can't be read.
        """
        with self._database.read() as connection:
            yield Walk(connection)


class Walk:
    """The log on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unguarded(self) -> list[str]:
        """Tables whose append-only triggers are missing or switched off."""
        return unguarded(self._connection, APPEND_ONLY)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every checkpoint, by its number."""
        query = select(audit_checkpoints).order_by(audit_checkpoints.c.seq)
        for row in self._stream(query):
            yield checkpoint_of(row)

    def chains(self) -> dict[str, ChainRecord]:
        """Every chain on record, by its id."""
        rows = self._connection.execute(select(audit_chains))
        return {row.id: ChainRecord(row.id, row.owner, row.started_at) for row in rows}

    def events(self) -> Iterator[EventRow]:
        """Every event, chain by chain, by its number."""
        return self._stream(_EVENT.order_by(audit_events.c.chain_id, audit_events.c.seq))

    def chain(self, chain_id: str) -> Iterator[EventRow]:
        """One chain's events, by their numbers."""
        return self._stream(_EVENT.where(audit_events.c.chain_id == chain_id).order_by(audit_events.c.seq))

    def bodies(self, chain_id: str, after: int, until: int) -> Iterator[str]:
        """The texts of one chain's events from the one after number `after` to number `until`."""
        of_chain = (audit_events.c.chain_id == chain_id, audit_events.c.seq > after, audit_events.c.seq <= until)
        for (body,) in self._stream(select(audit_events.c.body).where(*of_chain).order_by(audit_events.c.seq)):
            yield body

    def _stream(self, query: Any) -> Iterator[Any]:
        result = self._connection.execution_options(yield_per=_BATCH).execute(query)
        for rows in result.partitions():
            yield from rows
