"""Sessions with servers of the tests."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.providers.guard import AddressGuard
from core.tools.mcp.live import LiveServer
from core.tools.mcp.results import result_of
from core.tools.mcp.sessions import Sessions
from core.tools.tool import Ask, ToolResult
from data.values.actor import Actor, Role
from data.values.parts import TextPart
from data.values.questions import Question, Reply, Said
from data.values.server_contents import Contents
from data.values.tool_servers import ListedTool, ServerKind, ToolServer

HERE = Path(__file__).parent / "servers"
ANN, BOB = (Actor(name, frozenset({Role.MEMBER})) for name in ("ann", "bob"))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CANARY = "sk-canary-0123456789"


def raw_command(folder: Path, *faults: str) -> tuple[str, ...]:
    """The command of `servers/raw.py`, which notes in the folder what it was asked."""
    return sys.executable, str(HERE / "raw.py"), str(folder), *faults


def program(*command: str) -> ToolServer:
    return ToolServer(uuid.uuid4().hex, "test", "Test server", ServerKind.STDIO, NOW, command=command)


def address(url: str) -> ToolServer:
    return ToolServer(uuid.uuid4().hex, "test", "Test server", ServerKind.HTTP, NOW, url=url)


class Clock:
    """Monotonic seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Person:
    """Says the same to everything."""

    def __init__(self, reply: Reply, **content: Any) -> None:
        self.said = Said(reply, content)
        self.heard: list[Question] = []

    async def __call__(self, question: Question) -> Said:
        self.heard.append(question)
        return self.said


class SessionHouse:
    """Sessions, with what was listed and what was said on the way."""

    def __init__(
        self, guard: AddressGuard | None = None, secret: Mapping[str, str] | None = None, open_seconds: float = 60.0
    ) -> None:
        self.clock = Clock()
        self.listed: list[Mapping[str, ListedTool]] = []
        self.lines: list[str] = []
        self.sessions = Sessions(
            guard or AddressGuard(loopback=True),
            lambda _server, _actor: secret or {},
            lambda _server, tools: self.listed.append(tools),
            self.clock,
            open_seconds,
        )

    def tools(self, server: ToolServer, actor: Actor = ANN, *, at_once: bool = False) -> Mapping[str, ListedTool]:
        return self.sessions.listing(server, actor, at_once=at_once).result(60)

    def contents(self, server: ToolServer, stand_in: ListedTool) -> Contents:
        async def read(live: LiveServer) -> Contents:
            return live.contents

        return self.sessions.asked(server, ANN, stand_in, read).result(60)

    async def call(
        self,
        server: ToolServer,
        tool: ListedTool,
        *,
        actor: Actor = ANN,
        seconds: float = 60,
        ask: Ask | None = None,
        **given: Any,
    ) -> ToolResult:
        answer = await self.sessions.call(
            server, actor, tool, given, seconds=seconds, progress=self.lines.append, ask=ask
        )
        return result_of(answer, None)

    def called(self, server: ToolServer, tool: ListedTool, **given: Any) -> ToolResult:
        """`call`, for tests without a loop."""
        return asyncio.run(self.call(server, tool, **given))


def text(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, TextPart))
