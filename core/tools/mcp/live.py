"""One session with one server, from its first handshake to its end.

A session lives in a task of its own: what `mcp` opens has to be closed by the task that opened it, and those who call
tools come and go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import GearboxError
from core.providers.guard import AddressGuard
from core.tools.mcp.changes import LIST_CHANGES, listen
from core.tools.mcp.elicitation import Elicitation
from core.tools.mcp.heard import Heard
from core.tools.mcp.listing import RESOURCES, listed
from core.tools.mcp.resources import resource
from core.tools.mcp.troubles import ServerGone, trouble
from core.tools.tool import Ask
from data.values.server_contents import Contents
from data.values.tool_servers import ListedTool, ServerKind, ToolServer

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client._transport import TransportStreams
    from mcp.types import CallToolResult, GetPromptResult

_LISTED_SECONDS = 300.0  # servers need not say that their tools changed
_MOST_EVENT = 6_000_000  # bytes
_READ_SECONDS = 360.0  # an event stream may be silent for this long: longer than a person has for an answer

Progress = Callable[[str], None]
T = TypeVar("T")


class LiveServer:
    """Opened by `open`; belongs to the loop that did.

    Attributes:
        tools: what it lists, by name; read anew when it says that they changed.
        contents: its resources and prompts, read with its tools.
    """

    def __init__(self, server: ToolServer, secret: Mapping[str, str], guard: AddressGuard) -> None:
        self.server = server
        self.tools: Mapping[str, ListedTool] = {}
        self.contents = Contents()
        self.calls = 0
        """Calls in progress."""
        self._secret = secret
        self._guard = guard
        self._heard = Heard(secret.values())
        self._elicitation = Elicitation(server.label)
        self._client: Client | None = None
        self._leave = asyncio.Event()
        self._changed = False
        self._listed_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls may go to it."""
        return self._client is not None and not self._leave.is_set() and not self._heard.problem

    async def open(self, seconds: float) -> None:
        """Connect, agree on a version and list the tools.

        Raises:
            GearboxError: it can't be reached, or does not answer as a server should; the message says why.
        """
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(opened))
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(opened)
        except TimeoutError:
            await self.close()
            raise self._told(GearboxError(f"{self.server.label} did not answer within {seconds:g} seconds.")) from None
        except BaseException:
            await self.close()
            raise

    async def call(
        self, name: str, arguments: Mapping[str, Any], seconds: float, tell: Progress, ask: Ask | None = None
    ) -> CallToolResult:
        """Call a tool, or the stand-in for resources; the server is told when the caller is cancelled.

        Args:
            seconds: how long it may take, without what the person takes to answer the server's questions.
            ask: puts such a question; None: the server is told that the person declines.

        Raises:
            ServerGone: the session ended; `was_asked` says whether the call may have been done.
            GearboxError: the server refused, or did not answer in time.
        """

        async def said(progress: float, total: float | None, message: str | None) -> None:
            tell(_progress(progress, total, message))

        def make(client: Client) -> Awaitable[CallToolResult]:
            if name == RESOURCES:
                return resource(client, self.contents, arguments)
            return client.call_tool(name, dict(arguments), progress_callback=said)

        return await self._asked(make, seconds, ask)

    async def prompt(self, name: str, arguments: Mapping[str, str], seconds: float) -> GetPromptResult:
        """What a prompt says with these arguments. Raises what `call` does."""
        return await self._asked(lambda client: client.get_prompt(name, dict(arguments)), seconds)

    async def _asked(self, make: Callable[[Client], Awaitable[T]], seconds: float, ask: Ask | None = None) -> T:
        client = self._client
        if client is None or not self.is_open:
            raise ServerGone(f"{self.server.label} ended the connection.", was_asked=False)
        self.calls += 1
        try:
            async with asyncio.timeout(seconds) as limit:
                with self._elicitation.during(ask, limit):
                    return await make(client)
        except TimeoutError:
            raise GearboxError(f"{self.server.label} did not answer within {seconds:g} seconds.") from None
        except Exception as error:  # noqa: BLE001  # see `_live`
            raise self._told(trouble(error, self.server.label)) from None
        finally:
            self.calls -= 1

    async def look_again(self, *, at_once: bool = False) -> bool:
        """Read the tools anew if they changed, or may have; whether it did so. Raises GearboxError."""
        is_old = at_once or time.monotonic() - self._listed_at > _LISTED_SECONDS
        if self._client is None or not (self._changed or is_old):
            return False
        self._changed = False
        try:
            self.tools, self.contents = await listed(self._client)
        except Exception as error:  # noqa: BLE001  # see `_live`
            raise self._told(trouble(error, self.server.label)) from None
        self._listed_at = time.monotonic()
        return True

    async def close(self) -> None:
        """End the session, and the program where it is one."""
        self._leave.set()
        if self._task is None:
            return
        done, _ = await asyncio.wait([self._task], timeout=0.2)
        if not done and self._client is None:  # it never got as far as to wait for the end
            self._task.cancel()
        await asyncio.wait([self._task], timeout=10)

    async def _live(self, opened: asyncio.Future[None]) -> None:
        from mcp import Client
        from mcp.types import Implementation

        try:
            client = Client(
                self._transport(),
                client_info=Implementation(name="gearbox", version="0"),
                message_handler=self._notice,
                elicitation_callback=self._elicitation.asked,
                cache=None,
            )
            async with client:
                self.tools, self.contents = await listed(client)
                self._listed_at = time.monotonic()
                self._client = client
                opened.set_result(None)
                listening = asyncio.create_task(listen(client, self._note_change))
                try:
                    await self._leave.wait()
                finally:
                    listening.cancel()
                    await asyncio.wait([listening])
        except Exception as error:  # noqa: BLE001  # whatever a server makes the package raise becomes words
            if not opened.done():
                opened.set_exception(self._told(trouble(error, self.server.label)))
        finally:
            self._client = None
            self._leave.set()
            if not opened.done():
                opened.cancel()
            elif not opened.cancelled():
                opened.exception()  # nobody may be left to read it

    async def _notice(self, message: object) -> None:
        if getattr(message, "method", "") in LIST_CHANGES:
            self._note_change()

    def _note_change(self) -> None:
        self._changed = True

    def _told(self, error: GearboxError) -> GearboxError:
        """The error without secrets, with what is known besides."""
        words = self._heard.cleaned(str(error))
        if self._heard.problem:
            words = f"{self.server.label} was cut off: {self._heard.problem}."
        told = ServerGone(words, was_asked=error.was_asked) if isinstance(error, ServerGone) else GearboxError(words)
        told.remedy = self._heard.cleaned(error.remedy)
        if said := self._heard.words:
            told.remedy = f"{told.remedy} Its last words: {said[-600:]}".strip()
        return told

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[TransportStreams]:
        if self.server.kind is ServerKind.STDIO:
            from core.tools.mcp.program import running

            async with running(self.server.command, self._secret, self._heard, self._leave.set) as streams:
                yield streams
            return
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        from core.tools.mcp.guarded import GuardedTransport

        headers = {"Authorization": f"Bearer {token}"} if (token := self._secret.get(TOKEN)) else {}
        timeout = httpx2.Timeout(30.0, read=_READ_SECONDS)
        async with (
            httpx2.AsyncClient(transport=GuardedTransport(self._guard), headers=headers, timeout=timeout) as http,
            streamable_http_client(self.server.url, http_client=http, max_sse_event_size=_MOST_EVENT) as streams,
        ):
            yield streams


TOKEN = "bearer token"  # noqa: S105  # the name of a field
"""Under which a server's one secret stands when it is reached over HTTP."""


def _progress(done: float, total: float | None, message: str | None) -> str:
    counted = f"{done:g} of {total:g}" if total else ""
    return ": ".join(part for part in (counted, (message or "").strip()[:300]) if part) or f"{done:g}"
