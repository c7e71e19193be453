"""Legal holds: placed, released, and what only they kept removed when they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from data.store.database import Database
from data.store.held_material import HeldMaterial
from data.store.holding import held, keep_placing_off, wait_for_destroyers
from data.store.routing_counting import forget_conversation
from data.store.tables import conversations, held_versions, hold_people, team_members, teams, users
from data.store.tables import holds as table
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound
from data.values.holds import Held, Hold, HoldScope, Purged

_AT_ONCE = 50
"""Conversations removed in one transaction: no turn waits for it for long."""

_PEOPLE = select(func.count()).where(hold_people.c.hold_id == table.c.id).correlate(table).scalar_subquery()


class Holds:
    """Blocking. Changes come with the event that tells of them, or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.material = HeldMaterial(database)
        """What is handed out of those who are held."""

    def all(self) -> list[Hold]:
        """Those that hold first, then by when they were placed, the newest first."""
        with self._database.read() as connection:
            found = [_of(row) for row in connection.execute(_query().order_by(table.c.placed_at.desc(), table.c.id))]
        return sorted(found, key=lambda hold: not hold.is_open)

    def find(self, hold_id: str) -> Hold:
        """One of them. Raises NotFound."""
        with self._database.read() as connection:
            return _found(connection, hold_id)

    def on(self, user_id: str) -> list[Hold]:
        """The holds that are on a person now."""
        named = select(hold_people.c.hold_id).where(hold_people.c.user_id == user_id)
        theirs = (table.c.scope == HoldScope.EVERYBODY.value) | table.c.id.in_(named)
        query = _query().where(table.c.released_at.is_(None), theirs).order_by(table.c.placed_at)
        with self._database.read() as connection:
            return [_of(row) for row in connection.execute(query)]

    def held(self) -> Held:
        """Whose data is held now."""
        is_open = table.c.released_at.is_(None)
        named = select(hold_people.c.user_id).join(table, table.c.id == hold_people.c.hold_id).where(is_open)
        with self._database.read() as connection:
            rows = connection.execute(select(table.c.scope, table.c.subject_id).where(is_open)).all()
            people = frozenset(connection.execute(named).scalars()) if rows else frozenset()
        held_teams = frozenset(row.subject_id for row in rows if row.scope == HoldScope.TEAM.value)
        return Held(any(row.scope == HoldScope.EVERYBODY.value for row in rows), people, held_teams)

    def people_of(self, hold_id: str) -> list[str]:
        """The ids of whom a hold is on; on everybody: of all who were not forgotten. Raises NotFound."""
        with self._database.read() as connection:
            if _found(connection, hold_id).scope is HoldScope.EVERYBODY:
                query = select(users.c.id).where(users.c.forgotten_at.is_(None)).order_by(users.c.id)
            else:
                query = select(hold_people.c.user_id).where(hold_people.c.hold_id == hold_id)
            return sorted(connection.execute(query).scalars())

    def place(self, hold: Hold, event: AuditEvent) -> Hold:
        """From now on nothing of theirs is destroyed.

        Raises:
            NotFound: there is no such person or team, or the person was forgotten.
            Conflict: the same matter holds them already.
        """

        def work(connection: Connection) -> Hold:
            wait_for_destroyers(connection)
            people = _subjects(connection, hold)
            same = (table.c.scope == hold.scope.value) & (table.c.subject_id == hold.subject_id)
            again = same & (table.c.matter == hold.matter) & table.c.released_at.is_(None)
            if connection.execute(select(table.c.id).where(again)).first() is not None:
                raise Conflict("This matter holds them already.", "Name another matter, or leave it as it is.")
            connection.execute(insert(table), _row(hold))
            rows = [{"hold_id": hold.id, "user_id": each, "since": hold.placed_at} for each in people]
            if rows:
                connection.execute(insert(hold_people), rows)
            self._database.audit(event)
            return replace(hold, people=len(rows))

        return self._database.write(work)

    def release(self, hold_id: str, by: str, at: datetime, event: AuditEvent) -> Hold:
        """Let go. What only waited for it is removed by `purge`. Raises NotFound, or Conflict where it was released."""

        def work(connection: Connection) -> Hold:
            found = _found(connection, hold_id)
            if not found.is_open:
                raise Conflict("This hold was released already.")
            connection.execute(update(table).where(table.c.id == hold_id).values(released_by=by, released_at=at))
            self._database.audit(event)
            return replace(found, released_by=by, released_at=at)

        return self._database.write(work)

    def purge(self, told: Callable[[Purged], AuditEvent]) -> Purged:
        """Remove what people have deleted while they were held, and are not any more; a few at a time.

        Args:
            told: makes the event that tells of so many.
        """

        def work(connection: Connection) -> Purged:
            if gone := _purge_some(connection):
                self._database.audit(told(gone))
            return gone

        done = Purged()
        while some := self._database.write(work):
            done += some
            if some.conversations < _AT_ONCE:
                break
        return done

    def waiting(self, user_ids: Iterable[str] | None = None) -> Purged:
        """What is kept only because of holds: of everybody, or of these people."""
        whose = None if user_ids is None else list(user_ids)
        with self._database.read() as connection:
            hidden = select(func.count()).select_from(conversations).where(conversations.c.deleted_by.is_not(None))
            versions = select(func.count()).select_from(held_versions)
            if whose is not None:
                hidden = hidden.where(conversations.c.deleted_by.in_(whose))
                versions = versions.where(held_versions.c.user_id.in_(whose))
            return Purged(connection.execute(hidden).scalar_one(), connection.execute(versions).scalar_one())


def _purge_some(connection: Connection) -> Purged:
    keep_placing_off(connection)
    over = select(conversations.c.id).where(conversations.c.deleted_by.is_not(None), ~held(conversations.c.deleted_by))
    gone = connection.execute(over.limit(_AT_ONCE)).scalars().all()
    for conversation_id in gone:
        forget_conversation(connection, conversation_id)
    if gone:
        connection.execute(delete(conversations).where(conversations.c.id.in_(gone)))
    earlier = connection.execute(delete(held_versions).where(~held(held_versions.c.user_id))).rowcount
    return Purged(len(gone), earlier)


def _subjects(connection: Connection, hold: Hold) -> Sequence[str]:
    """Whom a new hold names one by one."""
    here, known = hold.subject_id, users.c.forgotten_at.is_(None)
    match hold.scope:
        case HoldScope.EVERYBODY:
            return ()
        case HoldScope.PERSON:
            if connection.execute(select(users.c.id).where(users.c.id == here, known)).first() is None:
                raise NotFound("There is no such person.", "People are known once they have signed in.")
            return (here,)
        case HoldScope.TEAM:
            # Locked: who joins meanwhile waits, and finds the hold.
            if connection.execute(select(teams.c.id).where(teams.c.id == here).with_for_update()).first() is None:
                raise NotFound("There is no such team.")
            members = select(team_members.c.user_id).where(team_members.c.team_id == here)
            return connection.execute(members).scalars().all()


def _query() -> Select[Any]:
    return select(table, _PEOPLE.label("people"))


def _found(connection: Connection, hold_id: str) -> Hold:
    row = connection.execute(_query().where(table.c.id == hold_id)).first()
    if row is None:
        raise NotFound("There is no such hold.")
    return _of(row)


def _of(row: Row[Any]) -> Hold:
    return Hold(**row._asdict() | {"scope": HoldScope(row.scope)})


def _row(hold: Hold) -> dict[str, Any]:
    names = ("id", "subject_id", "matter", "reason", "placed_by", "placed_at")
    return {name: getattr(hold, name) for name in names} | {"scope": hold.scope.value}
