"""What events add to the tallies, and from when on that counts for a person. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from data.store.replies import new_id
from data.store.routing_decisions import IN_FORCE, task_of
from data.store.routing_tallies import add, forget_scope
from data.store.tables import calls, routing_decisions, routing_feedback, routing_resets, turns
from data.values.actor import Surface
from data.values.calls import CHAT, CacheUse, CallStatus, ErrorKind
from data.values.counting import Counting, FinishedCall
from data.values.routing import Level, Tallies
from data.values.tasks import Task

# Built once: building a statement costs more than running it.
_ABOUT = select(routing_decisions.c.tasks, routing_decisions.c.team_ids).where(
    routing_decisions.c.turn_id == bindparam("of_turn"), IN_FORCE
)
_LATEST = select(func.max(routing_resets.c.at)).where(routing_resets.c.user_id == bindparam("of_person"))


def count_call(connection: Connection, counting: Counting | None, row: Row[Any]) -> None:
    """Add what a call that has just ended shows of its model; `row` is of `calls`."""
    if counting is None or row.modality != CHAT or row.is_test or row.cache == CacheUse.HIT.value:
        return
    if row.turn_id is None and row.surface == Surface.CHAT.value:  # a question beside an answer
        return
    decided = connection.execute(_ABOUT, {"of_turn": row.turn_id or row.id}).one_or_none()
    call = finished(row, decided.tasks if decided else None, decided.team_ids if decided else ())
    add(connection, since_reset(counting.call(call), call.at, last_reset(connection, call.user_id)))


def ended_calls() -> Select[Any]:
    """All calls that `count_call` counts, each with what its decision says it is about."""
    turn = func.coalesce(calls.c.turn_id, calls.c.id)
    return (
        select(
            *(calls.c[name] for name in ("id", "user_id", "provider", "model", "task", "started_at", "status")),
            *(calls.c[name] for name in ("error_kind", "cost_amount", "cost_currency", "latency_ms")),
            routing_decisions.c.tasks,
            routing_decisions.c.team_ids,
        )
        .outerjoin(routing_decisions, (routing_decisions.c.turn_id == turn) & IN_FORCE)
        .where(
            calls.c.modality == CHAT,
            calls.c.status != CallStatus.INTENT.value,
            func.coalesce(calls.c.is_test, False).is_(False),
            func.coalesce(calls.c.cache, "") != CacheUse.HIT.value,
            calls.c.turn_id.is_not(None) | (calls.c.surface != Surface.CHAT.value),
        )
    )


def finished(row: Row[Any], tasks: Mapping[str, float] | None, team_ids: tuple[str, ...] | None) -> FinishedCall:
    """A row of `calls` as an event; without a decision its task is the one it was booked with."""
    shares: dict[Task, float] = {task_of(name): share for name, share in (tasks or {}).items()}
    return FinishedCall(
        id=row.id,
        user_id=row.user_id,
        model_id=f"{row.provider}/{row.model}",
        at=row.started_at,
        status=CallStatus(row.status),
        tasks=shares or {task_of(row.task): 1.0},
        team_ids=tuple(team_ids or ()),
        error_kind=ErrorKind(row.error_kind) if row.error_kind else None,
        cost=row.cost_amount if row.cost_currency == "USD" else None,
        seconds=None if row.latency_ms is None else row.latency_ms / 1000,
    )


def last_reset(connection: Connection, user_id: str) -> datetime | None:
    """When a person last said that what was learned of them is to be forgotten."""
    return connection.execute(_LATEST, {"of_person": user_id}).scalar()


def since_reset(adds: Tallies, at: datetime, reset: datetime | None) -> Tallies:
    """What an event of this moment adds: to a person's own experience only if it came after their reset."""
    if reset is None or at > reset:
        return adds
    return {key: tally for key, tally in adds.items() if key.level is not Level.USER}


def reset(connection: Connection, user_id: str, now: datetime) -> None:
    """From now on nothing of what was before counts for the person: the events stay, what they came to goes.

    Later than everything that was counted so far, whatever the clocks of other machines say: what is counted after this
    and is from before it must be told apart from that by its time alone.
    """
    of_calls = select(func.max(calls.c.started_at)).where(calls.c.user_id == user_id)
    of_feedback = select(func.max(routing_feedback.c.at)).where(routing_feedback.c.user_id == user_id)
    known = [connection.execute(query).scalar() for query in (of_calls, of_feedback)]
    at = max([now, *(each for each in known if each is not None)])
    connection.execute(insert(routing_resets), {"id": new_id(), "user_id": user_id, "at": at})
    forget_scope(connection, Level.USER, user_id)


def forget_choices(connection: Connection, user_id: str, now: datetime) -> None:
    """Forget a person: their own experience, what tells of their prompts, and their words."""
    reset(connection, user_id, now)
    decided, shown = routing_decisions, routing_feedback
    connection.execute(update(decided).where(decided.c.user_id == user_id).values(fingerprint=""))
    connection.execute(update(shown).where(shown.c.user_id == user_id).values(words=""))


def forget_conversation(connection: Connection, conversation_id: str) -> None:
    """Before a conversation is deleted: what tells of its prompts goes, and what was said of its answers."""
    forget_fingerprints(connection, conversation_id)
    its = select(turns.c.id).where(turns.c.conversation_id == conversation_id)
    shown = routing_feedback
    connection.execute(update(shown).where(shown.c.turn_id.in_(its)).values(words=""))


def forget_fingerprints(connection: Connection, conversation_id: str) -> None:
    """From now on its prompts are not what a person used models for."""
    its = select(turns.c.id).where(turns.c.conversation_id == conversation_id)
    decided = routing_decisions
    connection.execute(update(decided).where(decided.c.turn_id.in_(its)).values(fingerprint=""))
