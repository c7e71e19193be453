"""Where in a text a tool call may begin: the marks of the dialects, told from a text that is still coming in."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

LOOK = 80
"""Characters from which on it is known whether a mark begins."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What may begin a call.

    Args:
        length: of the mark itself.
        closers: what ends it; nothing: the end of its JSON or of the text, see `shape`.
        shape: `marked` (nobody writes that for people), `fence` (a code block), `bare` (JSON or Python as it is),
            `rest` (up to the end of the text), `stray` (an end without a beginning), `code` (a block for people).
    """

    length: int
    shape: str
    closers: tuple[str, ...] = ()


_CLOSED = {
    "<tool_call>": ("</tool_call>", "<tool_call>"),
    "<tool_calls>": ("</tool_calls>",),
    "<tool_use>": ("</tool_use>",),
    "<function_call>": ("</function_call>",),
    "<functioncall>": ("</functioncall>", "<functioncall>"),
    "<function_calls>": ("</function_calls>",),
    "<|tool_call|>": ("<|/tool_call|>", "</|tool_call|>", "<|tool_call|>"),
    "<|tool_call_start|>": ("<|tool_call_end|>",),
    "<|tool_calls_begin|>": ("<|tool_calls_end|>",),
    "<|tool_calls_section_begin|>": ("<|tool_calls_section_end|>",),
    "<|tool_call_begin|>": ("<|tool_call_end|>",),
}
REOPENERS = frozenset(opener for opener, closers in _CLOSED.items() if opener in closers)
"""Marks that also end what was never closed before them."""
_REST = ("<|python_tag|>", "[TOOL_CALLS]")
_STRAY = (
    *(closer for closers in _CLOSED.values() for closer in closers if closer not in _CLOSED),
    "</function>", "</invoke>", "</parameter>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_sentence|>",
)  # fmt: skip
_FIXED = (*_CLOSED, *_REST, *_STRAY)
_FUNCTION = re.compile(r"<(?:(?P<space>[a-z]{1,12}:)?(?P<kind>function_calls|invoke|function)(?:=| name=|>))")
_FUNCTION_MAYBE = re.compile(r"<(?:[a-z]{1,12}:)?(?:[a-z_]{0,14})(?:=| n?a?m?e?)?$")
_JSON = re.compile(
    r"(?:\[\s{0,16})?\{\s{0,16}\\{0,2}[\"'“]?"
    r"(?P<key>name|function|function_name|tool|tool_name|type|id|arguments|parameters|action|tool_calls|function_call)\\{0,2}[\"'”]?\s{0,8}:"
)
_JSON_MAYBE = re.compile(r"(?:\[\s{0,16})?(?:\{\s{0,16}\\{0,2}[\"'“]?(?:[a-z_]{0,16}\\{0,2}[\"'”]?\s{0,8})?)?$")
_FENCE = re.compile(r"```([^\n`]{0,40})\n\s{0,32}(?=\S)")
_FENCE_MAYBE = re.compile(r"`{1,3}$|```[^\n`]{0,40}(?:\n\s{0,32})?$")
_FENCES = {"tool_code", "tool_call", "tool_calls", "json", "xml", "python", "py", "", "text", "jsonc", "json5", "tool"}
_MARKED_FENCES = {"tool_code", "tool_call", "tool_calls"}
_CALLED = re.compile(r"\[\s{0,16}([A-Za-z_][\w.]{0,63})\(")
_CALLED_MAYBE = re.compile(r"\[\s{0,16}(?:[A-Za-z_][\w.]{0,63})?$")
_UNWIDE = str.maketrans("｜▁", "|_")  # DeepSeek's tokens are written with these


def plain_bars(text: str) -> str:
    """DeepSeek's wide bars and low blocks as ASCII, for finding marks; of the same length."""
    return text.translate(_UNWIDE) if "｜" in text or "▁" in text else text


_TOKEN = re.compile(r"<[|｜][\w▁|｜/]{1,40}[|｜]>")


