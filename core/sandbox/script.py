"""What the sandbox answers: deterministic, from the messages it was sent and the directives in the last one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.sandbox import replies
from core.sandbox.directives import Fault, directives_in, without_directives
from core.sandbox.plausible import plausible

MAX_WORDS = 5_000
_QUOTE_CHARS = 120
HANDED_ON = re.compile(r"\[The picture “[^”]*” of the answer before:\]")
"""What stands before a picture of an earlier answer, which comes along with every later prompt."""

_Choice = TypeVar("_Choice", bound=StrEnum)
_PIECE = re.compile(r"\s*\S+(?:\s+$)?|\s+")


class Pace(StrEnum):
    """How fast the words come."""

    INSTANT = "instant"
    NATURAL = "natural"
    SLOW = "slow"


# About 50 words a second is what a mid-sized hosted model does; slow leaves time to press stop.
SECONDS_PER_WORD = {Pace.INSTANT: 0.0, Pace.NATURAL: 0.02, Pace.SLOW: 0.25}


@dataclass(frozen=True, slots=True)
class Script:
    """One reply: its words in pieces that join to the text, how fast they come, what goes wrong and why it ends."""

    pieces: tuple[str, ...]
    pace: Pace
    fault: Fault | None
    finish_reason: str
    prompt_tokens: int
    calls: tuple[tuple[str, str], ...] = ()
    """Tools to call: names, and arguments as JSON."""
    thought: tuple[str, ...] = ()
    """What comes as reasoning before it, in pieces."""
    sources: tuple[tuple[str, str], ...] = ()
    """Pages that it cites: address and title."""

    @property
    def text(self) -> str:
        """The whole reply."""
        return "".join(self.pieces)


def write_script(
    messages: Sequence[Mapping[str, Any]], max_tokens: int | None = None, fault: Fault | None = None
) -> Script:
    """Decide the reply to a conversation in OpenAI's message shape, which fails by `fault`.

    A token is a word here: `max_tokens` words are sent at most, and usage counts words.
    """
    said = [text_of(message) for message in messages if message.get("role") == "user"]
    last = said[-1] if said else ""
    orders = {name: value.strip() if name != "say" else value for name, value in directives_in(last).items()}
    if fault is Fault.EMPTY:
        reply = ""
    elif "say" in orders:
        reply = orders["say"]
    elif orders.get("words", "").isdecimal():
        reply = replies.words(min(int(orders["words"][:9]), MAX_WORDS))
    else:
        plain = [HANDED_ON.sub("", without_directives(text)).strip() for text in said]
        prompt = plain[-1] if plain else ""
        usual = replies.reply(prompt, _quote(prompt), turn=len(said), first=_quote(plain[0]) if plain else "")
        reply = plausible(prompt) or usual
    pieces = tuple(_PIECE.findall(reply))[:MAX_WORDS]
    kept = pieces if max_tokens is None else pieces[: max(max_tokens, 0)]
    return Script(
        pieces=kept,
        pace=_member(Pace, orders.get("pace")) or Pace.NATURAL,
        fault=fault,
        finish_reason="length" if len(kept) < len(pieces) else "stop",
        prompt_tokens=sum(len(text_of(message).split()) for message in messages),
        thought=tuple(_PIECE.findall(orders.get("think", "")))[:MAX_WORDS],
        sources=tuple(_source(each) for each in orders.get("sources", "").split("|") if each.strip()),
    )


def last_prompt(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last user message."""
    said = [text_of(message) for message in messages if message.get("role") == "user"]
    return said[-1] if said else ""


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message whose content is a string or a list of typed parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return ""


def _source(words: str) -> tuple[str, str]:
    url, _, title = words.strip().partition(" ")
    return url, title.strip()


def _quote(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= _QUOTE_CHARS else line[: _QUOTE_CHARS - 1] + "…"


def _member(kind: type[_Choice], value: str | None) -> _Choice | None:
    return kind(value) if value in {member.value for member in kind} else None
