"""What a legal hold keeps from being destroyed: asked, and done, in the transaction that would destroy it.

Nothing here tells the person: what they delete is gone for them at once, held or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, literal, or_, select, text, update

from data.store.columns import insert_new
from data.store.replies import new_id
from data.store.routing_counting import forget_fingerprints
from data.store.tables import comparison_sides, conversations, held_versions, hold_people, holds
from data.values.holds import Earlier, HoldScope

_OPEN = holds.c.released_at.is_(None)

# Advisory locks: the transaction has them to its end. Many destroy at a time, nobody while a hold is placed.
_KEY = 0x484F4C44
_DESTROYS = text("SELECT pg_advisory_xact_lock_shared(:key)")
_PLACES = text("SELECT pg_advisory_xact_lock(:key)")

NOBODY = ""
"""Whose a conversation is that a person who is held has deleted."""


def held(user_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether there is a hold on the person with this id, as a condition."""
    everybody = exists().where(_OPEN, holds.c.scope == HoldScope.EVERYBODY.value)
    named = exists().where(_OPEN, hold_people.c.hold_id == holds.c.id, hold_people.c.user_id == user_id)
    return or_(everybody, named)


def is_held(connection: Connection, user_id: str) -> bool:
    """Whether there is a hold on this person now, and until the transaction ends."""
    keep_placing_off(connection)
    return bool(connection.execute(select(held(literal(user_id)))).scalar())


def keep_placing_off(connection: Connection) -> None:
    """Before something is destroyed because nobody holds it: nobody can begin to until the transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(_DESTROYS, {"key": _KEY})


def wait_for_destroyers(connection: Connection) -> None:
    """Before a hold is placed: whoever found nobody held is done when this returns, others will find the hold."""
    if connection.dialect.name == "postgresql":
        connection.execute(_PLACES, {"key": _KEY})


def keep_version(
    connection: Connection, user_id: str, kind: Earlier, subject_id: str, body: Mapping[str, Any], *, until: datetime
) -> None:
    """Before something of a person's is overwritten or deleted: keep it as it is, if they are held.

    Args:
        body: fits into JSON.
    """
    if is_held(connection, user_id):
        row = {"user_id": user_id, "kind": kind.value, "subject_id": subject_id, "body": dict(body), "until": until}
        connection.execute(insert(held_versions), {"id": new_id(), **row})


def withhold(connection: Connection, which: ColumnElement[bool], user_id: str, now: datetime) -> None:
    """Make conversations of a person nobody's: to every query they are gone, and all of them is still there.

    What else goes with a conversation that is deleted goes here, too: a comparison no longer has it as a side, and
    fingerprints of its prompts, which hold no words, move no choice of a model any more.
    """
    ids = (
        connection.execute(select(conversations.c.id).where(which, conversations.c.user_id == user_id)).scalars().all()
    )
    its = comparison_sides.c.conversation_id.in_(ids)
    for side in connection.execute(select(comparison_sides).where(its)).all():
        body = {"sides": {side.conversation_id: side.model_id}}
        keep_version(connection, user_id, Earlier.COMPARISON, side.comparison_id, body, until=now)
    connection.execute(delete(comparison_sides).where(its))
    for conversation_id in ids:
        forget_fingerprints(connection, conversation_id)
    gone = {"user_id": NOBODY, "deleted_by": user_id, "deleted_at": now}
    connection.execute(update(conversations).where(conversations.c.id.in_(ids)).values(gone))


def join_held_team(connection: Connection, team_id: str, user_id: str, now: datetime) -> None:
    """Somebody came into a team: the holds on it are on them, too, from now on."""
    on_team = select(holds.c.id).where(_OPEN, holds.c.scope == HoldScope.TEAM.value, holds.c.subject_id == team_id)
    for hold_id in connection.execute(on_team).scalars().all():
        row = {"hold_id": hold_id, "user_id": user_id, "since": now}
        insert_new(connection, hold_people, row, key=["hold_id", "user_id"])
