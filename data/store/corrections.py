"""What people say that replies should have held."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, delete, func, select

from data.store.database import Database
from data.store.tables import prompt_corrections as table
from data.values.audit import AuditEvent
from data.values.corrections import Correction
from data.values.plans import Output


class Corrections:
    """One row a correction. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: str) -> list[Correction]:
        """Those of a person, the oldest first. A kind of content that this release does not know is left out."""
        known = {output.value for output in Output}
        query = (
            select(table.c.fingerprint, table.c.outputs, table.c.created_at)
            .where(table.c.user_id == user_id)
            .order_by(table.c.created_at, table.c.id)
        )
        with self._database.read() as connection:
            return [
                Correction(row.fingerprint, frozenset(map(Output, known.intersection(row.outputs))), row.created_at)
                for row in connection.execute(query)
            ]

    def add(self, user_id: str, correction: Correction, event: AuditEvent, *, most: int) -> None:
        """Keep one with the event that tells of it; it takes the place of one of the same prompt.

        Args:
            most: are kept of a person, the newest.
        """

        def work(connection: Connection) -> None:
            mine = table.c.user_id == user_id
            connection.execute(delete(table).where(mine, table.c.fingerprint == correction.fingerprint))
            row = {
                "id": uuid.uuid4().hex,
                "user_id": user_id,
                "fingerprint": correction.fingerprint,
                "outputs": sorted(correction.outputs),
                "created_at": correction.at,
            }
            connection.execute(table.insert().values(row))
            kept = select(table.c.id).where(mine).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(most)
            connection.execute(delete(table).where(mine, table.c.id.not_in(kept.scalar_subquery())))
            self._database.audit(event)

        self._database.write(work)

    def clear(self, user_id: str, event: AuditEvent) -> None:
        """Delete all of a person."""

        def work(connection: Connection) -> None:
            connection.execute(delete(table).where(table.c.user_id == user_id))
            self._database.audit(event)

        self._database.write(work)

    def count(self, user_id: str) -> int:
        """How many a person has."""
        query = select(func.count()).select_from(table).where(table.c.user_id == user_id)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())
