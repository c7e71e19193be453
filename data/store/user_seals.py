"""Who has sealed keys with a passphrase, and which system secret holds their seal."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from data.store.database import Database
from data.store.tables import user_seals
from data.values.audit import AuditEvent
from data.values.errors import StoreError


class UserSeals:
    """One for a person at most. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, user_id: str) -> str | None:
        """The id of the secret that holds the person's seal; None where they have none."""
        with self._database.read() as connection:
            return connection.execute(select(user_seals.c.secret_id).where(user_seals.c.user_id == user_id)).scalar()

    def add(self, user_id: str, secret_id: str, *events: AuditEvent) -> None:
        """Keep that the person has a seal, with the events that tell of it.

        Raises:
            StoreError: they have one already; nothing is changed.
        """
        with_time = {"user_id": user_id, "secret_id": secret_id, "created_at": self._database.clock()}

        def work(connection: Connection) -> None:
            try:
                connection.execute(insert(user_seals).values(with_time))
            except IntegrityError:
                raise StoreError("You have a passphrase already.", "Unlock your keys with it.") from None
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def remove(self, user_id: str, *events: AuditEvent) -> None:
        """Forget that the person has a seal, with the events that tell of it; nothing where they have none."""

        def work(connection: Connection) -> None:
            gone = connection.execute(delete(user_seals).where(user_seals.c.user_id == user_id)).rowcount
            for event in events if gone else ():
                self._database.audit(event)

        self._database.write(work)
