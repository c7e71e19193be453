"""Questions that analysts keep, for themselves or for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from data.store.database import Database
from data.store.holding import keep_version
from data.store.tables import saved_queries as table
from data.values.errors import Conflict, NotFound
from data.values.holds import Earlier
from data.values.saved_queries import QueryKind, SavedQuery


class SavedQueries:
    """One row a question. Blocking. Only its owner can change or delete one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen_by(self, user_id: str) -> Sequence[SavedQuery]:
        """A person's own, and those that others share; by title."""
        query = select(table).where(or_(table.c.user_id == user_id, table.c.is_shared))
        with self._database.read() as connection:
            found = [_of(row) for row in connection.execute(query) if row.kind in set(QueryKind)]
        return sorted(found, key=lambda each: (each.title.casefold(), each.id))

    def find(self, user_id: str, query_id: str) -> SavedQuery:
        """One that a person may see. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == query_id)).first()
        if row is None or row.kind not in set(QueryKind) or not (row.is_shared or row.user_id == user_id):
            raise _missing()
        return _of(row)

    def add(self, query: SavedQuery, *, most: int) -> None:
        """Keep one. Raises Conflict where the person has `most` already."""

        def work(connection: Connection) -> None:
            mine = select(func.count()).select_from(table).where(table.c.user_id == query.user_id)
            if connection.execute(mine).scalar_one() >= most:
                raise Conflict(f"You keep {most} questions already.", "Delete one that you don't need.")
            connection.execute(insert(table).values(asdict(query) | {"kind": query.kind.value}))

        self._database.write(work)

    def change(self, user_id: str, query_id: str, at: datetime, **values: str | bool | None) -> None:
        """Set columns of one's own. Raises NotFound."""

        def work(connection: Connection) -> None:
            here = (table.c.id == query_id) & (table.c.user_id == user_id)
            _keep(connection, here, user_id, query_id, at)
            if not connection.execute(update(table).where(here).values(**values, updated_at=at)).rowcount:
                raise _missing()

        self._database.write(work)

    def remove(self, user_id: str, query_id: str) -> None:
        """Delete one's own. Raises NotFound."""

        def work(connection: Connection) -> None:
            here = (table.c.id == query_id) & (table.c.user_id == user_id)
            _keep(connection, here, user_id, query_id, self._database.clock())
            if not connection.execute(delete(table).where(here)).rowcount:
                raise _missing()

        self._database.write(work)


def _of(row: Row[Any]) -> SavedQuery:
    values = row._asdict()
    return SavedQuery(**values | {"kind": QueryKind(row.kind), "is_shared": bool(row.is_shared)})


def _keep(connection: Connection, here: ColumnElement[bool], user_id: str, query_id: str, now: datetime) -> None:
    """Before it is changed or deleted: what it was, where its owner is held."""
    row = connection.execute(select(table).where(here)).first()
    if row is not None:
        body = {"title": row.title, "kind": row.kind, "body": row.body, "chart": row.chart}
        keep_version(connection, user_id, Earlier.SAVED_QUERY, query_id, body, until=now)


def _missing() -> NotFound:
    return NotFound("There is no such question.", "It was deleted, or is no longer shared.")
