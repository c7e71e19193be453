"""Taking over what dead processes left behind: turns become interrupted, their calls unknown with estimated usage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from data.store.calls import settle
from data.store.database import Database
from data.store.lease import LEASE, OwnerId, is_dead, is_gone
from data.store.tables import calls, messages, turns
from data.values.calls import CHAT, CallOutcome, CallStatus, TokenUsage
from data.values.messages import MessageStatus
from data.values.open_calls import closed
from data.values.parts import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart, unfolded
from data.values.wire import parts_from_wire, parts_to_wire

RUNNING = "running"
"""State of a turn that has not ended; an ended one has its reply's status."""

NO_CALL = ""
"""Stands for the last call of a turn that has made none yet: the column takes no NULL."""

CHARS_PER_TOKEN = 4
"""Rule of thumb for English text with current tokenizers (OpenAI's own advice); such counts are marked estimated."""

_NOT_DONE = "Gearbox was ended before it was done."

ORPHAN_AGE = timedelta(hours=1)
"""When a call outside a turn counts as lost, if its process can't be looked at. No call takes this long."""


def running_turns(connection: Connection, conversation_id: str | None = None) -> list[Row[Any]]:
    """Turns that have not ended: of one conversation, or all."""
    query = select(turns).where(turns.c.state == RUNNING)
    if conversation_id is not None:
        query = query.where(turns.c.conversation_id == conversation_id)
    return list(connection.execute(query))


def dead_turns(connection: Connection, me: OwnerId, now: datetime) -> list[Row[Any]]:
    """Turns that have not ended and never will."""
    return [row for row in running_turns(connection) if owner_is_dead(row, me, now)]


def owner_is_dead(turn: Row[Any], me: OwnerId, now: datetime) -> bool:
    """Whether the process of a running turn is gone, or its lease ran out."""
    return is_dead(OwnerId.parse(turn.owner), turn.lease_until, me, now)


def interrupt(connection: Connection, database: Database, turn: Row[Any], now: datetime) -> None:
    """End a dead turn in the caller's transaction: its text stays, its call is booked as unknown."""
    still_running = (turns.c.id == turn.id) & (turns.c.state == RUNNING)
    ended = {"state": MessageStatus.INTERRUPTED.value, "ended_at": now}
    if not connection.execute(update(turns).where(still_running).values(ended)).rowcount:
        return
    reply = messages.c.id == turn.message_id
    written = parts_from_wire(connection.execute(select(messages.c.parts).where(reply)).scalar_one())
    shown: dict[str, Any] = {"status": MessageStatus.INTERRUPTED.value}
    if (parts := closed(written, _NOT_DONE)) != written:
        shown["parts"] = parts_to_wire(parts)
    connection.execute(update(messages).where(reply).values(shown))
    last_seen = turn.lease_until - LEASE
    latency = max(0.0, (last_seen - turn.started_at).total_seconds() * 1000)
    open_call = (calls.c.id == turn.call_id) & (calls.c.status == CallStatus.INTENT.value)
    columns = select(calls.c.provider, calls.c.model, calls.c.modality)
    call = connection.execute(columns.where(open_call)).one_or_none()
    if call is None:  # it was ended between two calls, or before the first
        return
    if call.modality != CHAT:  # what a picture takes does not follow from the text
        settle_lost(connection, database, turn.call_id, now)
        return
    usage = _estimated(connection, turn)
    cost = database.cost_of_lost(call.provider, call.model, usage)
    outcome = CallOutcome(CallStatus.UNKNOWN, latency, usage=usage, cost=cost)
    settle(connection, database, turn.call_id, outcome, now)


def dead_calls(connection: Connection, me: OwnerId, now: datetime) -> list[str]:
    """Calls without an outcome that no running turn will give one, and whose process is gone."""
    in_turn = exists().where(turns.c.call_id == calls.c.id, turns.c.state == RUNNING)
    query = select(calls.c.id, calls.c.owner, calls.c.started_at)
    rows = connection.execute(query.where(calls.c.status == CallStatus.INTENT.value, ~in_turn))
    return [row.id for row in rows if _is_lost(row.owner, row.started_at, me, now)]


def settle_lost(connection: Connection, database: Database, call_id: str, now: datetime) -> None:
    """Book a lost call outside a turn as unknown. Nothing of its answer was stored, so its usage is unknown too."""
    settle(connection, database, call_id, CallOutcome(CallStatus.UNKNOWN, latency_ms=0.0), now)


def _is_lost(owner: str | None, started_at: datetime, me: OwnerId, now: datetime) -> bool:
    is_old = started_at + ORPHAN_AGE <= now
    if owner is None:  # written by the release before migration 0002
        return is_old
    process = OwnerId.parse(owner)
    return process != me and (is_gone(process, me) or is_old)


def _estimated(connection: Connection, turn: Row[Any]) -> TokenUsage:
    """Tokens from the stored text: the conversation up to the call went in, what it wrote came out."""
    reply = connection.execute(select(messages).where(messages.c.id == turn.message_id)).one()
    before = select(messages.c.parts).where(
        messages.c.conversation_id == turn.conversation_id,
        messages.c.seq < reply.seq,
        messages.c.superseded_by.is_(None),
    )
    written = unfolded(parts_from_wire(reply.parts))
    results = [place for place, part in enumerate(written, start=1) if isinstance(part, ToolResultPart)]
    of_call = max(results, default=0)  # what stands before is of the rounds before, and was sent with it
    sent = sum(_chars(parts_from_wire(row.parts)) for row in connection.execute(before)) + _chars(written[:of_call])
    return TokenUsage(_tokens(sent), _tokens(_chars(written[of_call:])), estimated=True)


def _chars(parts: tuple[Part, ...]) -> int:
    count = 0
    for part in unfolded(parts):
        match part:
            case TextPart(text) | ReasoningPart(text):
                count += len(text)
            case ToolCallPart():
                count += len(part.name) + len(part.arguments)
            case ToolResultPart():
                count += _chars(part.parts)
            case _:
                pass
    return count


def _tokens(chars: int) -> int:
    return -(-chars // CHARS_PER_TOKEN)
