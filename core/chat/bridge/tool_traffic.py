"""Tool calls and results of an answer, as the models that follow are told of them.

An answer may hold text, calls, results and text again, in rounds, and may have been stopped anywhere. On OpenAI's wire
every call is followed by its result and no result comes without its call, or the whole conversation is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from core.chat.bridge.enclosed import as_text, whole
from core.providers.request import ChatMessage
from core.tools.broken_json import NotJsonError, read_json
from core.tools.protocol import result_in_words
from data.values.parts import Part, TextPart, ToolCallPart, ToolResultPart
from data.values.tool_calls import ToolState

NOTHING_GIVEN = "(no output)"
"""A result without a word: no message may be empty."""

_STAND_INS = {
    ToolState.DENIED: "This call was not allowed by the person.",
    ToolState.FAILED: "This call failed.",
    ToolState.DONE: "This call was made; what it gave was not kept.",
}
_NOT_RUN = "This call was not run: the answer was ended before."

_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_Ids = Callable[[int, str], str]


def of_history(parts: tuple[Part, ...], seq: int) -> list[ChatMessage]:
    """An answer of the conversation as messages: text, calls and results in their order; empty when it says nothing.

    Args:
        seq: the message's place in the conversation. Calls get ids of it, the same ones in every request: ids as one
            provider makes them are refused by another (Mistral takes nine letters and digits).
    """
    return _messages(parts, lambda index, _id: hashlib.sha256(f"{seq}:{index}".encode()).hexdigest()[:9])


def of_reply(parts: tuple[Part, ...]) -> list[ChatMessage]:
    """The answer so far as messages, for the next round of the model that writes it; calls keep their ids."""
    seen: set[str] = set()

    def own(index: int, call_id: str) -> str:
        kept = call_id if call_id and call_id not in seen else f"call{index:05}"
        seen.add(kept)
        return kept

    return _messages(parts, own)


def in_words(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts with calls and results as text, for a request without tools.

    What a result holds can't be taken for a call, nor end before its end.
    """
    results, strays = _paired(parts)
    made: list[Part] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            result = result_in_words(part.name, _result(part, results))
            made.append(TextPart(f"[Called {_tool_name(part.name)} with {_arguments(part.arguments)}]\n{result}"))
        elif isinstance(part, ToolResultPart):
            if any(part is stray for stray in strays):
                made.append(_stray(part))
        else:
            made.append(part)
    return tuple(made)


class _Rounds:
    """Messages in the making: what is said, then calls, then their results."""

    def __init__(self) -> None:
        self.made: list[ChatMessage] = []
        self._said: list[Part] = []
        self._calls: list[tuple[dict[str, Any], str]] = []
        self._is_answered = False

    def say(self, part: Part) -> None:
        if self._calls and as_text((part,)).strip():
            self.end()
        self._said.append(part)

    def call(self, call: dict[str, Any], result: str) -> None:
        if self._is_answered:
            self.end()
        self._calls.append((call, result))

    def answered(self) -> None:
        """A result came: the next call was made knowing it."""
        self._is_answered = bool(self._calls)

    def end(self) -> None:
        """Make messages of what is there."""
        text = as_text(tuple(self._said))
        if self._calls:
            calls = [call for call, _ in self._calls]
            self.made.append({"role": "assistant", "content": text if text.strip() else None, "tool_calls": calls})
            self.made += [
                {"role": "tool", "tool_call_id": call["id"], "content": result} for call, result in self._calls
            ]
        elif text.strip():
            self.made.append({"role": "assistant", "content": text})
        self._said, self._calls, self._is_answered = [], [], False


def _messages(parts: tuple[Part, ...], ids: _Ids) -> list[ChatMessage]:
    results, strays = _paired(parts)
    rounds, index = _Rounds(), 0
    for part in parts:
        if isinstance(part, ToolCallPart):
            function = {"name": _tool_name(part.name), "arguments": _arguments(part.arguments)}
            call = {"id": ids(index, part.id), "type": "function", "function": function}
            rounds.call(call, _result(part, results))
            index += 1
        elif not isinstance(part, ToolResultPart):
            rounds.say(part)
        elif any(part is stray for stray in strays):
            rounds.say(_stray(part))
        else:
            rounds.answered()
    rounds.end()
    return rounds.made


def _paired(parts: Iterable[Part]) -> tuple[dict[str, deque[ToolResultPart]], list[ToolResultPart]]:
    """The results for the calls of each id, in order, and those that no call is there for."""
    open_calls: dict[str, int] = defaultdict(int)
    for part in parts:
        if isinstance(part, ToolCallPart):
            open_calls[part.id] += 1
    results: dict[str, deque[ToolResultPart]] = defaultdict(deque)
    strays = []
    for part in parts:
        if isinstance(part, ToolResultPart):
            if open_calls[part.call_id]:
                open_calls[part.call_id] -= 1
                results[part.call_id].append(part)
            else:
                strays.append(part)
    return results, strays


def _result(call: ToolCallPart, results: dict[str, deque[ToolResultPart]]) -> str:
    if not results[call.id]:
        return _STAND_INS.get(call.state, _NOT_RUN)
    given = as_text(results[call.id].popleft().parts)
    return given if given.strip() else NOTHING_GIVEN


def _stray(part: ToolResultPart) -> TextPart:
    given = as_text(part.parts)
    return TextPart(result_in_words("a tool", given if given.strip() else NOTHING_GIVEN))


def _tool_name(name: str) -> str:
    clean = _NAME.sub("_", name)
    # Gemini wants a letter or a line first.
    return (clean if clean[:1].isalpha() or clean[:1] == "_" else f"_{clean}" if clean else "tool")[:64]


def _arguments(written: str) -> str:
    """The arguments as a JSON object: as they were written where they are one, mended where they nearly are."""
    if not written.strip():
        return "{}"
    try:
        if _sound(json.loads(written)):
            return written
    except (ValueError, RecursionError):
        pass
    try:
        mended, _ = read_json(written)
        if _sound(mended):
            return json.dumps(mended)
    except (NotJsonError, ValueError, RecursionError):
        pass
    return json.dumps({"unreadable": whole(written)})


def _sound(read: Any) -> bool:
    """Whether it is an object that can be written anew: libraries read the arguments to put them into another shape.

    No number may be endless, no character half.
    """
    if not isinstance(read, dict):
        return False
    json.dumps(read, ensure_ascii=False, allow_nan=False).encode()
    return True
