"""A reply while it is being written: what came in so far, as message parts in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.values.events import (
    InStep,
    ReasoningDelta,
    RoundBegun,
    SourceDelta,
    StepChanged,
    TextDelta,
    TookOver,
    ToolCallChanged,
    ToolCallDelta,
    ToolEnded,
    TurnEvent,
)
from data.values.parts import Part, ReasoningPart, SourcesPart, StepPart, TextPart, ToolCallPart, ToolResultPart
from data.values.sources import Source, for_reading
from data.values.tool_calls import ToolState


class Written:
    """One reply. A model writes it in rounds: thoughts, words and calls, then the calls' results, then the next round.

    Of a planned reply each step is written in the same way, in the order in which the steps were told of first.

    Args:
        titles: what people call the tools, by name.
    """

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = titles
        self._rounds: list[Part] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._sources: list[Source] = []
        self._calls: dict[int, ToolCallPart] = {}
        self._arguments: dict[int, list[str]] = {}
        self._results: dict[str, ToolResultPart] = {}
        self._planned: dict[str, StepPart] = {}
        self._inner: dict[str, Written] = {}

    def take(self, event: TurnEvent) -> None:
        """Add what came in."""
        match event:
            case TextDelta(text):
                self._text.append(text)
            case ReasoningDelta(text):
                self._reasoning.append(text)
            case SourceDelta(source):
                self._sources.append(source)
            case ToolCallDelta():
                self._call(event)
            case ToolCallChanged(call):
                self._calls = {place: call if call.id == each.id else each for place, each in self._calls.items()}
            case ToolEnded(result):
                self._results[result.call_id] = result
            case RoundBegun():
                self._rounds += self.round()
                self._begin()
            case TookOver():
                self._begin()
            case StepChanged(part):
                self._planned[part.step.id] = part
            case InStep(step_id, inner):
                self._inner.setdefault(step_id, Written(self._titles)).take(inner)

    def parts(self) -> tuple[Part, ...]:
        """All of it."""
        return (*self._rounds, *self.round(), *map(self._so_far, self._planned.values()))

    def _so_far(self, part: StepPart) -> StepPart:
        inner = None if part.state.is_final else self._inner.get(part.step.id)
        return part if inner is None else replace(part, parts=inner.parts())

    def round(self) -> tuple[Part, ...]:
        """What the model wrote since it was asked last, and what came of it."""
        reasoning, text = "".join(self._reasoning), "".join(self._text)
        calls = self.calls()
        return (
            *((ReasoningPart(reasoning),) if reasoning else ()),
            # Between calls that are text themselves stand line ends that mean nothing.
            *((TextPart(text),) if text and (text.strip() or not calls) else ()),
            *calls,
            *(self._results[call.id] for call in calls if call.id in self._results),
            *((SourcesPart(sources),) if (sources := for_reading(self._sources)) else ()),
        )

    def calls(self) -> tuple[ToolCallPart, ...]:
        """The calls of this round, in the order in which they were begun."""
        return tuple(
            replace(call, arguments="".join(self._arguments[place]))
            if call.state is ToolState.INPUT_STREAMING
            else call
            for place, call in self._calls.items()
        )

    def _begin(self) -> None:
        """Begin a round."""
        for kept in (self._text, self._reasoning, self._sources, self._calls, self._arguments, self._results):
            kept.clear()

    def _call(self, delta: ToolCallDelta) -> None:
        if delta.index not in self._calls:
            title = self._titles.get(delta.name, "")
            self._calls[delta.index] = ToolCallPart(delta.id, delta.name, "", ToolState.INPUT_STREAMING, title)
            self._arguments[delta.index] = []
        self._arguments[delta.index].append(delta.arguments)
