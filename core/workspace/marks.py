"""What marks in the words of notices mean: emphasis and links, and no more of Markdown than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_LINK = r"\[(?P<label>[^\[\]]+)\]\((?P<target>(?:https?://|mailto:)[^\s()<>\\]+)\)"
_STRONG = r"\*\*(?P<strong>[^\s*](?:[^*]*[^\s*])?)\*\*"
_SOFT = r"(?<![\w*])(?P<mark>[*_])(?P<soft>[^\s*_](?:[^*_]*[^\s*_])?)(?P=mark)(?![\w*])"
_MARKED = re.compile(f"{_LINK}|{_STRONG}|{_SOFT}")


class Mark(Enum):
    """How a piece is marked."""

    NONE = "none"
    EMPHASIS = "emphasis"
    STRONG = "strong"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text as it is read, how it is marked, and where a link goes."""

    text: str
    mark: Mark = Mark.NONE
    target: str = ""


def pieces(words: str) -> Iterator[Piece]:
    """The words in their order; what is no mark stays as it is written."""
    end = 0
    for found in _MARKED.finditer(words):
        if end < found.start():
            yield Piece(words[end : found.start()])
        if found["target"]:
            yield Piece(found["label"], Mark.LINK, found["target"])
        elif found["strong"]:
            yield Piece(found["strong"], Mark.STRONG)
        else:
            yield Piece(found["soft"], Mark.EMPHASIS)
        end = found.end()
    if end < len(words):
        yield Piece(words[end:])


def in_plain(words: str) -> str:
    """As programs are told: without marks, a link's target behind its text."""
    return "".join(f"{each.text} ({each.target})" if each.target else each.text for each in pieces(words))
