"""What became of calls and answers, as the books have it: for whoever compares two groups of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from data.store.database import Database
from data.store.tables import calls, routing_feedback, turns
from data.values.calls import CHAT, CallStatus
from data.values.routing import Signal

_AT_ONCE = 500
"""People in one statement: each is looked up in the index (user_id, started_at), which SQLite would else not use."""
_ENDED = (CallStatus.OK.value, CallStatus.FAILED.value)
_JUDGED = (Signal.THUMB_UP.value, Signal.THUMB_DOWN.value)


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that was answered or failed.

    Args:
        asked: id of the turn that it is of, else of itself: what one asks for at once.
        is_whole: nothing more will be booked for `asked`.
        latency_ms: from start to end; None where that is not known.
        cost: US dollars; None where its price is not known.
    """

    id: str
    user_id: str
    conversation_id: str
    asked: str
    is_whole: bool
    started_at: datetime
    is_chat: bool
    has_failed: bool
    latency_ms: float | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Thumb:
    """A judgement of an answer, also one that was changed later. `started_at` is when the answer's turn began."""

    id: str
    user_id: str
    conversation_id: str
    turn_id: str
    started_at: datetime
    at: datetime
    is_down: bool


class Outcomes:
    """Reads only. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def calls(self, user_ids: Sequence[str], since: datetime) -> list[EndedCall]:
        """Calls of these people that were begun since then, in no order. Tests of connections are none."""
        columns = calls.c
        query = (
            select(
                columns.id,
                columns.user_id,
                columns.conversation_id,
                columns.turn_id,
                columns.started_at,
                columns.modality,
                columns.status,
                columns.latency_ms,
                columns.cost_amount,
                columns.cost_currency,
                turns.c.id.label("turn"),
                turns.c.ended_at,
            )
            .outerjoin_from(calls, turns, turns.c.id == columns.turn_id)
            .where(columns.started_at >= since, columns.status.in_(_ENDED))
            .where(or_(columns.is_test.is_(None), columns.is_test.is_(False)))
        )
        return [
            EndedCall(
                row.id,
                row.user_id,
                row.conversation_id or "",
                row.turn_id or row.id,
                row.turn is None or row.ended_at is not None,
                row.started_at,
                row.modality == CHAT,
                row.status == CallStatus.FAILED.value,
                row.latency_ms,
                row.cost_amount if row.cost_currency == "USD" else None,
            )
            for row in self._of(query, columns.user_id, user_ids)
        ]

    def thumbs(self, user_ids: Sequence[str], since: datetime) -> list[Thumb]:
        """Judgements by these people since then, in no order; those of turns that are gone are left out."""
        query = (
            select(routing_feedback, turns.c.conversation_id, turns.c.started_at)
            .join_from(routing_feedback, turns, turns.c.id == routing_feedback.c.turn_id)
            .where(routing_feedback.c.at >= since, routing_feedback.c.signal.in_(_JUDGED))
        )
        return [
            Thumb(
                row.id,
                row.user_id,
                row.conversation_id,
                row.turn_id,
                row.started_at,
                row.at,
                row.signal == Signal.THUMB_DOWN.value,
            )
            for row in self._of(query, routing_feedback.c.user_id, user_ids)
        ]

    def _of(self, query: Select[Any], column: ColumnElement[Any], user_ids: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        with self._database.read() as connection:
            for start in range(0, len(user_ids), _AT_ONCE):
                some = user_ids[start : start + _AT_ONCE]
                found += connection.execute(query.where(column.in_(some))).all()
        return found
