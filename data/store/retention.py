"""Rules of how long the warehouse keeps its rows."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from data.store.database import Database
from data.store.tables import retention_rules as table
from data.values.audit import AuditEvent
from data.values.retention import RetentionRule


class Retention:
    """Blocking. Changes come with the event that tells of them, or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[RetentionRule]:
        """By kind; of each that of everybody first."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.kind, table.c.team_id))
            return [RetentionRule(row.kind, row.team_id or None, row.days, row.set_by, row.set_at) for row in rows]

    def set(self, rule: RetentionRule, event: AuditEvent) -> None:
        """Put a rule in the place of the one for the same rows."""
        row = {
            "kind": rule.kind,
            "team_id": rule.team_id or "",
            "days": rule.days,
            "set_by": rule.set_by,
            "set_at": rule.set_at,
        }

        def work(connection: Connection) -> None:
            _delete(connection, rule.kind, rule.team_id)
            connection.execute(insert(table).values(row))
            self._database.audit(event)

        self._database.write(work)

    def remove(self, kind: str, team_id: str | None, event: AuditEvent) -> bool:
        """Keep these rows for ever again; whether there was a rule."""

        def work(connection: Connection) -> bool:
            if not _delete(connection, kind, team_id):
                return False
            self._database.audit(event)
            return True

        return self._database.write(work)


def _delete(connection: Connection, kind: str, team_id: str | None) -> int:
    these = (table.c.kind == kind) & (table.c.team_id == (team_id or ""))
    return connection.execute(delete(table).where(these)).rowcount
