"""Which beginning of a running answer stands for good, however it goes on."""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)")
_BLANK = re.compile(r"\n[ \t]*\n(?=\S)")
# Also what may yet become a marker: the next piece of the stream can bring the space after a "-" or a "1.".
_CONTINUES = re.compile(r"\s|[-*+](\s|$)|\d{1,9}([.)]?$|[.)]\s)|\||>")


def seal_at(text: str) -> int:
    """Length of the beginning of `text` that later text can't change; 0 when there is none.

    A boundary is a blank line outside a code fence, followed by a line that does not continue a list, a table or a
    quotation. Link definitions and footnotes may reach back over it; they are shown right once the answer is whole.
    """
    best, fence, start = 0, "", 0
    for blank in _BLANK.finditer(text):
        fence = _fence_after(text[start : blank.end()], fence)
        start = blank.end()
        if not fence and not _CONTINUES.match(text, start):
            best = start
    return best


def _fence_after(text: str, fence: str) -> str:
    """The code fence that is open after `text`, given the one open before it; empty for none.

    As in CommonMark: a fence is closed by its own character, at least as often, with nothing behind it.
    """
    for line in text.splitlines():
        found = _FENCE.fullmatch(line)
        if found is None:
            continue
        marks, info = found.groups()
        if not fence:
            fence = marks
        elif marks.startswith(fence) and not info.strip():
            fence = ""
    return fence
