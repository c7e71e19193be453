"""Servers that bring tools, what admins trust of them, and tools that are off for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.store.columns import insert_new, upsert
from data.store.database import Database
from data.store.tables import tool_servers, tools_off, trusted_tools
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound
from data.values.tool_servers import ListedTool, ServerKind, ToolServer, TrustedTool


class ToolServers:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[ToolServer]:
        """Every server by label, with what is trusted of it."""
        with self._database.read() as connection:
            rows = connection.execute(select(tool_servers).order_by(tool_servers.c.label, tool_servers.c.id)).all()
            trusted: dict[str, dict[str, TrustedTool]] = {}
            for row in connection.execute(select(trusted_tools).order_by(trusted_tools.c.tool)):
                trusted.setdefault(row.server_id, {})[row.tool] = TrustedTool(_tool(row.described), row.reads)
        return [_server(row, trusted.get(row.id, {})) for row in rows]

    def add(self, server: ToolServer, *events: AuditEvent) -> None:
        """Keep a new one. Raises Conflict when there is one of this name."""
        row = {
            "id": server.id,
            "name": server.name,
            "label": server.label,
            "kind": server.kind.value,
            "command": list(server.command),
            "variables": list(server.variables),
            "url": server.url,
            "secret_id": server.secret_id,
            "team_id": server.team_id,
            "is_on": server.is_on,
            "created_at": server.created_at,
        }

        def work(connection: Connection) -> None:
            try:
                connection.execute(insert(tool_servers).values(row))
            except IntegrityError:
                raise Conflict(
                    f"There is a server named {server.name} already.", "Choose another name, or remove that one first."
                ) from None
            self._told(events)

        self._database.write(work)

    def offer(self, server_id: str, *, team_id: str | None, is_on: bool, event: AuditEvent) -> None:
        """Say who may use it: a team or, without one, everybody; nobody while it is off. Raises NotFound."""
        self._change(server_id, {"team_id": team_id, "is_on": is_on}, event)

    def put_secret(self, server_id: str, secret_id: str | None, variables: Iterable[str], event: AuditEvent) -> None:
        """Say where its secret is, and which variables are in there. Raises NotFound."""
        self._change(server_id, {"secret_id": secret_id, "variables": list(variables)}, event)

    def keep_listing(self, server_id: str, tools: Iterable[ListedTool], at: datetime) -> None:
        """Replace what it listed last; does nothing where it is gone."""
        values = {"listed": [asdict(tool) for tool in tools], "listed_at": at}
        which = tool_servers.c.id == server_id
        self._database.write(lambda connection: connection.execute(update(tool_servers).where(which).values(values)))

    def remove(self, server_id: str, event: AuditEvent) -> None:
        """Forget a server and what was trusted of it. Raises NotFound."""

        def work(connection: Connection) -> None:
            connection.execute(delete(trusted_tools).where(trusted_tools.c.server_id == server_id))
            if not connection.execute(delete(tool_servers).where(tool_servers.c.id == server_id)).rowcount:
                raise missing_server()
            self._told([event])

        self._database.write(work)

    def trust(self, server_id: str, tools: Iterable[TrustedTool], event: AuditEvent) -> None:
        """Let these be used as they are described here. Raises NotFound."""
        rows = [
            {
                "server_id": server_id,
                "tool": each.tool.name,
                "described": asdict(each.tool),
                "reads": each.reads,
                "trusted_at": self._database.clock(),
            }
            for each in tools
        ]

        def work(connection: Connection) -> None:
            if connection.execute(select(tool_servers.c.id).where(tool_servers.c.id == server_id)).first() is None:
                raise missing_server()
            for row in rows:
                upsert(connection, trusted_tools, row, key=["server_id", "tool"])
            self._told([event])

        self._database.write(work)

    def distrust(self, server_id: str, names: Iterable[str], event: AuditEvent) -> None:
        """Let these not be used any more."""
        which = (trusted_tools.c.server_id == server_id) & trusted_tools.c.tool.in_(list(names))

        def work(connection: Connection) -> None:
            connection.execute(delete(trusted_tools).where(which))
            self._told([event])

        self._database.write(work)

    def off(self) -> frozenset[str]:
        """Names of the tools that nobody may use, as models call them."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(tools_off.c.name)).scalars())

    def turn_off(self, name: str, event: AuditEvent) -> None:
        """Let nobody use a tool, wherever it comes from."""

        def work(connection: Connection) -> None:
            insert_new(connection, tools_off, {"name": name, "changed_at": self._database.clock()}, key=["name"])
            self._told([event])

        self._database.write(work)

    def turn_on(self, name: str, event: AuditEvent) -> None:
        """Undo `turn_off`."""

        def work(connection: Connection) -> None:
            connection.execute(delete(tools_off).where(tools_off.c.name == name))
            self._told([event])

        self._database.write(work)

    def _change(self, server_id: str, values: Mapping[str, Any], event: AuditEvent) -> None:
        def work(connection: Connection) -> None:
            changing = update(tool_servers).where(tool_servers.c.id == server_id).values(dict(values))
            if not connection.execute(changing).rowcount:
                raise missing_server()
            self._told([event])

        self._database.write(work)

    def _told(self, events: Iterable[AuditEvent]) -> None:
        for event in events:
            self._database.audit(event)


def missing_server() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such tool server.", "Reload the page.")


def _server(row: Any, trusted: Mapping[str, TrustedTool]) -> ToolServer:
    return ToolServer(
        id=row.id,
        name=row.name,
        label=row.label,
        kind=ServerKind(row.kind),
        created_at=row.created_at,
        command=tuple(row.command),
        variables=tuple(row.variables),
        url=row.url,
        secret_id=row.secret_id,
        team_id=row.team_id,
        is_on=row.is_on,
        trusted=trusted,
        listed=None if row.listed is None else tuple(_tool(each) for each in row.listed),
        listed_at=row.listed_at,
    )


def _tool(described: Mapping[str, Any]) -> ListedTool:
    return ListedTool(
        str(described.get("name", "")),
        str(described.get("title", "")),
        str(described.get("description", "")),
        described.get("schema") or {},
        bool(described.get("says_reads")),
    )
