"""What admins say of models."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import model_overrides
from data.values.audit import AuditEvent


class ModelOverrides:
    """One row per model that is off or described; blocking. A description is the JSON of `core.registry`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, tuple[bool, dict[str, Any] | None]]:
        """Whether each is enabled, and its description, by model id."""
        columns = model_overrides.c
        with self._database.read() as connection:
            rows = connection.execute(select(columns.model_id, columns.enabled, columns.described))
            return {row.model_id: (row.enabled, row.described) for row in rows}

    def save(self, model_id: str, *, enabled: bool, described: dict[str, Any] | None, event: AuditEvent) -> None:
        """Keep what is said of one model; nothing is kept of one that is on and not described."""

        def work(connection: Connection) -> None:
            if enabled and described is None:
                connection.execute(delete(model_overrides).where(model_overrides.c.model_id == model_id))
            else:
                row = {
                    "model_id": model_id,
                    "enabled": enabled,
                    "described": described,
                    "changed_at": self._database.clock(),
                }
                upsert(connection, model_overrides, row, key=["model_id"])
            self._database.audit(event)

        self._database.write(work)
