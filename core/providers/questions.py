"""What a model is asked to find out what it can do, and what its answers show. Pure, given an rng.

Each question can't well be answered by chance or from habit: the tools have to be called, the JSON has keys that prose
would not have, and what is in the picture was drawn by lot.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from core.providers.features import Feature
from core.providers.request import ChatMessage
from data.values.model_checks import Finding
from data.values.registry import Capability

MAX_TOKENS: Final = 400
"""Of each answer: enough for a model that thinks before its first word."""

_COLOURS: Final = {
    "red": (220, 20, 20),
    "green": (10, 160, 40),
    "blue": (20, 40, 220),
    "yellow": (250, 220, 0),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
}
_SIDE: Final = 64
_TOOLS: Final = ("local_time_in", "weather_in")
_KEYS: Final[Mapping[str, tuple[str, type | tuple[type, ...]]]] = {
    "town_name": ("string", str),
    "residents_in_millions": ("number", (int, float)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: its text, in how many pieces it came, the tools it called, whether it thought, and why it ended."""

    text: str = ""
    pieces: int = 0
    calls: tuple[str, ...] = ()
    reasoned: bool = False
    reason: str = ""

    @property
    def was_cut(self) -> bool:
        """Whether the limit came before the end, so that what is missing says nothing."""
        return self.reason == "length"


Judge = Callable[[Seen], list[Finding]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent, what part of it the server may refuse, which capabilities it is about, and who reads the answer."""

    about: tuple[Capability, ...]
    messages: tuple[ChatMessage, ...]
    judge: Judge
    feature: Feature | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def questions(rng: Random) -> tuple[Question, ...]:
    """All of them; the first needs nothing but an answer."""
    return (_words(), _tools(), _shape(), _picture(rng), _thought())


def _words() -> Question:
    asked = "Write the numbers from one to thirty as English words, separated by commas, and nothing else."

    def judge(seen: Seen) -> list[Finding]:
        if seen.pieces > 1:
            return [Finding(Capability.STREAMING, True, f"Its answer came in {seen.pieces} pieces.")]
        # One piece may be a server that gathers short answers.
        return [Finding(Capability.STREAMING, None, "Its answer was too short to tell.")]

    return Question((Capability.STREAMING,), _said(asked), judge, Feature.STREAMING)


def _tools() -> Question:
    first, second = _TOOLS
    asked = f"Call both tools now, in one step: {first} and {second}, each for Lisbon. Do not answer in words."
    parameters = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
    tools = [
        {"type": "function", "function": {"name": name, "description": what, "parameters": parameters}}
        for name, what in ((first, "The local time in a town"), (second, "The weather in a town"))
    ]

    def judge(seen: Seen) -> list[Finding]:
        called = [name for name in seen.calls if name in _TOOLS]
        if len(called) > 1:
            together = Finding(Capability.PARALLEL_TOOLS, True, "It called two tools in one step.")
        elif called:
            together = Finding(Capability.PARALLEL_TOOLS, False, "Asked for two calls in one step it made one.")
        else:
            together = Finding(Capability.PARALLEL_TOOLS, None, "It called no tool.")
        if called:
            return [Finding(Capability.TOOLS, True, "It called a tool."), together]
        return [_no(seen, Capability.TOOLS, "Asked to call a tool it answered in words."), together]

    about = (Capability.TOOLS, Capability.PARALLEL_TOOLS)
    return Question(about, _said(asked), judge, Feature.TOOLS, {"tools": tools})


def _shape() -> Question:
    schema = {
        "type": "object",
        "properties": {name: {"type": kind} for name, (kind, _) in _KEYS.items()},
        "required": list(_KEYS),
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "town", "strict": True, "schema": schema}}

    def judge(seen: Seen) -> list[Finding]:
        if _fits(seen.text):
            return [Finding(Capability.STRUCTURED_OUTPUT, True, "Its answer fitted the JSON schema.")]
        return [_no(seen, Capability.STRUCTURED_OUTPUT, "Its answer did not fit the JSON schema.")]

    asked = "What is the capital of Japan, and how many people live there?"
    about = (Capability.STRUCTURED_OUTPUT,)
    return Question(about, _said(asked), judge, Feature.STRUCTURED_OUTPUT, {"response_format": wanted})


def _picture(rng: Random) -> Question:
    left, right = rng.sample(sorted(_COLOURS), 2)
    asked = (
        "Which colour is the left half of this picture, and which the right half? "
        f"Choose from: {', '.join(sorted(_COLOURS))}. Answer with the two words only, left first."
    )
    content: list[dict[str, Any]] = [
        {"type": "text", "text": asked},
        {"type": "image_url", "image_url": {"url": two_halves(_COLOURS[left], _COLOURS[right])}},
    ]

    def judge(seen: Seen) -> list[Finding]:
        told = "".join(each if each.isalpha() else " " for each in seen.text.lower()).split()
        if [word for word in told if word in _COLOURS] == [left, right]:
            return [Finding(Capability.VISION, True, "It said what was in a picture.")]
        return [_no(seen, Capability.VISION, "It could not say what was in a picture.")]

    return Question((Capability.VISION,), ({"role": "user", "content": content},), judge, Feature.VISION)


def _thought() -> Question:
    asked = "A bat and a ball cost 1.10 together. The bat costs 1.00 more than the ball. What does the ball cost?"

    def judge(seen: Seen) -> list[Finding]:
        if seen.reasoned:
            return [Finding(Capability.REASONING, True, "It thought before it answered.")]
        # Many providers do not show it.
        return [Finding(Capability.REASONING, None, "No thinking could be seen, which many providers hide.")]

    # That the effort can't be chosen does not say that a model does not think: this refusal refutes nothing.
    return Question((Capability.REASONING,), _said(asked), judge, None, {"reasoning_effort": "low"})


def _said(text: str) -> tuple[ChatMessage, ...]:
    return ({"role": "user", "content": text},)


def _no(seen: Seen, capability: Capability, evidence: str) -> Finding:
    if seen.was_cut or not (seen.text or seen.calls):
        return Finding(capability, None, f"It came to no answer within {MAX_TOKENS} tokens.")
    return Finding(capability, False, evidence)


def _fits(text: str) -> bool:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(answer, dict)
        and answer.keys() == _KEYS.keys()
        and all(isinstance(answer[name], kind) for name, (_, kind) in _KEYS.items())
    )


def two_halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> str:
    """A PNG of two colours side by side, as a data URL of about 200 bytes."""
    row = b"\0" + bytes(left) * (_SIDE // 2) + bytes(right) * (_SIDE // 2)
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _SIDE, 9)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
