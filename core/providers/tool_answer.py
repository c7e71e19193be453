"""One answer of a model that may call tools: calls in its text become calls, and wrong ones are asked for again.

It reads the text of every model that was given tools: some take them and write their calls as text all the same.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.providers.candidates import Candidate
from core.providers.failures import failure
from core.providers.request import ChatMessage
from core.tools.checked import SoundCall, checked, loaded
from core.tools.protocol import asked_again
from core.tools.reader import CallReader
from core.tools.values import Item, specs_of
from data.values.calls import ErrorKind, TokenUsage, added
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    StreamEnd,
    TextDelta,
    TookOver,
    ToolCallDelta,
    UsageReport,
)

MAX_ASKED_AGAIN = 2
"""How often a model is told what was wrong with its calls."""

_NOT_NOW = "No tool can be called any more in this answer. Answer in words, with what you have."
_CUT = "The answer reached its length limit in the middle of a call. Make the call shorter."

Ask = Callable[[Sequence[Candidate]], AsyncGenerator[Delta | AttemptEvent, None]]


def knows_tools(candidate: Candidate) -> bool:
    """Whether a request tells its model of tools: it may then write calls, even where it was told not to."""
    return bool(candidate.request.options.get("tools"))


class ToolAnswer:
    """One answer. For one task.

    Args:
        ask: makes the calls of the model that lead to one text, each booked for itself.
        candidates: who is asked, see `Attempts.stream`.
        clock: for the intents of further calls.
    """

    def __init__(self, ask: Ask, candidates: Sequence[Candidate], clock: Callable[[], datetime]) -> None:
        self._ask = ask
        self._candidates = candidates
        self._clock = clock
        options = candidates[0].request.options
        self._tools = specs_of(options["tools"])
        self._choice: Any = options.get("tool_choice")
        self._one = options.get("parallel_tool_calls") is False
        self._made: list[SoundCall] = []
        self._native: dict[int, int] = {}
        self._usages: list[TokenUsage | None] = []
        self._end = StreamEnd("unknown")
        self._again = False
        self._says = False
        self._words: list[str] = []
        self._problems: list[str] = []
        self._held: list[str] = []

    async def stream(self) -> AsyncGenerator[Delta | AttemptEvent, None]:
        """Yield its deltas like `Attempts.stream`; one usage report for all calls of the model.

        Raises:
            GearboxError: see `Attempts.stream`.
            ProviderError: the model called no tool as it is to be called, however often it was told.
        """
        candidates = self._candidates
        for again in range(MAX_ASKED_AGAIN + 1):
            self._again = again > 0
            async with contextlib.aclosing(self._round(candidates)) as events:
                async for event in events:
                    if isinstance(event, AnotherTry):
                        candidates = from_the_one_asked(candidates, event)
                    yield event
            self._missing()
            if not self._problems or again == MAX_ASKED_AGAIN or (self._in_words and self._says):
                break
            candidates = [self._next(candidates[0])]
        if self._problems and not self._calls and not self._in_words:
            self._give_up(candidates[0])
        if self._usages and None not in self._usages:
            yield UsageReport(added(usage for usage in self._usages if usage))
        is_call = self._calls and self._end.reason in {"stop", "unknown", "tool_calls", "eos"}
        yield StreamEnd("tool_calls") if is_call else self._end

    @property
    def _in_words(self) -> bool:
        """Whether nothing may be called. A model may write calls all the same: they are no part of its answer."""
        return bool(self._choice == "none")

    @property
    def _calls(self) -> int:
        return len(self._made) + len(self._native)

    async def _round(self, candidates: Sequence[Candidate]) -> AsyncGenerator[Delta | AttemptEvent, None]:
        reader = CallReader(self._tools)
        self._problems, self._words, self._held = [], [], []
        self._usages.append(None)
        before = len(self._made)
        native: dict[int, int] = {}
        async with contextlib.aclosing(self._ask(candidates)) as deltas:
            async for delta in deltas:
                if isinstance(delta, TextDelta):
                    self._words.append(delta.text)
                    for made in self._read(await _checkable(reader.feed(delta.text)), before):
                        yield made
                elif isinstance(delta, ToolCallDelta):
                    place = native.setdefault(delta.index, self._calls)
                    self._native[place] = place
                    yield replace(delta, index=place)
                elif isinstance(delta, UsageReport):
                    self._usages[-1] = delta.usage
                elif isinstance(delta, StreamEnd):
                    self._end = delta
                else:
                    if isinstance(delta, TookOver):  # the calls of the answer that was cut went with it
                        reader, self._words, self._problems = CallReader(self._tools), [], []
                        del self._made[before:]
                        for place in native.values():
                            del self._native[place]
                        native.clear()
                    yield delta
        rest = await _checkable(reader.finish())
        for made in self._read(rest, before, cut=self._end.reason == "length"):
            yield made
        if self._held and len(self._made) == before:  # told of a mistake it answers in words: they are the answer
            yield TextDelta("".join(self._held))

    def _read(self, items: Iterable[Item], before: int, *, cut: bool = False) -> Iterator[Delta]:
        for item in items:
            if isinstance(item, str):
                self._says = self._says or bool(item.strip())
                if self._again:
                    self._held.append(item)
                else:
                    yield TextDelta(item)
                continue
            call = _NOT_NOW if self._in_words else _CUT if cut else checked(item, self._tools)
            if isinstance(call, SoundCall) and (wanted := self._wanted()) not in {None, call.name}:
                call = f"Call {wanted} and no other tool."
            if isinstance(call, str):
                self._problems.append(call)
            elif not (self._one and self._calls) and call not in self._made[:before]:
                place = self._calls
                self._made.append(call)
                yield ToolCallDelta(place, f"call_{uuid.uuid4().hex[:24]}", call.name, call.json())

    def _wanted(self) -> str | None:
        """The one tool that has to be called."""
        return (self._choice.get("function") or {}).get("name") if isinstance(self._choice, dict) else None

    def _missing(self) -> None:
        if not self._calls and not self._problems and self._choice not in (None, "auto", "none"):
            self._problems.append(f"You must call {self._wanted() or 'one of the tools'} now; you called none.")

    def _next(self, candidate: Candidate) -> Candidate:
        """The same model once more, told what was wrong."""
        said: tuple[ChatMessage, ...] = (
            {"role": "assistant", "content": "".join(self._words) or "(nothing)"},
            {"role": "user", "content": _NOT_NOW if self._in_words else asked_again(self._problems)},
        )
        request = replace(candidate.request, messages=(*candidate.request.messages, *said))
        return Candidate(request, replace(candidate.intent, id=uuid.uuid4().hex, started_at=self._clock()))

    def _give_up(self, candidate: Candidate) -> None:
        who = candidate.request.model.label
        what = f"{who} called no tool rightly, though it was told twice what was wrong: {self._problems[0]}"
        raise failure(ErrorKind.BAD_RESPONSE, what, None)


async def _checkable(items: list[Item]) -> list[Item]:
    """The items, once there is what checks the calls among them."""
    if not all(isinstance(item, str) for item in items):
        await loaded()
    return items


def from_the_one_asked(candidates: Sequence[Candidate], event: AnotherTry) -> Sequence[Candidate]:
    """The candidates from the one on that is asked next."""
    for place, each in enumerate(candidates):
        if (each.request.model.provider, each.request.model.name) == (event.provider, event.model):
            return candidates[place:]
    return candidates
