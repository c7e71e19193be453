"""Parts of the composition that bring tools of servers; `core.services` puts them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from core.access.access import Access
from core.clock import utc_now
from core.config import Settings
from core.flags.capabilities import Capability
from core.flags.flags import Flags
from core.loop import BackgroundLoop
from core.providers.guard import AddressGuard
from core.telemetry.telemetry import Telemetry
from core.tools.mcp.sessions import Sessions
from core.tools.record import CallRecord
from core.tools.server_contents import ServerContents
from core.tools.server_secrets import ServerSecrets
from core.tools.server_tools import ServerTools
from core.tools.servers import ToolServers
from core.tools.shelf import OwnTools, Source, ToolShelf
from core.tools.tool import Tool
from core.vault import Vault
from data.store import Store
from data.values.tool_servers import ListedTool, ToolServer

_BEHIND = {
    "generate_image": Capability.IMAGE_GENERATION,
    "edit_image": Capability.IMAGE_GENERATION,
    "speak_text": Capability.SPEECH_GENERATION,
}
"""Gearbox's own tools that a flag can take away, by name."""


@dataclass(frozen=True, slots=True)
class ToolParts:
    """Servers as admins see them, and the tools, resources and prompts that everybody has."""

    servers: ToolServers
    shelf: ToolShelf
    contents: ServerContents


def make_tools(
    settings: Settings,
    access: Access,
    store: Store,
    vault: Vault,
    flags: Flags,
    *,
    own: Sequence[Tool],
    loop: BackgroundLoop,
    telemetry: Telemetry,
    stack: ExitStack,
) -> ToolParts:
    """All tools, `own` first; sessions with servers are opened when somebody needs one, and closed with the stack.

    Args:
        telemetry: told of each call of them.
    """

    def keep_listing(server: ToolServer, tools: Mapping[str, ListedTool]) -> None:
        store.tool_servers.keep_listing(server.id, tools.values(), utc_now())

    guard = AddressGuard.of(settings)
    secrets = ServerSecrets(store, vault, settings)
    sessions = Sessions(guard, secrets.open, keep_listing)
    stack.callback(sessions.close)
    servers = ToolServers(
        access, store, secrets, sessions, guard=guard, plain_http_hosts=settings.plain_http_hosts, clock=utc_now
    )
    has_servers = flags.asks(Capability.MCP)
    sources: list[Source] = [
        OwnTools(*own, has=lambda actor, tool: tool not in _BEHIND or flags.is_on(actor, _BEHIND[tool])),
        ServerTools(access, store, sessions, is_on=has_servers),
    ]
    record = CallRecord(utc_now, telemetry.instruments.tool_ended)
    shelf = ToolShelf(access, store, sources, record, loop=loop, traces=telemetry.traces)
    return ToolParts(servers, shelf, ServerContents(access, store, sessions, is_on=has_servers))
