"""Servers' tools as Gearbox's own: what a person may use of them, and how a call is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.tools.mcp import elicitation
from core.tools.mcp.listing import PROMPTS
from core.tools.mcp.names import called
from core.tools.mcp.results import result_of
from core.tools.mcp.sessions import Sessions
from core.tools.tool import Tool, ToolContext, ToolResult
from data.values.actor import Actor
from data.values.registry import Modality
from data.values.tool_calls import Effect
from data.values.tool_servers import ListedTool, ToolServer, TrustedTool

if TYPE_CHECKING:
    from data.store import Store

_Run = Callable[[Mapping[str, Any], ToolContext], Coroutine[Any, Any, ToolResult]]

SECONDS = 120.0
"""How long a call of a server's tool may take; its progress is shown meanwhile."""
_LONGEST_DESCRIPTION = 4_000
_GIVES = frozenset({Modality.TEXT, Modality.IMAGE, Modality.AUDIO})


class ServerTools:
    """What the servers bring, for each person. Thread-safe; asks no server.

    Args:
        is_on: whether a person has servers' tools at all.
    """

    def __init__(
        self, access: Access, store: Store, sessions: Sessions, *, is_on: Callable[[Actor], bool] = lambda _actor: True
    ) -> None:
        self._access = access
        self._store = store
        self._sessions = sessions
        self._is_on = is_on

    def by_origin(self, actor: Actor) -> Mapping[str, Sequence[Tool]]:
        """The tools that the person may use, by server: trusted, not changed since, of servers that are on for them.

        Raises:
            AccessRefused: the actor may not chat.
        """
        self._access.require(actor, Permission.CHAT)
        if not self._is_on(actor):
            return {}
        found: dict[str, list[Tool]] = {}
        for server in self._store.tool_servers.all():
            if is_for(server, actor):
                found.setdefault(server.label, []).extend(self._of(server))
        return found

    def _of(self, server: ToolServer) -> list[Tool]:
        names = called_of(server)
        return [
            _tool(names[trusted.tool.name], server, trusted, self._run(server.id, trusted.tool))
            for trusted in server.trusted.values()
            if trusted.tool.name != PROMPTS and not is_changed(server, trusted.tool.name)
        ]

    def _run(self, server_id: str, tool: ListedTool) -> _Run:
        async def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
            # Between the offer and the call somebody may have removed it, turned it off, or stopped to trust it.
            server = await asyncio.to_thread(self._still, server_id, tool, context.actor)
            answer = await self._sessions.call(
                server,
                context.actor,
                tool,
                arguments,
                seconds=SECONDS,
                progress=context.progress,
                ask=context.ask,
            )
            return await asyncio.to_thread(result_of, answer, context.keep)

        return run

    def _still(self, server_id: str, tool: ListedTool, actor: Actor) -> ToolServer:
        self._access.require(actor, Permission.CHAT)
        for server in self._store.tool_servers.all() if self._is_on(actor) else ():
            trusted = server.trusted.get(tool.name)
            if server.id == server_id and is_for(server, actor) and trusted and trusted.tool == tool:
                return server
        raise GearboxError("This tool is not there any more.", "Look at the Tools page.")


def is_for(server: ToolServer, actor: Actor) -> bool:
    """Whether the person may use it."""
    return server.is_on and (server.team_id is None or server.team_id in actor.team_ids)


def called_of(server: ToolServer) -> Mapping[str, str]:
    """What models call each trusted tool of a server, by the server's own name of it."""
    return called(server.name, server.trusted)


def is_changed(server: ToolServer, name: str) -> bool:
    """Whether the server describes a tool in other words than those that were trusted, or has it no more."""
    if server.listed is None:
        return False
    now = next((tool for tool in server.listed if tool.name == name), None)
    return now is None or now.fingerprint != server.trusted[name].tool.fingerprint


def _tool(
    name: str,
    server: ToolServer,
    trusted: TrustedTool,
    run: _Run,
) -> Tool:
    listed = trusted.tool
    return Tool(
        name=name,
        title=f"{listed.title or listed.name} ({server.label})",
        description=listed.description[:_LONGEST_DESCRIPTION] or f"{listed.title or listed.name}, of {server.label}.",
        schema={"type": "object", **listed.schema},
        # What the server says of itself decides nothing: an admin has to have said that it only reads.
        effect=Effect.READS if trusted.reads else (Effect.GOES_OUT if listed.says_reads else Effect.CHANGES),
        run=run,
        timeout=SECONDS + elicitation.MOST * (elicitation.SECONDS + 10),
        gives=_GIVES,
        origin=server.id,
    )
