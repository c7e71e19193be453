"""The outbox: what happened, waiting in the state database until the warehouse has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
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
FLAG_EXPOSURE = "flag_exposure"
PERSON_FORGOTTEN = "person_forgotten"  # what the warehouse has of them goes, or becomes nobody's
SAMPLE_CLEARED = "sample_cleared"  # all sample data before it is to go, see `data.store.sample`


_DELETED_AT_ONCE = 4_000
"""Rows in one transaction: that holds the database's writer for about 15 ms, and no turn can commit meanwhile."""


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
    return list(map(OutboxRow._make, connection.execute(query)))


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
        for start in range(0, len(ids), _DELETED_AT_ONCE):
            some = ids[start : start + _DELETED_AT_ONCE]
            self._database.write(partial(_remove, ids=some))

    def lag(self) -> tuple[int, datetime | None]:
        """How many rows wait, and since when the oldest does."""
        with self._database.read() as connection:
            waiting = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
            oldest = connection.execute(select(outbox.c.created_at).order_by(outbox.c.id).limit(1)).scalar()
        return waiting, oldest


def _remove(connection: Connection, ids: Sequence[int]) -> None:
    """Delete these rows and no other: id by id takes three times as long as from one to another."""
    for first, last in _runs(ids):
        connection.execute(delete(outbox).where(outbox.c.id.between(first, last)))


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of ids without a gap: between them is none that was not named."""
    ordered = sorted(set(ids))
    starts = [at for at, each in enumerate(ordered) if at == 0 or each != ordered[at - 1] + 1]
    for start, after in zip(starts, [*starts[1:], len(ordered)], strict=True):
        yield ordered[start], ordered[after - 1]
