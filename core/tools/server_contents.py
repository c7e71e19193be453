"""What people see of servers' resources and prompts: where an admin trusts them, and the server is on for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.mcp.live import LiveServer
from core.tools.mcp.prompts import Begun, begun
from core.tools.mcp.sessions import OPEN_SECONDS, Sessions
from core.tools.server_tools import called_of, is_changed, is_for
from data.store.tool_servers import missing_server
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.server_contents import Contents, ListedPrompt
from data.values.tool_servers import ToolServer

if TYPE_CHECKING:
    from data.store import Store

T = TypeVar("T")
SECONDS = 60.0
"""How long a server may take to answer."""


class ServerContents:
    """Thread-safe, blocking.

    Resources are read by the tool that stands for them, as `ToolShelf.try_out` runs it.

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

    def with_prompts(self, actor: Actor) -> Sequence[ToolServer]:
        """Servers whose prompts the person may choose, by label; asks none of them. Raises AccessRefused."""
        self._access.require(actor, Permission.CHAT)
        return [server for server in self._there(actor) if self._may_use(server, actor, PROMPTS)]

    def resources(self, actor: Actor, tool_name: str) -> Contents | None:
        """The resources that a tool reads, as its server lists them now; None for any other tool.

        Args:
            tool_name: as models call it.

        Raises:
            GearboxError: the server does not answer; the message says why.
        """
        self._access.require(actor, Permission.CHAT)
        for server in self._there(actor):
            if self._may_use(server, actor, RESOURCES) and called_of(server)[RESOURCES] == tool_name:
                return self._asked(server, actor, RESOURCES, _contents)
        return None

    def prompts(self, actor: Actor, server_id: str) -> Sequence[ListedPrompt]:
        """What a server lists now.

        Raises:
            NotFound: the person has no such server with prompts.
            GearboxError: it does not answer; the message says why.
        """
        return self._asked(self._with_prompts(actor, server_id), actor, PROMPTS, _contents).prompts

    def prompt(self, actor: Actor, server_id: str, name: str, arguments: Mapping[str, str]) -> Begun:
        """What a prompt says with these arguments; in the audit log without its words.

        Raises:
            NotFound: the person has no such server with prompts.
            GearboxError: the server refuses them, or does not answer.
        """
        server = self._with_prompts(actor, server_id)
        outcome = AuditOutcome.FAILED
        try:
            answer = self._asked(server, actor, PROMPTS, lambda live: live.prompt(name, arguments, SECONDS))
            outcome = AuditOutcome.DONE
        finally:
            target = f"tool:{called_of(server)[PROMPTS]}"
            self._store.audit.record(AuditEvent.by(actor, Action.TOOL_TRY, outcome, target=target))
        return begun(answer)

    def _may_use(self, server: ToolServer, actor: Actor, what: str) -> bool:
        if not is_for(server, actor) or what not in server.trusted or is_changed(server, what):
            return False
        return self._access.allowing.tools(actor).allows(called_of(server)[what])

    def _there(self, actor: Actor) -> Sequence[ToolServer]:
        return self._store.tool_servers.all() if self._is_on(actor) else ()

    def _with_prompts(self, actor: Actor, server_id: str) -> ToolServer:
        self._access.require(actor, Permission.CHAT)
        for server in self._there(actor):
            if server.id == server_id and self._may_use(server, actor, PROMPTS):
                return server
        raise missing_server()

    def _asked(self, server: ToolServer, actor: Actor, what: str, ask: Callable[[LiveServer], Awaitable[T]]) -> T:
        asking: Future[T] = self._sessions.asked(server, actor, server.trusted[what].tool, ask)
        try:
            return asking.result(OPEN_SECONDS + SECONDS + 10)
        except TimeoutError:
            raise GearboxError(f"{server.label} did not answer in time.") from None
        finally:
            asking.cancel()


async def _contents(live: LiveServer) -> Contents:
    return live.contents
