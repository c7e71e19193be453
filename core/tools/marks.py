"""Where in a text a tool call may begin: the marks of the dialects, told from a text that is still coming in."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from core.tools.lines import Lines, Mark, maybe_midline

__all__ = ["LOOK", "Mark", "Marks", "plain_bars", "plain_tokens"]

LOOK = 160
"""Characters from which on it is known whether a mark begins."""

_CLOSED = {
    "<|tool_call|>": ("<|/tool_call|>", "</|tool_call|>", "<|tool_call|>"),
    "<|tool_call>": ("<tool_call|>", "<|tool_call>"),
    "<start_function_call>": ("<end_function_call>", "<start_function_call>"),
    "<|tool_call_start|>": ("<|tool_call_end|>",),
    "<|tool_calls_begin|>": ("<|tool_calls_end|>",),
    "<|tool_calls_section_begin|>": ("<|tool_calls_section_end|>",),
    "<|tool_call_section_begin|>": ("<|tool_call_section_end|>",),
    "<|tool_call_begin|>": ("<|tool_call_end|>",),
    "<|START_ACTION|>": ("<|END_ACTION|>",),
    "<|action_start|><|plugin|>": ("<|action_end|>",),
    "<|python_start|>": ("<|python_end|>",),
}
_REST = ("<|python_tag|>", "[TOOL_CALLS]")
_HEADERS = ("<|channel|>", "<|start|>")  # gpt-oss
_TOKENS = (
    "im_end|eot_id|eom_id|eot|eom|end_of_sentence|end_of_text|end_of_turn|endoftext|end|return|call|python_end|action_end|END_ACTION"
    "|START_RESPONSE|END_RESPONSE|START_TEXT|END_TEXT|START_THINKING|END_THINKING|/tool_call|tool_call_end|tool_calls_end"
    "|tool_calls_section_end|tool_call_section_end"
)
_STRAYS = (
    *(f"<|{token}|>" for token in _TOKENS.split("|")),
    "</|tool_call|>", "<tool_call|>", "<turn|>", "<end_of_turn>", "<end_function_call>",
    "<|start_header_id|>assistant<|end_header_id|>",
)  # fmt: skip
_AFTER_A_CALL = ("</s>",)  # in other places it ends what was crossed out
_FIXED = (*_CLOSED, *_REST, *_HEADERS, *_STRAYS, *_AFTER_A_CALL)
_ENDS = tuple(f"<|{token}|>" for token in ("im_end", "eot_id", "eom_id", "endoftext", "end_of_text"))
_AROUND_CALLS = {"bare", "fence", "marked"}
_DSML = ("<|DSML|", "</|DSML|")
_SPACE = r"(?P<space>[a-z]{1,12}[:_]|\|DSML\||)"
_WHAT = r"(?P<what>tool[_-]?calls?|tool_use|tool_code|function_?calls?)"
_TAG = re.compile(rf"<{_SPACE}{_WHAT}(?P<rest>\s[^<>\n]{{0,80}})?>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?:name|function|tool)=[\"']?([\w.\-]+)", re.IGNORECASE)
_END_TAG = re.compile(
    r"</(?:[a-z]{1,12}[:_]|\|DSML\|)?(?P<what>tool[_-]?calls?|tool_use|tool_code|function_?calls?|function|invoke|parameter)\s?>",
    re.IGNORECASE,
)
_RESULT = re.compile(r"<((?:tool|function)_(?:response|result|output)s?)>")
_HOLDER = re.compile(
    r"<(tools?|function|call|json|action)(?:\sname=[\"']?(?P<name>[\w.\-]+)[\"']?)?>\s{0,16}(?=[{\[])"
    r"|<(execute_tool|use_mcp_tool)>"
)
_ESCAPED = re.compile(r"&lt;(/?)tool_call&gt;")
_ESCAPED_MARKS = ("&lt;tool_call&gt;", "&lt;/tool_call&gt;")
_SPACED = re.compile(r"<\s(/?)\s?tool_call\s?>|</\stool_call\s?>")
_SPACED_MAYBE = re.compile(r"<(?:\s/?|/)\s?(?:t(?:o(?:o(?:l(?:_(?:c(?:a(?:l(?:l\s?)?)?)?)?)?)?)?)?)?")
_SPACED_CLOSERS = (
    "</tool_call>",
    "</ tool_call>",
    "</ tool_call >",
    "< /tool_call>",
    "< /tool_call >",
    "</tool_call >",
)
_TURNS = ("<|im_start|>", "<start_of_turn>")
_TURN = re.compile(r"(?:<\|im_start\|>|<start_of_turn>)(?P<who>[a-z]{1,9})(?:\n|(?=[<{]))")
_TURN_MAYBE = re.compile(r"(?:<\|im_start\|>|<start_of_turn>)[a-z]{0,9}")
_TILDES = re.compile(r"~~~\w{0,12}\n\s{0,32}(?=[{\[<])")
_TILDES_MAYBE = re.compile(r"~{1,2}|~~~\w{0,12}(?:\n\s{0,32})?")
_FUNCTION = re.compile(r"<(?P<space>[a-z]{1,12}:|\|DSML\|)?(?P<kind>invoke|function)(?:=| name=|>)")
_TAG_MAYBE = re.compile(
    r"</?(?:\|DSML\|)?[a-z]{0,12}[:_-]?[a-z_-]{0,16}(?:[\s=][^<>\n]{0,80})?(?:>\s{0,16})?", re.IGNORECASE
)
_JSON_KEYS = (
    "name|function|function_name|tool|tool_name|type|id|arguments|parameters|action|tool_calls?|function_call|tool_call_id|tool_uses"
    "|recipient_name|calls|thoughts?|reasoning|args|params|input|tool_input|action_input|kwargs|index|role|content"
)
_FENCE = re.compile(r"```([^\n`{\[<]{0,40})(?:\n\s{0,32}|(?<=\w)[ \t]{1,4}(?=[{\[<]))(?=\S)")
_FENCE_MAYBE = re.compile(r"`{1,3}$|```[^\n`{\[<]{0,40}(?:\n\s{0,32})?$")
_CODE_FENCES = {"tool_code", "tool_call", "tool_calls", "python", "py", "", "text", "tool"}
_MARKED_FENCES = {"tool_code", "tool_call", "tool_calls"}
_SQUARE = re.compile(r"\[(TOOL_CALL|TOOL_REQUEST)\]", re.IGNORECASE)
_SQUARE_CLOSERS = {"tool_call": ("[/{}]", "[END_{}]"), "tool_request": ("[END_{}]", "[/{}]")}
_SQUARE_FIXED = (
    "[TOOL_CALLS]",
    "[/TOOL_CALLS]",
    "[TOOL_CALL]",
    "[tool_call]",
    "[TOOL_REQUEST]",
    "[TOOL_RESULTS]",
    "[e~[",
    "[|endofturn|]",
)
_CALLED = re.compile(r"\[\s{0,16}([A-Za-z_][\w.]{0,63})\(")
_CALLED_MAYBE = re.compile(r"\[\s{0,16}(?:[A-Za-z_][\w.]{0,63})?$")
_MINIMAX = "]<]minimax[>["
_UNWIDE = str.maketrans("｜▁", "|_")  # DeepSeek's tokens are written with these


def plain_bars(text: str) -> str:
    """DeepSeek's wide bars and low blocks as ASCII, for finding marks; of the same length."""
    return text.translate(_UNWIDE) if "｜" in text or "▁" in text else text