def plain_tokens(text: str) -> str:
    """The same with `plain_bars` inside of tokens alone: arguments stay as they are."""
    return _TOKEN.sub(lambda found: plain_bars(found.group()), text)


class Marks:
    """The marks of the calls of some tools."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._elements = tuple(f"<{name}>" for name in names)
        self.places = re.compile(r"[<\[{`]")

    def at(self, buffer: str, place: int) -> Mark | bool:
        """The mark at `place`; False: there is none; True: what is still to come decides."""
        seen = plain_bars(buffer[place : place + LOOK])
        found: Mark | bool
        match seen[0]:
            case "<":
                found = self._tag(seen)
            case "`":
                found = self._fence(seen)
            case "{":
                found = _json(seen)
            case _:
                found = self._bracket(seen)
        return found if found is not True or len(seen) < LOOK else False

    def _tag(self, seen: str) -> Mark | bool:  # noqa: PLR0911 one for each kind
        if len(seen) > 1 and not (seen[1] in "/|_" or seen[1].isalpha()):
            return False
        for fixed in _FIXED:
            if seen.startswith(fixed):
                if closers := _CLOSED.get(fixed):
                    return Mark(len(fixed), "marked", closers)
                return Mark(len(fixed), "rest" if fixed in _REST else "stray")
        if found := _FUNCTION.match(seen):
            space, kind = found.group("space") or "", found.group("kind")
            if kind == "function_calls" or seen[found.end() - 1] != ">":
                return Mark(0, "marked", (f"</{space}{kind}>",))
        if close := re.match(r"</[a-z]{1,12}:(?:function_calls|invoke|parameter)>", seen):
            return Mark(close.end(), "stray")
        for element in self._elements:
            if seen.startswith(element):
                return Mark(0, "marked", (f"</{element[1:]}",))
        maybe = any(each.startswith(seen) for each in (*_FIXED, *self._elements)) or _FUNCTION_MAYBE.fullmatch(seen)
        return bool(maybe or re.fullmatch(r"</[a-z]{1,12}(?::[a-z_]{0,14})?", seen))

    def _fence(self, seen: str) -> Mark | bool:
        if not seen.startswith("```"):
            return bool(_FENCE_MAYBE.fullmatch(seen)) or _inline(seen)
        if found := _FENCE.match(seen):
            kind = found.group(1).strip().lower()
            if kind in _MARKED_FENCES:
                return Mark(found.end(), "marked", ("```",))
            rest = seen[found.end() :]
            if kind in _FENCES and (begins := self._begins(rest)):
                return begins if begins is True else Mark(found.end(), "fence", ("```",))
            return Mark(3, "code", ("```",))
        return True if _FENCE_MAYBE.fullmatch(seen) else Mark(3, "code", ("```",))

    def _begins(self, rest: str) -> Mark | bool:
        """Whether a call begins a code block."""
        if rest[0] in "{[<":
            return self.at(rest, 0)
        word = re.match(r"(?:print\()?([\w.]*)(\(?)", rest)
        if word is None or not word.group(1):
            return False
        if word.group(2):
            return Mark(0, "bare") if word.group(1).rpartition(".")[2] in self._names else False
        return word.end() == len(rest)

    def _bracket(self, seen: str) -> Mark | bool:
        if len(seen) > 1 and not (seen[1].isalpha() or seen[1] in "{_ \n\t\r"):
            return False
        if seen.startswith("[TOOL_CALLS]"):
            return Mark(12, "rest")
        if found := _CALLED.match(seen):
            return Mark(0, "bare") if found.group(1) in self._names else False
        maybe = "[TOOL_CALLS]".startswith(seen) or bool(_CALLED_MAYBE.fullmatch(seen))
        return maybe or _json(seen)


def _inline(seen: str) -> Mark | bool:
    """Code within a line: what stands in it is for people."""
    ticks = 2 if seen.startswith("``") else 1
    return Mark(ticks, "code", ("`" * ticks,))


def _json(seen: str) -> Mark | bool:
    if _JSON.match(seen):
        return Mark(0, "bare")
    return bool(_JSON_MAYBE.fullmatch(seen))
