"""What admins said of features: on or off, for everybody, a team or a person."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import feature_rules as table
from data.values.audit import AuditEvent
from data.values.features import FeatureRule


class FeatureRules:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[FeatureRule]:
        """Every rule; of a feature that this release does not know as well."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.feature, table.c.team_id, table.c.user_id))
            return [FeatureRule(row.feature, row.enabled, row.user_id, row.team_id) for row in rows]

    def save(self, rule: FeatureRule, event: AuditEvent) -> None:
        """Keep a rule, in the place of one for the same people."""
        row = {
            "feature": rule.feature,
            "user_id": rule.user_id,
            "team_id": rule.team_id,
            "enabled": rule.enabled,
            "changed_at": self._database.clock(),
        }

        def work(connection: Connection) -> None:
            upsert(connection, table, row, key=["feature", "user_id", "team_id"])
            self._database.audit(event)

        self._database.write(work)

    def remove(self, rule: FeatureRule, event: AuditEvent) -> bool:
        """Forget a rule; False where there was none."""
        same = (table.c.feature == rule.feature) & (table.c.user_id == rule.user_id) & (table.c.team_id == rule.team_id)

        def work(connection: Connection) -> bool:
            if not connection.execute(delete(table).where(same)).rowcount:
                return False
            self._database.audit(event)
            return True

        return self._database.write(work)
