"""Somebody who owns the database and knows the code, but neither the KEK nor the file outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text

from data.store.audit_chain import chain_origin
from data.store.engine import make_engine
from data.store.tables import APPEND_ONLY, audit_chains, audit_checkpoints, audit_events, audit_keys, deployment
from data.values.canonical import canonical_json

Rows = list[dict[str, Any]]
TABLES = (audit_chains, audit_events, audit_checkpoints, audit_keys)


class Intruder:
    """Changes the log behind Gearbox's back, with the triggers off meanwhile."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def inside(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            triggers = self.disarm(connection)
            yield connection
            self._arm(connection, triggers)

    def disarm(self, connection: Connection) -> list[str]:
        """Switch the triggers off; returns what makes them again."""
        if connection.dialect.name == "postgresql":
            for table in APPEND_ONLY:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            return [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in APPEND_ONLY]
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in found:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return [sql for _, sql in found]

    def drop_triggers(self) -> None:
        with self._engine.begin() as connection:
            self.disarm(connection)

    @staticmethod
    def _arm(connection: Connection, triggers: Sequence[str]) -> None:
        for sql in triggers:
            connection.exec_driver_sql(sql)

    def chain(self) -> Rows:
        """The events of the oldest chain, in order."""
        with self._engine.begin() as connection:
            first = connection.execute(select(audit_chains.c.id).order_by(audit_chains.c.started_at).limit(1)).scalar()
            query = select(audit_events).where(audit_events.c.chain_id == first).order_by(audit_events.c.seq)
            return [dict(row._mapping) for row in connection.execute(query)]

    def chains(self) -> dict[str, Rows]:
        """The events of every chain, in order, by its id."""
        rows = sorted(self.table(audit_events), key=itemgetter("chain_id", "seq"))
        return {chain_id: list(events) for chain_id, events in groupby(rows, itemgetter("chain_id"))}

    def put_chain(self, rows: Rows, chain_id: str = "") -> None:
        """Put these in the place of a chain's events."""
        with self.inside() as connection:
            chain_id = chain_id or (rows or self.chain())[0]["chain_id"]
            connection.execute(delete(audit_events).where(audit_events.c.chain_id == chain_id))
            if rows:
                connection.execute(insert(audit_events), rows)

    def table(self, table: Table) -> Rows:
        with self._engine.begin() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table))]

    def put_table(self, table: Table, rows: Rows) -> None:
        with self.inside() as connection:
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)

    def everything(self) -> dict[Table, Rows]:
        """The whole log, to be put back with `put_back`."""
        return {table: self.table(table) for table in TABLES}

    def put_back(self, log: dict[Table, Rows]) -> None:
        with self.inside() as connection:
            for table, rows in log.items():
                connection.execute(delete(table))
                connection.execute(insert(table), rows)

    def origin(self, rows: Rows) -> bytes:
        chain_id = rows[0]["chain_id"]
        owner = next(row["owner"] for row in self.table(audit_chains) if row["id"] == chain_id)
        return chain_origin(self.table(deployment)[0]["deployment_id"], chain_id, owner)


def changed(row: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The event with another body; its hash stays."""
    return {**row, "body": canonical_json({**json.loads(row["body"]), **members})}


def hashed(row: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The event with another body, and the hash of that."""
    row = changed(row, **members)
    return {**row, "hash": hashlib.sha256(row["body"].encode()).digest()}


def restamped(rows: Rows, origin: bytes) -> Rows:
    """The chain with numbers, links and hashes computed anew: nothing in it contradicts anything else."""
    prev, done = origin, []
    for seq, row in enumerate(rows, 1):
        done.append({**hashed(row, seq=seq, prev=prev.hex()), "seq": seq})
        prev = done[-1]["hash"]
    return done


def renumbered(rows: Rows) -> Rows:
    """The rows numbered by their order; their bodies stay."""
    return [{**row, "seq": seq} for seq, row in enumerate(rows, 1)]
