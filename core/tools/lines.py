"""Calls that begin with a word and no mark of their own: `name(...)`, `name[ARGS]{...}`, `Action: name`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """What may begin a call.

    Args:
        length: of the mark itself.
        closers: what ends it; nothing: the end of its JSON or of the text, see `shape`.
        shape: `marked` (nobody writes that for people), `fence` (a code block), `bare` (JSON or Python as it is),
            `rest` (up to the end of the text), `stray` (an end without a beginning), `after` (one behind a call only),
            `code` (a block for people), `header` (says what comes next), `thought` (not said to anybody),
            `result` (of a tool, made up behind its call).
        reopens: those of the closers that begin the next call.
        name: whose arguments stand behind the mark; empty where the call names its tool itself.
        body: where its bracket is, from the mark on; -1: behind the mark.
        alone: nothing else may stand in its last line.
    """

    length: int
    shape: str
    closers: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()
    name: str = ""
    body: int = -1
    alone: bool = False


_ROOT = r"(?:(?:functions?|default_api|tools?|call)[.:]){0,2}"
_CALL = re.compile(
    rf"(?P<code>tool_code\s{{1,4}})?(?P<shown>print\(\s{{0,4}})?{_ROOT}(?P<name>[A-Za-z_][\w\-]{{0,63}})(?::\d{{1,3}})?"
    r"(?:(?P<paren>\()|(?:\s{0,4}\[ARGS\]\s{0,4}|\s{0,4})(?P<brace>\{)(?=\s{0,16}[\w\"'“}{\\/]))"
)
_CALL_MAYBE = re.compile(
    rf"(?:tool_code\s{{1,4}})?(?:print\(\s{{0,4}})?{_ROOT}(?P<name>[A-Za-z_][\w\-]{{0,63}})?"
    r"(?P<tail>(?::\d{0,3})?\s{0,4}(?:\[(?:A(?:R(?:G(?:S(?:\]\s{0,4})?)?)?)?)?)?(?:\{\s{0,16})?)"
)
_ROOTS = ("print(", "tool_code\n", "functions.", "function.", "default_api.", "tools.", "tool.", "call:")
_ACTION = re.compile(r"\*{0,2}Action\*{0,2}:\*{0,2}\s{0,4}")
_ACTION_MAYBE = re.compile(r"\*{1,2}|\*{0,2}A(?:c(?:t(?:i(?:o(?:n(?:\*{0,2}(?::\*{0,2}\s{0,4})?)?)?)?)?)?)?")
_FLOWER = re.compile(r"✿FUNCTION✿:?\s{0,4}([\w.\-]{1,64})\s{0,4}✿ARGS✿:?\s{0,4}(?=\{)|✿(?:RESULT|RETURN)✿:?")
_FLOWER_MAYBE = re.compile(r"✿[A-Z]{0,8}✿?:?\s{0,4}[\w.\-]{0,64}\s{0,4}(?:✿[A-Z]{0,4}✿?:?\s{0,4})?")
_AROUND = re.compile(r"(?:\*\*|\")(?=[{\[<]|\Z)")
_NAMED = re.compile(r"([\w.\-]{1,64})(\s{0,4})")
_INPUT = re.compile(r"\*{0,2}Action[ _]Input\*{0,2}:\*{0,2}\s{0,4}")
_INPUT_MAYBE = re.compile(r"[*A-Za-z _:\s]{0,28}")
_MIDLINE = (
    "functools[", "functools [", "to=functions.", "commentary to=functions.", "analysis to=functions.",
    "assistant to=functions.", "assistantcommentary to=functions.", "assistantanalysis to=functions.",
)  # fmt: skip
_TO = re.compile(
    r"(?:assistant)?(?:commentary|analysis)? ?to=functions\.(?P<name>[\w\-]+)"
    r"(?:\s|<\|constrain\|>|<\|channel\|>|<\|message\|>|commentary|analysis|json|code){0,8}(?=\{)"
)
_TO_MAYBE = re.compile(r"(?:assistant)?(?:commentary|analysis)? ?to=functions\.[\w\-]*(?:[\s\w<|>]{0,80})")


def _beginnings(word: str) -> str:
    """The word, or any beginning of it that the text ends with, as a regular expression."""
    return re.escape(word) if len(word) == 1 else f"{re.escape(word[0])}(?:{_beginnings(word[1:])})?"


_HELD = "|".join(_beginnings(word) for word in _MIDLINE)
maybe_midline = (
    rf"(?<!\w)(?=functools|to=func|commentary to=|analysis to=|assistant(?:commentary|analysis)? ?to=|(?:{_HELD})\Z)"
)
"""Where one of them may begin within a line, as a regular expression."""


class Lines:
    """Those of some tools.

    Args:
        names: of the tools.
        behind: the mark of JSON or a code block behind so many characters of what is seen.
    """

    def __init__(self, names: Collection[str], behind: Callable[[str, int], Mark | bool]) -> None:
        self._names = names
        self._behind = behind

    def at(self, seen: str, before: str) -> Mark | bool:
        """The mark that `seen` begins with; see `Marks.at`."""
        if before == "\n" and seen[0] == "✿":
            return _flower(seen)
        if before == "\n" and (around := _AROUND.match(seen)):  # bold, or quoted
            return around.end() == len(seen) or self._behind(seen, around.end())
        if before == "\n" and (found := self._action(seen) or self._call(seen)):
            return found
        return self._midline(seen) if not (before.isalnum() or before == "_") else False

    def _call(self, seen: str) -> Mark | bool:  # noqa: PLR0911 one for each form
        if (found := _CALL.match(seen)) and found.group("name") in self._names:
            if found.group("brace"):
                if found.group("shown"):
                    return False
                return Mark(found.end() - 1, "bare", name=found.group("name"))
            code = len(found.group("code") or "")
            body = seen.index("(", code)  # that of `print`, where there is one
            return Mark(code, "bare", body=body, alone=True)
        if any(root.startswith(seen) for root in _ROOTS):
            return True
        found = _CALL_MAYBE.fullmatch(seen)
        if found is None:
            return False
        name = found.group("name") or ""
        if found.group("tail"):
            return name in self._names
        return any(each.startswith(name) for each in (*self._names, *_ROOTS))

    def _action(self, seen: str) -> Mark | bool:  # noqa: PLR0911 one for each form
        begun = _ACTION.match(seen)
        if begun is None or begun.end() == len(seen):
            return bool(_ACTION_MAYBE.fullmatch(seen))
        if seen[begun.end()] in "{[`":
            return self._behind(seen, begun.end())
        named = _NAMED.match(seen, begun.end())
        if named is None:
            return False
        name = named.group(1)
        if named.end() == len(seen):
            return any(each.startswith(name) for each in self._names)
        if name not in self._names:
            return False
        rest = seen[named.end() :]
        if rest[0] == "(":
            return Mark(begun.end(), "bare", body=named.end(), alone=True)
        if rest[0] == "[":
            return Mark(named.end(), "bare", name=name)
        if given := _INPUT.match(rest):
            at = named.end() + given.end()
            return seen[at] == "{" and Mark(at, "bare", name=name) if at < len(seen) else True
        return bool(_INPUT_MAYBE.fullmatch(rest))

    def _midline(self, seen: str) -> Mark | bool:
        if seen.startswith("functools"):
            bracket = len("functools ") if seen[9:10] == " " else 9
            if len(seen) <= bracket:
                return True
            return self._behind(seen, bracket) if seen[bracket] == "[" else False
        if found := _TO.match(seen):
            return Mark(found.end(), "bare", name=found.group("name"))
        return any(each.startswith(seen) for each in _MIDLINE) or bool(_TO_MAYBE.fullmatch(seen))


def _flower(seen: str) -> Mark | bool:
    """Qwen-Agent's marks."""
    if not (found := _FLOWER.match(seen)):
        return bool(_FLOWER_MAYBE.fullmatch(seen))
    if found.group(1):
        return Mark(found.end(), "bare", name=found.group(1))
    return Mark(found.end(), "result", ("✿RETURN✿:",)) if "RESULT" in found.group() else Mark(found.end(), "after")
