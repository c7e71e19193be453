"""Tools for tests of the chat, and a house that has them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.errors import GearboxError
from core.tools.tool import Tool, ToolContext, ToolResult
from data.values.actor import Actor
from data.values.parts import TablePart, TextPart
from data.values.tool_calls import Effect

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


class Bench:
    """What the tools did. `gate` holds back `wait` until it is set."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, Mapping[str, Any]]] = []
        self.at_once = 0
        self.most_at_once = 0
        self.cancelled = 0
        self.contexts: list[ToolContext] = []

    def tools(self, actor: Actor) -> list[Tool]:
        del actor
        return [
            self._tool("echo", self._echo),
            self._tool("wait", self._wait),
            self._tool("fail", self._fail),
            self._tool("crash", self._crash),
            self._tool("slow", self._wait, timeout=0.05),
            self._tool("table", self._table),
            self._tool("post", self._echo, effect=Effect.GOES_OUT),
            self._tool("erase", self._echo, effect=Effect.CHANGES),
            self._tool("page", self._page, effect=Effect.READS),
        ]

    def _tool(self, name: str, run: Any, *, effect: Effect = Effect.NONE, timeout: float = 10.0) -> Tool:
        async def noted(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
            self.ran.append((name, arguments))
            self.contexts.append(context)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                found: ToolResult = await run(arguments, context)
                return found
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            finally:
                self.at_once -= 1

        return Tool(name, name.title(), f"Does {name}.", TEXT, effect, noted, timeout)

    async def _echo(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        context.progress("half way")
        await asyncio.sleep(0.02)
        return ToolResult((TextPart(f"echo of {arguments['text']}"),))

    async def _page(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return ToolResult((TextPart(f"others wrote {arguments['text']}"),), is_untrusted=True)

    async def _wait(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    async def _fail(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        raise GearboxError("There is no such page.", "Try another one.")

    async def _crash(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        raise ValueError("sk-a-secret-in-a-message")

    async def _table(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return ToolResult((TablePart("Prices", ("what", "how much"), (("tea", 2), ("cake", 3)), 2),))
