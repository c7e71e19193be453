"""How often it went wrong lately, by account and by address; shared by all processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import attempts
from data.values.audit import AuditEvent


@dataclass(frozen=True, slots=True)
class Attempt:
    """Failures under one key since `since`; none is tried again before `locked_until`."""

    key: str
    failures: int
    since: datetime
    locked_until: datetime | None = None


Become = Callable[[Attempt | None], tuple[Attempt, AuditEvent | None]]
"""From what is on record to what shall be, and the event that tells of it; must do nothing else."""


class Attempts:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: str) -> Attempt | None:
        """What is on record."""
        with self._database.read() as connection:
            return _found(connection, key)

    def change(self, key: str, become: Become) -> Attempt:
        """Make of a record what `become` says, in one transaction with the event that it gives."""

        def work(connection: Connection) -> Attempt:
            after, event = become(_found(connection, key))
            row = {"key": key, "failures": after.failures, "since": after.since, "locked_until": after.locked_until}
            upsert(connection, attempts, row, key=["key"])
            if event is not None:
                self._database.audit(event)
            return after

        return self._database.write(work)

    def forget(self, key: str) -> None:
        """Begin anew; writes only where something is on record."""
        if self.find(key) is not None:
            self._database.write(lambda connection: connection.execute(delete(attempts).where(attempts.c.key == key)))

    def purge(self, before: datetime) -> None:
        """Delete what began before."""
        old = (attempts.c.since < before) & (attempts.c.locked_until.is_(None) | (attempts.c.locked_until < before))
        self._database.write(lambda connection: connection.execute(delete(attempts).where(old)))


def _found(connection: Connection, key: str) -> Attempt | None:
    row = connection.execute(select(attempts).where(attempts.c.key == key).with_for_update()).first()
    return None if row is None else Attempt(row.key, row.failures, row.since, row.locked_until)
