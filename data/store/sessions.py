"""Browsers that are signed in. Rows are named by a hash of what the browser holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update

from data.store.activity import book_sign_in
from data.store.database import Database
from data.store.origins import origin_id
from data.store.people import person_with_teams
from data.store.replies import new_id
from data.store.tables import origins, sessions, users
from data.values.audit import AuditEvent
from data.values.people import Person, Session


class Sessions:
    """Blocking, but for `touch`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: Session, *events: AuditEvent) -> None:
        """Keep a new session, with its events; one that is there already is left as it is."""

        def work(connection: Connection) -> None:
            if connection.execute(select(sessions.c.id).where(sessions.c.id == session.id)).first() is not None:
                return
            row = {
                "id": session.id,
                "user_id": session.user_id,
                "mode": session.mode,
                "created_at": session.created_at,
                "last_seen_at": session.last_seen_at,
                "expires_at": session.expires_at,
                "origin_id": origin_id(connection, session.address, session.created_at) if session.address else None,
                "user_agent": session.user_agent,
            }
            connection.execute(insert(sessions).values(row))
            seen = {"last_seen_at": session.last_seen_at}
            connection.execute(update(users).where(users.c.id == session.user_id).values(seen))
            # Not the session's id: the books outlive it, and a hash of a credential is nobody's business there.
            book_sign_in(connection, new_id(), session.user_id, session.mode, session.created_at)
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def find(self, session_id: str) -> tuple[Session, Person] | None:
        """A session with its person, at one moment."""
        with self._database.read() as connection:
            row = connection.execute(_sessions().where(sessions.c.id == session_id)).first()
            person = None if row is None else person_with_teams(connection, row.user_id)
        return None if row is None or person is None else (_session(row), person)

    def of(self, user_id: str | None, now: datetime) -> list[Session]:
        """The person's sessions that go on, or everybody's, the last used first."""
        query = _sessions().where(sessions.c.revoked_at.is_(None), sessions.c.expires_at > now)
        if user_id is not None:
            query = query.where(sessions.c.user_id == user_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(sessions.c.last_seen_at.desc(), sessions.c.id))
            return [_session(row) for row in rows]

    def revoke(self, user_id: str, at: datetime, *events: AuditEvent, only: str = "", but: str = "") -> int:
        """End the person's sessions: all, only one, or all but one; with the events, if there was any. How many."""
        mine: ColumnElement[bool] = (sessions.c.user_id == user_id) & sessions.c.revoked_at.is_(None)
        if only:
            mine &= sessions.c.id == only
        if but:
            mine &= sessions.c.id != but

        def work(connection: Connection) -> int:
            ended = connection.execute(update(sessions).where(mine).values(revoked_at=at)).rowcount
            for event in events if ended else ():
                self._database.audit(event)
            return ended

        return self._database.write(work)

    def touch(self, session: Session, at: datetime) -> None:
        """Note that a session is in use; returns before it is written."""

        def work(connection: Connection) -> None:
            connection.execute(update(sessions).where(sessions.c.id == session.id).values(last_seen_at=at))
            connection.execute(update(users).where(users.c.id == session.user_id).values(last_seen_at=at))

        self._database.submit(work)

    def purge(self, before: datetime) -> int:
        """Delete sessions that would have ended before, also by themselves; how many. The audit log keeps who signed in
        when. One that was ended is kept until then: without its row its browser could begin another one."""
        over = sessions.c.expires_at < before
        return self._database.write(lambda connection: connection.execute(delete(sessions).where(over)).rowcount)


def _sessions() -> Select[Any]:
    return select(sessions, origins.c.address).join_from(
        sessions, origins, sessions.c.origin_id == origins.c.id, isouter=True
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        mode=row.mode,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        address=row.address or "",
        user_agent=row.user_agent or "",
    )
