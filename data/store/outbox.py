"""The outbox: what happened, waiting in the state database until the warehouse has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, func, insert, select

from data.store.database import Database
from data.store.tables import outbox
from data.values.outbox import OutboxRow

MODEL_CALL = "model_call"
"""Kind of the rows that book a finished model call."""

ROUTING_DECISION = "routing_decision"
ROUTING_PROPENSITY = "routing_propensity"  # of a decision; it is known only later
ROUTING_FEEDBACK = "routing_feedback"
TOOL_CALL = "tool_call"
SIGN_IN = "sign_in"
PERSON_FORGOTTEN = "person_forgotten"  # what the warehouse has of them goes, or becomes nobody's
SAMPLE_CLEARED = "sample_cleared"  # all sample data before it is to go, see `data.store.sample`


_DELETED_AT_ONCE = 2_000
"""Rows in one transaction: that holds the database's writer for about 15 ms, 10,000 for over 100, and no turn could
commit meanwhile."""


def post(connection: Connection, kind: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Add an event inside the caller's transaction: it exists exactly when what it tells of does."""
    connection.execute(insert(outbox), {"kind": kind, "payload": dict(payload), "created_at": now})


def post_all(connection: Connection, events: Sequence[tuple[str, Mapping[str, Any]]], now: datetime) -> None:
    """Add many events, kind and payload, inside the caller's transaction."""
    rows = [{"kind": kind, "payload": dict(payload), "created_at": now} for kind, payload in events]
    if rows:
        connection.execute(insert(outbox), rows)


def waiting(connection: Connection, limit: int | None = None) -> list[OutboxRow]:
    """The oldest `limit` waiting rows, or all of them, ordered by id."""
    query = select(outbox.c.id, outbox.c.kind, cast(outbox.c.payload, Text)).order_by(outbox.c.id).limit(limit)
    return [OutboxRow(*row) for row in connection.execute(query)]


class Outbox:
    """What the warehouse's drainer reads and clears. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batch(self, limit: int) -> list[OutboxRow]:
        """The oldest `limit` waiting rows, ordered by id."""
        with self._database.read() as connection:
            return waiting(connection, limit)

    def delete(self, ids: Sequence[int]) -> None:
        """Clear rows that the warehouse has committed; unknown ids are ignored."""

        def work(some: Sequence[int]) -> Callable[[Connection], None]:
            def remove(connection: Connection) -> None:
                for start in range(0, len(some), 500):  # drivers limit the parameters of one statement
                    connection.execute(delete(outbox).where(outbox.c.id.in_(some[start : start + 500])))

            return remove

        for start in range(0, len(ids), _DELETED_AT_ONCE):
            self._database.write(work(ids[start : start + _DELETED_AT_ONCE]))

    def lag(self) -> tuple[int, datetime | None]:
        """How many rows wait, and since when the oldest does."""
        with self._database.read() as connection:
            waiting = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
            oldest = connection.execute(select(outbox.c.created_at).order_by(outbox.c.id).limit(1)).scalar()
        return waiting, oldest
