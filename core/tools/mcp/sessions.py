"""The sessions with servers: one for each person and server, opened when needed and closed when idle.

Each person has their own: what a server remembers of one person's calls must not reach another's. They live on a loop
of their own, so that a server which sends a lot keeps nobody's answer waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import GearboxError
from core.loop import BackgroundLoop
from core.providers.guard import AddressGuard
from core.tools.mcp.live import LiveServer, Progress
from core.tools.mcp.troubles import ServerGone
from core.tools.tool import Ask
from data.values.actor import Actor
from data.values.questions import Question, Said
from data.values.tool_servers import ListedTool, ToolServer

if TYPE_CHECKING:
    from mcp.types import CallToolResult

T = TypeVar("T")
MOST_SESSIONS = 64
IDLE_SECONDS = 600.0
OPEN_SECONDS = 60.0
"""How long a server may take to be there: a program may have to be fetched first."""
_LONGEST_PAUSE = 60.0
_SWEEP_SECONDS = 15.0

OpenSecret = Callable[[ToolServer, Actor], Mapping[str, str]]
"""The secret of a server for a session of a person; blocks, and is in the audit log."""


@dataclass(slots=True)
class _Pause:
    failures: int = 0
    until: float = 0.0
    words: str = ""


class Sessions:
    """Opens, uses and closes sessions. Thread-safe: all is done on its own loop.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self,
        guard: AddressGuard,
        open_secret: OpenSecret,
        on_listed: Callable[[ToolServer, Mapping[str, ListedTool]], object] = lambda _server, _tools: None,
        clock: Callable[[], float] = time.monotonic,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self._guard = guard
        self._open_secret = open_secret
        self._on_listed = on_listed
        self._clock = clock
        self._open_seconds = open_seconds
        self._loop: BackgroundLoop | None = None
        self._live: dict[tuple[str, str], LiveServer] = {}
        self._used: dict[tuple[str, str], float] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._pauses: dict[str, _Pause] = {}
        self._ending: set[LiveServer] = set()
        self._starting = threading.Lock()

    def listing(self, server: ToolServer, actor: Actor, *, at_once: bool = False) -> Future[Mapping[str, ListedTool]]:
        """What a server lists now. `at_once` asks it even while it rests after failures. Raises what `call` does."""

        async def work() -> Mapping[str, ListedTool]:
            if at_once:
                self._pauses.pop(server.id, None)
                await self._drop((server.id, actor.user_id))
            return (await self._session(server, actor)).tools

        return self._submit(work())

    async def call(
        self,
        server: ToolServer,
        actor: Actor,
        tool: ListedTool,
        arguments: Mapping[str, Any],
        *,
        seconds: float,
        progress: Progress,
        ask: Ask | None = None,
    ) -> CallToolResult:
        """Call a tool of a server for a person, from any loop; cancelling it cancels the call.

        A call that may have reached the server is never made twice.

        Args:
            tool: as an admin trusted it: another one of this name is not called.
            progress: called on the caller's loop.
            ask: what the server asks the person goes here, on the caller's loop; see `LiveServer.call`.

        Raises:
            GearboxError: the server can't be reached, rests after failures, refused the call, or its tool changed.
        """
        calling = asyncio.get_running_loop()

        def told(line: str) -> None:
            calling.call_soon_threadsafe(progress, line)

        async def asked(question: Question) -> Said:
            assert ask is not None
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(ask(question), calling))

        def make(live: LiveServer) -> Awaitable[CallToolResult]:
            return live.call(tool.name, arguments, seconds, told, None if ask is None else asked)

        return await asyncio.wrap_future(self.asked(server, actor, tool, make))

    def asked(
        self, server: ToolServer, actor: Actor, tool: ListedTool, ask: Callable[[LiveServer], Awaitable[T]]
    ) -> Future[T]:
        """Ask a person's session with a server something, on the sessions' loop. The future raises what `call` does.

        Args:
            tool: see `call`.
        """
        return self._submit(self._asked(server, actor, tool, ask))

    def forget(self, server_id: str) -> None:
        """Close every session with a server: it is gone, off, or not what it was."""
        if self._loop is not None:
            self._loop.submit(self._drop_all([key for key in list(self._live) if key[0] == server_id]))
        self._pauses.pop(server_id, None)

    def close(self) -> None:
        """Close everything."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is not None:
            with contextlib.suppress(TimeoutError):
                loop.submit(self._end_all()).result(10)
            loop.close()

    async def _asked(
        self, server: ToolServer, actor: Actor, tool: ListedTool, ask: Callable[[LiveServer], Awaitable[T]]
    ) -> T:
        for may_try_again in (True, False):
            session = await self._session(server, actor)
            if not _is_there(tool, session) and await session.look_again(at_once=True):
                await asyncio.to_thread(self._on_listed, server, session.tools)
            _require_same(tool, session)
            try:
                return await ask(session)
            except ServerGone as gone:
                await self._drop((server.id, actor.user_id))
                if gone.was_asked or not may_try_again:
                    raise
        raise AssertionError("unreachable")

    async def _session(self, server: ToolServer, actor: Actor) -> LiveServer:
        key = server.id, actor.user_id
        async with self._locks.setdefault(key, asyncio.Lock()):
            live = self._live.get(key)
            if live is not None and live.is_open and _is_same(live.server, server):
                if await live.look_again():
                    await asyncio.to_thread(self._on_listed, server, live.tools)
            else:
                await self._drop(key)
                live = await self._opened(server, actor)
                self._live[key] = live
            self._used[key] = self._clock()
            return live

    async def _opened(self, server: ToolServer, actor: Actor) -> LiveServer:
        pause = self._pauses.setdefault(server.id, _Pause())
        if (rest := pause.until - self._clock()) > 0:
            raise GearboxError(pause.words, f"It is asked again in {max(1, round(rest))} seconds.")
        await self._make_room()
        try:
            await asyncio.to_thread(_load)
            secret = await asyncio.to_thread(self._open_secret, server, actor)
            live = LiveServer(server, secret, self._guard)
            await live.open(self._open_seconds)
        except GearboxError as error:
            pause.failures += 1
            pause.until = self._clock() + min(_LONGEST_PAUSE, 2.0 ** (pause.failures - 1))
            pause.words = str(error)
            raise
        self._pauses.pop(server.id, None)
        await asyncio.to_thread(self._on_listed, server, live.tools)
        return live

    async def _make_room(self) -> None:
        if len(self._live) < MOST_SESSIONS:
            return
        idle = [key for key, live in self._live.items() if not live.calls]
        if not idle:
            raise GearboxError("Too many tool servers are in use at this moment.", "Try again in a minute.")
        await self._drop(min(idle, key=lambda key: self._used.get(key, 0.0)))

    async def _drop(self, key: tuple[str, str]) -> None:
        live = self._live.pop(key, None)
        self._used.pop(key, None)
        if live is not None:
            self._ending.add(live)
            await live.close()
            self._ending.discard(live)

    async def _drop_all(self, keys: list[tuple[str, str]]) -> None:
        await asyncio.gather(*(self._drop(key) for key in keys))

    async def _end_all(self) -> None:
        await self._drop_all(list(self._live))
        # What was dropped before may still be about to end: its program must not outlive the loop.
        await asyncio.gather(*(live.close() for live in list(self._ending)))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            oldest = self._clock() - IDLE_SECONDS
            stale = [
                key
                for key, live in self._live.items()
                if not live.is_open or (not live.calls and self._used.get(key, 0.0) < oldest)
            ]
            await self._drop_all(stale)
            for key in [key for key, lock in self._locks.items() if key not in self._live and not lock.locked()]:
                del self._locks[key]

    def _submit(self, work: Awaitable[T]) -> Future[T]:
        with self._starting:
            if self._loop is None:
                self._loop = BackgroundLoop("gearbox-tool-servers")
                self._loop.submit(self._sweep())
            return self._loop.submit(_awaited(work))


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _load() -> None:
    """Import the package, which takes seconds: off the loop."""
    import mcp.client.client
    import mcp.client.streamable_http  # noqa: F401

    # It logs what servers send. What goes wrong is in the errors that it raises.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)


def _is_same(one: ToolServer, other: ToolServer) -> bool:
    """Whether a session with one is a session with the other: it is reached, and opened, in the same way."""
    return (one.command, one.url, one.secret_id, one.variables) == (
        other.command,
        other.url,
        other.secret_id,
        other.variables,
    )


def _is_there(tool: ListedTool, session: LiveServer) -> bool:
    now = session.tools.get(tool.name)
    return now is not None and now.fingerprint == tool.fingerprint


def _require_same(tool: ListedTool, session: LiveServer) -> None:
    if _is_there(tool, session):
        return
    if tool.name not in session.tools:
        raise GearboxError(f"{session.server.label} has no tool {tool.name} any more.")
    raise GearboxError(
        f"{session.server.label} has changed its tool {tool.name} since an admin looked at it.",
        "Ask an admin to look at the change on the Tools page.",
    )
