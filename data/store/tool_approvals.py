"""What admins say of tools for each role, and what people said of them in their conversations."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.conversations import owned
from data.store.database import Database
from data.store.tables import tool_consents, tool_rules
from data.values.actor import Role
from data.values.audit import AuditEvent
from data.values.tool_calls import Approval, Consent, ToolRule


class ToolApprovals:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rules(self) -> dict[str, dict[Role, ToolRule]]:
        """What admins said, by the tools' names as models call them."""
        found: dict[str, dict[Role, ToolRule]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(tool_rules)):
                found.setdefault(row.tool, {})[Role(row.role)] = ToolRule(row.rule)
        return found

    def set_rule(self, tool: str, role: Role, rule: ToolRule | None, event: AuditEvent) -> None:
        """Say what holds for a role; None: what the tool's effect says."""

        def work(connection: Connection) -> None:
            if rule is None:
                which = (tool_rules.c.tool == tool) & (tool_rules.c.role == role.value)
                connection.execute(delete(tool_rules).where(which))
            else:
                at = self._database.clock()
                row = {"tool": tool, "role": role.value, "rule": rule.value, "changed_at": at}
                upsert(connection, tool_rules, row, key=["tool", "role"])
            self._database.audit(event)

        self._database.write(work)

    def consents(self, user_id: str, conversation_id: str) -> dict[str, Consent]:
        """What the person said for the whole conversation, by tool. Raises NotFound."""
        query = select(tool_consents).where(tool_consents.c.conversation_id == conversation_id)
        with self._database.read() as connection:
            owned(connection, user_id, conversation_id)
            return {
                row.tool: Consent(row.tool, Approval(row.approval), frozenset(row.untrusted))
                for row in connection.execute(query.order_by(tool_consents.c.tool))
            }

    def consent(self, user_id: str, conversation_id: str, given: Consent, event: AuditEvent) -> None:
        """Keep what the person said, instead of what they said before. Raises NotFound."""

        def work(connection: Connection) -> None:
            owned(connection, user_id, conversation_id)
            row = {
                "conversation_id": conversation_id,
                "tool": given.tool,
                "approval": given.approval.value,
                "untrusted": sorted(given.untrusted),
                "given_at": self._database.clock(),
            }
            upsert(connection, tool_consents, row, key=["conversation_id", "tool"])
            self._database.audit(event)

        self._database.write(work)

    def withdraw(self, user_id: str, conversation_id: str, tool: str, event: AuditEvent) -> None:
        """Forget what the person said of a tool: they are asked again. Raises NotFound."""

        def work(connection: Connection) -> None:
            owned(connection, user_id, conversation_id)
            which = (tool_consents.c.conversation_id == conversation_id) & (tool_consents.c.tool == tool)
            connection.execute(delete(tool_consents).where(which))
            self._database.audit(event)

        self._database.write(work)
