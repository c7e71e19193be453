"""The books of model calls: an intent before, an outcome and a usage event after."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, update

from data.store.database import Database
from data.store.outbox import MODEL_CALL, post
from data.store.rows import OUTCOME_COLUMNS, intent_row, outcome_columns, usage_event
from data.store.tables import calls
from data.values.calls import CallIntent, CallOutcome, CallStatus


class Calls:
    """Calls that belong to no turn, such as those of the HTTP API; a turn books its own (`Turns`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intend(self, intent: CallIntent) -> Future[None]:
        """Book a call that is about to be made; wait for the future before opening a key."""
        return self._database.submit(lambda connection: book(connection, intent, str(self._database.owner)))

    def conclude(self, call_id: str, outcome: CallOutcome) -> Future[None]:
        """Book how a call ended, together with its usage event. Only the first conclusion of a call counts."""
        return self._database.submit(
            lambda connection: settle(connection, call_id, outcome, self._database.clock()),
        )


# Built once: building a statement costs more than running it.
_CONCLUDE = (
    update(calls)
    .where(calls.c.id == bindparam("concluded_id"), calls.c.status == CallStatus.INTENT.value)
    .values({name: bindparam(name) for name in OUTCOME_COLUMNS})
    .returning(calls)
)


def book(connection: Connection, intent: CallIntent, owner: str) -> None:
    """Insert an intent in the caller's transaction."""
    connection.execute(insert(calls), intent_row(intent, owner))


def settle(connection: Connection, call_id: str, outcome: CallOutcome, now: datetime) -> None:
    """Conclude a call and post its usage event in the caller's transaction; does nothing for a concluded call."""
    row = connection.execute(_CONCLUDE, {"concluded_id": call_id, **outcome_columns(outcome)}).one_or_none()
    if row is not None:
        post(connection, MODEL_CALL, usage_event(row), now)
