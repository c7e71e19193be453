"""What was ever told to the warehouse, told again from the books that it was posted with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from data.store.activity import sign_in_event, tool_event
from data.store.database import Database
from data.store.outbox import (
    MODEL_CALL,
    PERSON_FORGOTTEN,
    ROUTING_DECISION,
    ROUTING_FEEDBACK,
    SIGN_IN,
    TOOL_CALL,
    waiting,
)
from data.store.replies import new_id
from data.store.routing_decisions import decision_event, decision_of
from data.store.routing_feedback import feedback_event, feedback_of
from data.store.rows import usage_event
from data.store.tables import calls, routing_decisions, routing_feedback, sign_ins, tool_uses, users
from data.values.calls import CallStatus
from data.values.outbox import OutboxRow
from data.values.retention import Forgotten

Event = tuple[str, dict[str, Any]]
"""A kind of the outbox, and what a row of this kind holds."""

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Books:
    """The books at one moment. Rows come in chunks, each kind in order of time.

    Args:
        waiting: what the outbox holds at this moment; all of it is in the books, too.
    """

    waiting: Sequence[OutboxRow]
    _connection: Connection

    def events(self, forgotten: Forgotten = Forgotten.ANONYMISE) -> Iterator[list[Event]]:
        """Every concluded call of models and tools, every sign-in, decision with its propensity, and all feedback.

        Then whom of them it is of is to be forgotten, as `forgotten` says. Reads as it goes.
        """
        ended = select(calls).where(calls.c.status != CallStatus.INTENT.value)
        for rows in self._chunks(ended.order_by(calls.c.started_at, calls.c.id)):
            yield [(MODEL_CALL, usage_event(row)) for row in rows]
        for rows in self._chunks(select(tool_uses).order_by(tool_uses.c.started_at, tool_uses.c.id)):
            yield [(TOOL_CALL, tool_event(row)) for row in rows]
        for rows in self._chunks(select(sign_ins).order_by(sign_ins.c.at, sign_ins.c.id)):
            yield [(SIGN_IN, sign_in_event(row)) for row in rows]
        made = select(routing_decisions).order_by(routing_decisions.c.decided_at, routing_decisions.c.id)
        for rows in self._chunks(made):
            yield [(ROUTING_DECISION, decision_event(decision_of(row), row.turn_id)) for row in rows]
        shown = select(routing_feedback).order_by(routing_feedback.c.at, routing_feedback.c.id)
        for rows in self._chunks(shown):
            yield [(ROUTING_FEEDBACK, feedback_event(feedback_of(row))) for row in rows]
        for rows in self._chunks(select(users.c.id).where(users.c.forgotten_at.is_not(None)).order_by(users.c.id)):
            yield [
                (PERSON_FORGOTTEN, {"event_id": new_id(), "user_id": row.id, "policy": forgotten.value}) for row in rows
            ]

    def _chunks(self, query: Any) -> Iterator[Sequence[Any]]:
        streamed = self._connection.execution_options(yield_per=_CHUNK).execute(query)
        yield from streamed.partitions()


@contextmanager
def books(database: Database) -> Iterator[Books]:
    """Of one moment, on PostgreSQL too: what is booked while they are read is not among them, and goes on to wait."""
    with database.moment() as connection:
        yield Books(waiting(connection), connection)
