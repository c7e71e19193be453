"""Runs calls of tools within their limits. Whatever a tool does, its call ends with a result in words."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.errors import GearboxError
from core.tools.bounded import bounded
from core.tools.broken_json import NotJsonError, read_json
from core.tools.checked import SoundCall, checked
from core.tools.tool import Ask, Attached, Tool, ToolContext, ToolResult
from core.tools.values import ReadCall, ToolSpec
from data.values.parts import TextPart, ToolCallPart, ToolResultPart
from data.values.tool_calls import Effect

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Calls of one answer that run at the same time."""

_CUT = "The answer reached its length limit in the middle of this call, so it was not run. Make it shorter."


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that is not to be run, and why: words that a model can act on."""

    why: str


class ToolRunner:
    """The calls of one answer. Belongs to one event loop.

    Args:
        tools: by the names that the model was told.
        context: for whom they run.
        clock: monotonic seconds.
    """

    def __init__(
        self, tools: Mapping[str, Tool], context: ToolContext, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._tools = tools
        self._specs = {name: ToolSpec(name, tool.description, tool.schema) for name, tool in tools.items()}
        self._context = context
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    def read(self, call: ToolCallPart, *, is_cut: bool = False) -> SoundCall | Refused:
        """What is to be run; the model may have written anything. `is_cut`: it reached its length limit."""
        arguments = call.arguments.strip()
        try:
            given = json.loads(arguments) if arguments or is_cut else {}
        except (ValueError, RecursionError):
            if is_cut:  # half of an argument is not what was meant
                return Refused(_CUT)
            try:
                given, end = read_json(arguments)
            except NotJsonError:
                return Refused(f"The arguments of {call.name} are no JSON.")
            if arguments[end:].strip():
                return Refused(f"After the arguments of {call.name} comes something else: {arguments[end:][:100]!r}.")
        found = checked(ReadCall(call.name, given), self._specs)
        return Refused(found) if isinstance(found, str) else found

    async def run(
        self,
        call_id: str,
        call: SoundCall,
        progress: Callable[[str], None],
        made: tuple[Attached, ...] = (),
        ask: Ask | None = None,
    ) -> ToolResultPart:
        """The result of a call; its time begins when there is a place for it.

        Args:
            made: files that came since.
            ask: see `ToolContext`.
        """
        context = replace(self._context, progress=progress, attached=(*self._context.attached, *made), ask=ask)
        async with self._places:
            began = self._clock()
            tool = self._tools[call.name]
            result = await _kept_in_time(tool, call, context)
            seconds = self._clock() - began
        # Why another server's tool failed may be in its own words.
        untrusted = result.is_untrusted or (result.failed and tool.effect is not Effect.NONE)
        return ToolResultPart(call_id, bounded(result.parts), result.failed, untrusted, seconds)


def refused(call_id: str, why: str) -> ToolResultPart:
    """The result of a call that was not run."""
    return ToolResultPart(call_id, (TextPart(why),), failed=True)


async def _kept_in_time(tool: Tool, call: SoundCall, context: ToolContext) -> ToolResult:
    try:
        async with asyncio.timeout(tool.timeout) as limit:
            return await tool.run(call.arguments, context)
    except GearboxError as error:
        return _failed(error.explain())
    except Exception as error:  # noqa: BLE001  # whatever a tool raises must not end the answer
        if isinstance(error, TimeoutError) and limit.expired():
            return _failed(f"{tool.title} took longer than {tool.timeout:g} seconds and was stopped.")
        # Its words may hold what nobody is to see: an address with a key in it, a piece of somebody's text.
        log.warning("the tool %s failed with %s", call.name, type(error).__name__)
        return _failed(f"{tool.title} failed inside ({type(error).__name__}). Other arguments may work.")


def _failed(why: str) -> ToolResult:
    return ToolResult((TextPart(why),), failed=True)
