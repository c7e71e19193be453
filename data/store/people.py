"""People and their preferences."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import preferences, users


class Users:
    """People whom this database has met. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, user_id: str, display_name: str) -> None:
        """Remember a person under this name; writes only when something is new."""
        with self._database.read() as connection:
            known = connection.execute(select(users.c.display_name).where(users.c.id == user_id)).scalar()
        if known == display_name:
            return

        def work(connection: Connection) -> None:
            known = connection.execute(select(users.c.created_at).where(users.c.id == user_id)).scalar()
            row = {"id": user_id, "display_name": display_name, "created_at": known or self._database.clock()}
            upsert(connection, users, row, key=["id"])

        self._database.write(work)


class Preferences:
    """One row per person and key, the value in JSON. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, user_id: str) -> dict[str, Any]:
        """Everything the person has set, by key."""
        query = select(preferences.c.key, preferences.c.value).where(preferences.c.user_id == user_id)
        with self._database.read() as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def save(self, user_id: str, /, **values: Any) -> None:
        """Set the given keys, all or none of them, and leave the others alone. Values must fit into JSON."""
        if not values:
            return

        def work(connection: Connection) -> None:
            now = self._database.clock()
            for key, value in values.items():
                row = {"user_id": user_id, "key": key, "value": value, "updated_at": now}
                upsert(connection, preferences, row, key=["user_id", "key"])

        self._database.write(work)
