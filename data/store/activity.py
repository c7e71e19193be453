"""Books of tool calls and sign-ins, each with its event for the warehouse."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from data.store.database import Database
from data.store.outbox import SIGN_IN, TOOL_CALL, post
from data.store.tables import sign_ins, tool_uses
from data.store.teams import first_team
from data.values.tool_calls import EndedToolCall


class Activity:
    """Appends only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tool_ended(self, call: EndedToolCall) -> Future[None]:
        """Book a call of a tool."""
        return self._database.submit(lambda connection: self._book(connection, call))

    def _book(self, connection: Connection, call: EndedToolCall) -> None:
        row = {
            "id": call.id,
            "user_id": call.actor.user_id,
            "team_id": first_team(connection, call.actor.user_id),
            "surface": call.actor.surface.value,
            "conversation_id": call.conversation_id,
            "turn_id": call.turn_id,
            "tool": call.tool,
            "origin": call.origin,
            "effect": call.effect.value,
            "state": call.state.value,
            "started_at": call.started_at,
            "seconds": call.seconds,
        }
        booked = connection.execute(insert(tool_uses).values(row).returning(tool_uses)).one()
        post(connection, TOOL_CALL, tool_event(booked), self._database.clock())


def book_sign_in(connection: Connection, sign_in_id: str, user_id: str, mode: str, at: datetime) -> None:
    """Book that a person came in, in the caller's transaction."""
    row = {"id": sign_in_id, "user_id": user_id, "team_id": first_team(connection, user_id), "mode": mode, "at": at}
    booked = connection.execute(insert(sign_ins).values(row).returning(sign_ins)).one()
    post(connection, SIGN_IN, sign_in_event(booked), at)


def tool_event(row: Row[Any]) -> dict[str, Any]:
    """The outbox payload of a row of `tool_uses`."""
    return {
        "event_id": row.id,
        "ts": row.started_at.astimezone(UTC).isoformat(),
        "user_id": row.user_id,
        "team_id": row.team_id,
        "surface": row.surface,
        "conversation_id": row.conversation_id,
        "turn_id": row.turn_id,
        "tool": row.tool,
        "origin": row.origin,
        "effect": row.effect,
        "status": row.state,
        "latency_ms": None if row.seconds is None else row.seconds * 1000,
    }


def sign_in_event(row: Row[Any]) -> dict[str, Any]:
    """The outbox payload of a row of `sign_ins`."""
    return {
        "event_id": row.id,
        "ts": row.at.astimezone(UTC).isoformat(),
        "user_id": row.user_id,
        "team_id": row.team_id,
        "mode": row.mode,
    }
