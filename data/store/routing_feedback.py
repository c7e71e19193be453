"""What people showed of answers, as rows, events and increments. In the caller's transaction.

Of one kind of feedback on one answer the last one counts, by its own time: so two that come at once, or in the wrong
order, come to the same as if they had come one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from data.store.columns import insert_new
from data.store.outbox import ROUTING_FEEDBACK, post
from data.store.routing_counting import last_reset, since_reset
from data.store.routing_decisions import decision_of, task_of
from data.store.routing_tallies import add, as_json, from_json
from data.store.tables import conversations, routing_decisions, turns
from data.store.tables import routing_feedback as table
from data.values.counting import Counting
from data.values.errors import NotFound
from data.values.routing import Decision, Feedback, Reason, Signal

COUNTS = table.c.replaced_by.is_(None)

_REASONS = frozenset(map(str, Reason))
_THUMBS = frozenset({Signal.THUMB_UP, Signal.THUMB_DOWN, Signal.THUMB_TAKEN_BACK})
_COMPARED = frozenset({Signal.WON, Signal.LOST, Signal.TIED})


def keep_feedback(connection: Connection, counting: Counting | None, feedback: Feedback, now: datetime) -> bool:
    """Insert, tell the warehouse, and count; False, and nothing done, for one that is there already.

    Raises:
        NotFound: the turn is not the person's.
    """
    if connection.execute(select(table.c.id).where(table.c.id == feedback.id)).first() is not None:
        return False
    decision = _subject(connection, feedback)
    adds = counting.feedback(feedback, decision) if counting else {}
    before = connection.execute(_of_its_kind(feedback)).one_or_none()
    came_late = before is not None and (before.at, before.id) > (feedback.at, feedback.id)
    row = _row(feedback) | {"adds": as_json(adds), "replaced_by": before.id if before and came_late else None}
    if before is not None and not came_late:
        connection.execute(update(table).where(table.c.id == before.id).values(replaced_by=feedback.id))
    insert_new(connection, table, row, key=["id"])
    post(connection, ROUTING_FEEDBACK, feedback_event(feedback), now)
    if came_late:
        return True
    reset = last_reset(connection, feedback.user_id)
    if before is not None:
        taken = {key: -tally for key, tally in from_json(before.adds).items()}
        add(connection, since_reset(taken, before.at, reset))
    add(connection, since_reset(adds, feedback.at, reset))
    return True


def feedback_of(row: Row[Any]) -> Feedback:
    """A row of `routing_feedback`."""
    return Feedback(
        id=row.id,
        user_id=row.user_id,
        turn_id=row.turn_id,
        model_id=row.model_id,
        task=task_of(row.task),
        signal=Signal(row.signal),
        at=row.at,
        decision_id=row.decision_id,
        against=tuple(row.against),
        reason=Reason(row.reason) if row.reason in _REASONS else None,
        words=row.words,
    )


def counted_feedback() -> Select[Any]:
    """All that counts, of signals that this release knows."""
    return select(table).where(COUNTS, table.c.signal.in_([signal.value for signal in Signal]))


def of_turns(connection: Connection, user_id: str, turn_ids: Sequence[str]) -> list[Feedback]:
    """What a person showed of the answers of these turns and counts, the oldest first."""
    query = counted_feedback().where(table.c.turn_id.in_(turn_ids), table.c.user_id == user_id)
    return [feedback_of(row) for row in connection.execute(query.order_by(table.c.at, table.c.id))]


def _subject(connection: Connection, feedback: Feedback) -> Decision | None:
    """The decision that it is about, if there is one."""
    of_turn = select(conversations.c.user_id).join(turns, turns.c.conversation_id == conversations.c.id)
    owner = connection.execute(of_turn.where(turns.c.id == feedback.turn_id)).scalar_one_or_none()
    if owner != feedback.user_id:
        raise NotFound("There is no such answer.", "It may have been deleted; reload the page.")
    if feedback.decision_id is None:
        return None
    theirs = (routing_decisions.c.id == feedback.decision_id) & (routing_decisions.c.turn_id == feedback.turn_id)
    row = connection.execute(select(routing_decisions).where(theirs)).one_or_none()
    if row is None:
        raise NotFound("There is no such choice of a model.", "Reload the page.")
    return decision_of(row)


def _of_its_kind(feedback: Feedback) -> Select[Any]:
    same = (table.c.turn_id == feedback.turn_id) & (table.c.model_id == feedback.model_id)
    return select(table).where(same, table.c.kind == _kind(feedback.signal), COUNTS)


def _kind(signal: Signal) -> str:
    if signal in _THUMBS:
        return "thumb"
    return "compared" if signal in _COMPARED else signal.value


def _row(feedback: Feedback) -> dict[str, Any]:
    return {
        "id": feedback.id,
        "user_id": feedback.user_id,
        "turn_id": feedback.turn_id,
        "decision_id": feedback.decision_id,
        "model_id": feedback.model_id,
        "task": feedback.task.value,
        "signal": feedback.signal.value,
        "kind": _kind(feedback.signal),
        "against": list(feedback.against),
        "reason": feedback.reason.value if feedback.reason else None,
        "words": feedback.words,
        "at": feedback.at,
    }


def feedback_event(feedback: Feedback) -> dict[str, Any]:
    """For the warehouse: never the person's own words."""
    kept = ("user_id", "turn_id", "decision_id", "model_id", "task", "signal", "reason")
    row = _row(feedback)
    told = {"event_id": feedback.id, "ts": feedback.at.astimezone(UTC).isoformat(), "against": row["against"]}
    return told | {name: row[name] for name in kept}
