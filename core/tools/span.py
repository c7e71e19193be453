"""Finds where a bracketed value ends, while it is still coming in."""

from __future__ import annotations

import re

_NEXT = {
    '"': re.compile(r"[\"{}\[\]()\\]"),
    "'": re.compile(r"['{}\[\]()\\]"),
    "\"'": re.compile(r"[\"'{}\[\]()\\]"),
}
_IN = {'"': re.compile(r"[\"\\]"), "'": re.compile(r"['\\]")}
_AFTER = re.compile(r"\s{0,64}([^\s])")
_PYTHON = re.compile(r"\[\s*[A-Za-z_]|\(")
_SINGLE = re.compile(r"[\[\s]*\{\s*'")


class Span:
    """A value from its first bracket on. Each character is looked at once, however the text is cut.

    Args:
        at: where in the buffer it begins.
        quotes: what a text in it may be quoted with.
    """

    def __init__(self, at: int, quotes: str = '"') -> None:
        self._at = at
        self._quotes = quotes
        self._depth = 0
        self._quote = ""
        self._end: int | None = None

    @property
    def in_text(self) -> bool:
        """Whether what came last is inside quotes."""
        return bool(self._quote)

    def end(self, buffer: str, until: int) -> int | None:
        """Where it ends before `until`, after its last bracket; None while it does not."""
        while self._end is None:
            found = (_IN[self._quote] if self._quote else _NEXT[self._quotes]).search(buffer, self._at, until)
            if found is None:
                self._at = max(self._at, until)
                return None
            char, place = found.group(), found.start()
            if char == "\\":
                if place + 1 >= until:
                    self._at = place
                    return None
                self._at = place + 2
                continue
            if self._quote == "'" and self._quotes == "'":  # an apostrophe ends no text
                after = _AFTER.match(buffer, place + 1)
                if after is None:
                    self._at = place
                    return None
                self._at = place + 1
                if after.group(1) in ",:}]":
                    self._quote = ""
                continue
            self._at = place + 1
            if char in "\"'":
                self._quote = "" if self._quote else char
            elif char in "{[(":
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth <= 0:
                    self._end = self._at
        return self._end


def quotes_of(beginning: str) -> str:
    """What texts are quoted with in a value that begins so."""
    if _PYTHON.match(beginning):
        return "\"'"
    return "'" if _SINGLE.match(beginning) else '"'
