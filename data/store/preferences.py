"""What people prefer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.holding import keep_version
from data.store.tables import preferences
from data.values.audit import AuditEvent
from data.values.holds import Earlier

INSTRUCTIONS = "system_prompt"
"""The key of what a person tells every model: the one preference that is words of theirs."""


class Preferences:
    """One row per person and key, the value in JSON. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, user_id: str) -> dict[str, Any]:
        """Everything the person has set, by key."""
        query = select(preferences.c.key, preferences.c.value).where(preferences.c.user_id == user_id)
        with self._database.read() as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def save(self, user_id: str, /, *events: AuditEvent, **values: Any) -> None:
        """Set the given keys, all or none of them, and leave the others alone. Values must fit into JSON.

        `events` are recorded in the same transaction.
        """
        if not values:
            return

        def work(connection: Connection) -> None:
            now = self._database.clock()
            if INSTRUCTIONS in values:
                _keep_instructions(connection, user_id, values[INSTRUCTIONS], now)
            for key, value in values.items():
                row = {"user_id": user_id, "key": key, "value": value, "updated_at": now}
                upsert(connection, preferences, row, key=["user_id", "key"])
            for event in events:
                self._database.audit(event)

        self._database.write(work)


def _keep_instructions(connection: Connection, user_id: str, after: Any, now: datetime) -> None:
    """Before they become others: what they were, where the person is held."""
    mine = (preferences.c.user_id == user_id) & (preferences.c.key == INSTRUCTIONS)
    before = connection.execute(select(preferences.c.value).where(mine)).scalar()
    if before and before != after:
        keep_version(connection, user_id, Earlier.INSTRUCTIONS, user_id, {"text": before}, until=now)
