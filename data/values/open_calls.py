"""Steps and calls of tools that never came to an end: what becomes of them when their reply does."""

from __future__ import annotations

from dataclasses import replace

from data.values.parts import Part, StepPart, TextPart, ToolCallPart, ToolResultPart
from data.values.plans import StepState
from data.values.tool_calls import ToolState


def closed(parts: tuple[Part, ...], why: str) -> tuple[Part, ...]:
    """The parts of a reply with a result for each call that has none: it failed, for the reason `why`.

    The results stand behind the last call, where a model expects them. Steps that have not ended are stopped.
    """
    parts = tuple(_stopped(part, why) if isinstance(part, StepPart) else part for part in parts)
    ended = {part.call_id for part in parts if isinstance(part, ToolResultPart)}
    left = {part.id for part in parts if isinstance(part, ToolCallPart)} - ended
    if not left:
        return parts
    calls = [place for place, part in enumerate(parts) if isinstance(part, ToolCallPart) and part.id in left]
    marked: list[Part] = [
        replace(part, state=ToolState.FAILED) if isinstance(part, ToolCallPart) and part.id in left else part
        for part in parts
    ]
    results = [
        ToolResultPart(part.id, (TextPart(why),), failed=True)
        for place in calls
        if isinstance(part := parts[place], ToolCallPart)
    ]
    after = calls[-1] + 1
    return (*marked[:after], *results, *marked[after:])


def _stopped(part: StepPart, why: str) -> StepPart:
    if part.state.is_final:
        return part
    return replace(part, state=StepState.STOPPED, parts=closed(part.parts, why))
