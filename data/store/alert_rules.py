"""The rules that admins changed, each change with its event of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.replies import new_id
from data.store.tables import alert_rule_changes, alert_rules
from data.values.audit import AuditEvent
from data.values.errors import Conflict


class AlertRules:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changed(self) -> Mapping[str, tuple[int, Mapping[str, Any]]]:
        """Version and body of each rule that somebody changed, by its key."""
        with self._database.read() as connection:
            rows = connection.execute(select(alert_rules)).all()
        return {row.key: (row.version, row.body) for row in rows}

    def save(
        self, key: str, version: int, before: Mapping[str, Any], after: Mapping[str, Any], *, by: str, event: AuditEvent
    ) -> None:
        """Keep a rule as it is now.

        Args:
            version: of the new one: one more than what was looked at.

        Raises:
            Conflict: somebody else changed it meanwhile.
        """
        now = self._database.clock()

        def work(connection: Connection) -> None:
            kept = connection.execute(select(alert_rules.c.version).where(alert_rules.c.key == key)).scalar() or 0
            if kept != version - 1:
                raise Conflict(
                    "Somebody else changed this rule meanwhile.", "Look at it again, and change what is there now."
                )
            upsert(
                connection,
                alert_rules,
                {"key": key, "version": version, "body": dict(after), "changed_at": now},
                key=["key"],
            )
            change = {"id": new_id(), "key": key, "version": version, "at": now, "by": by}
            connection.execute(insert(alert_rule_changes).values(**change, before=dict(before), after=dict(after)))
            self._database.audit(event)

        self._database.write(work)