_TOKEN = re.compile(r"<[|｜][\w▁|｜/]{1,40}[|｜]>|</?｜DSML｜")


def plain_tokens(text: str) -> str:
    """The same with `plain_bars` inside of tokens alone: arguments stay as they are."""
    return _TOKEN.sub(lambda found: plain_bars(found.group()), text)


class Marks:
    """The marks of the calls of some tools."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._elements = tuple(f"<{name}>" for name in names)
        keys = "|".join((_JSON_KEYS, *map(re.escape, names)))
        self._json_begins = re.compile(
            rf"(?:\[\s{{0,16}})?\{{\s{{0,16}}(?:\{{\s{{0,16}})?\\{{0,2}}[\"'“]?(?:{keys})\\{{0,2}}[\"'”]?\s{{0,8}}:"
        )
        self._json_maybe = re.compile(
            r"(?:\[\s{0,16})?(?:\{\s{0,16}(?:\{\s{0,16})?\\{0,2}[\"'“]?(?:[\w.\-]{0,64}\\{0,2}[\"'”]?\s{0,8})?)?$"
        )
        self._lines = Lines(self._names, self._json_or_fence)
        within = rf"[<\[{{`\]~]|&(?=l|\Z)|(?<=\n)(?=[A-Za-z_*\"✿])|{maybe_midline}"
        self.places = re.compile(rf"{within}|^(?=[A-Za-z_*\"✿])")
        self.places_within = re.compile(within)

    def at(self, buffer: str, place: int, before: str = "\n") -> Mark | bool:
        """The mark at `place`, `before` the character there; False: none; True: what is still to come decides."""
        seen = plain_bars(buffer[place : place + LOOK])
        found: Mark | bool
        match seen[0]:
            case "<":
                found = self._tag(seen, before)
            case "`":
                found = self._fence(seen)
            case "{":
                found = self._json(seen)
            case "[":
                found = self._bracket(seen)
            case "]":
                found = Mark(len(_MINIMAX), "stray") if seen.startswith(_MINIMAX) else _MINIMAX.startswith(seen)
            case "&":
                found = _escaped(seen)
            case "~":
                found = self._tildes(seen)
            case _:
                found = self._lines.at(seen, before)
        return found if found is not True or len(seen) < LOOK else False

    def _tag(self, seen: str, before: str) -> Mark | bool:  # noqa: PLR0911 one for each kind
        if spaced := _spaced(seen):
            return spaced
        if len(seen) > 1 and not (seen[1] in "/|_" or seen[1].isalpha()):
            return False
        for fixed in _FIXED:
            if seen.startswith(fixed):
                # Behind a blank or a quote the words are about the token.
                return Mark(len(fixed), "after") if fixed in _ENDS and before in " \"'(" else _fixed(fixed)
        if turn := _TURN.match(seen):
            return Mark(turn.end(), "stray" if turn.group("who") in {"assistant", "model"} else "after")
        if found := _TAG.match(seen):
            opener = found.group().partition(found.group("rest") or ">")[0].rstrip(">")
            closers = (f"</{opener[1:]}>", f"</{opener[1:]} >")
            reopens = () if found.group("what").lower().endswith("s") else (f"{opener}>",)
            named = _ATTRIBUTE.search(found.group("rest") or "")
            return Mark(found.end(), "marked", (*closers, *reopens), reopens, named.group(1) if named else "")
        if (found := _FUNCTION.match(seen)) and seen[found.end() - 1] != ">":
            return Mark(0, "marked", (f"</{found.group('space') or ''}{found.group('kind')}>",))
        if close := _END_TAG.match(seen):
            is_common = close.group("what").lower() in {"function", "parameter"}
            return Mark(close.end(), "after" if is_common else "stray")
        if found := _RESULT.match(seen):
            return Mark(found.end(), "result", (f"</{found.group(1)}>",))
        if found := _HOLDER.match(seen):
            return Mark(
                found.end(), "fence", (f"</{found.group(1) or found.group(3)}>",), (), found.group("name") or ""
            )
        for element in self._elements:
            if seen.startswith(element):
                return Mark(0, "fence", (f"</{element[1:]}",))
        maybe = any(each.startswith(seen) for each in (*_FIXED, *_DSML, *_TURNS, *self._elements))
        return maybe or bool(_TAG_MAYBE.fullmatch(seen) or _TURN_MAYBE.fullmatch(seen))

    def _tildes(self, seen: str) -> Mark | bool:
        """The other fence: only one around a call is a mark."""
        if found := _TILDES.match(seen):
            begins = self.at(seen, found.end())
            return begins and (begins is True or Mark(found.end(), "fence", ("~~~",)))
        return bool(_TILDES_MAYBE.fullmatch(seen))

    def _fence(self, seen: str) -> Mark | bool:
        if not seen.startswith("```"):
            return bool(_FENCE_MAYBE.fullmatch(seen)) or _inline(seen)
        if found := _FENCE.match(seen):
            kind = found.group(1).strip().lower()
            if kind in _MARKED_FENCES:
                return Mark(found.end(), "marked", ("```",))
            rest = seen[found.end() :]
            if begins := self._begins(rest, is_code=kind in _CODE_FENCES):
                return begins if begins is True else Mark(found.end(), "fence", ("```",))
            return Mark(3, "code", ("```",))
        return True if _FENCE_MAYBE.fullmatch(seen) else Mark(3, "code", ("```",))

    def _begins(self, rest: str, *, is_code: bool) -> Mark | bool:
        """Whether a call begins a code block."""
        if rest[0] in "{[<":
            return self.at(rest, 0)
        word = re.match(r"(?:print\()?([\w.]*)(\(?)", rest)
        if word is None or not is_code:
            return False
        if word.group(2):
            return Mark(0, "bare") if word.group(1).rpartition(".")[2] in self._names else False
        return word.end() == len(rest)

    def _bracket(self, seen: str) -> Mark | bool:  # noqa: PLR0911 one for each kind
        if len(seen) > 1 and not (seen[1].isalpha() or seen[1] in "{_ \n\t\r/|"):
            return False
        if seen.startswith("[TOOL_CALLS]"):
            return Mark(12, "rest")
        if seen.startswith("[TOOL_RESULTS]"):
            return Mark(14, "result", ("[/TOOL_RESULTS]",))
        if found := _SQUARE.match(seen):
            what = found.group(1)
            return Mark(found.end(), "marked", tuple(each.format(what) for each in _SQUARE_CLOSERS[what.lower()]))
        for stray in ("[/TOOL_CALLS]", "[e~[", "[|endofturn|]"):
            if seen.startswith(stray):
                return Mark(len(stray), "stray")
        if found := _CALLED.match(seen):
            return Mark(0, "bare") if found.group(1).rpartition(".")[2] in self._names else False
        maybe = any(each.startswith(seen) for each in _SQUARE_FIXED) or bool(_CALLED_MAYBE.fullmatch(seen))
        return maybe or self._json(seen)

    def _json(self, seen: str) -> Mark | bool:
        if self._json_begins.match(seen):
            return Mark(0, "bare")
        return bool(self._json_maybe.fullmatch(seen))

    def _json_or_fence(self, seen: str, skipped: int) -> Mark | bool:
        """The mark of JSON or of a code block that stands behind a word."""
        found = self.at(seen, skipped)
        if isinstance(found, Mark):
            return replace(found, length=found.length + skipped) if found.shape in _AROUND_CALLS else False
        return found


def _fixed(mark: str) -> Mark:
    if closers := _CLOSED.get(mark):
        # What stands between the one token of a call and its name is part of it.
        length = 0 if mark == "<|tool_call_begin|>" else len(mark)
        return Mark(length, "marked", closers, (mark,) if mark in closers else ())
    if mark in _REST:
        return Mark(len(mark), "rest")
    if mark in _HEADERS:
        return Mark(0, "header", ("<|message|>",))
    return Mark(len(mark), "stray" if mark in _STRAYS else "after")


def _escaped(seen: str) -> Mark | bool:
    """Marks of Hermes written for HTML."""
    if found := _ESCAPED.match(seen):
        if found.group(1):
            return Mark(found.end(), "after")
        return Mark(found.end(), "fence", (_ESCAPED_MARKS[1], "</tool_call>"))
    return any(each.startswith(seen) for each in _ESCAPED_MARKS)


def _spaced(seen: str) -> Mark | bool:
    """Marks of Hermes with blanks in them."""
    if found := _SPACED.match(seen):
        is_end = "/" in found.group()
        return Mark(found.end(), "after") if is_end else Mark(found.end(), "fence", _SPACED_CLOSERS)
    return len(seen) > 1 and bool(_SPACED_MAYBE.fullmatch(seen))


def _inline(seen: str) -> Mark | bool:
    """Code within a line: what stands in it is for people."""
    ticks = 2 if seen.startswith("``") else 1
    return Mark(ticks, "code", ("`" * ticks,))
