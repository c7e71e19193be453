"""A message as text: what was typed, each attached file fenced under its name, and what is no text in words."""

from __future__ import annotations

import re
from dataclasses import replace

from core.chat.bridge import described
from data.values.parts import (
    AudioPart,
    ChartPart,
    FilePart,
    ImagePart,
    Part,
    TablePart,
    TextFilePart,
    TextPart,
    VideoPart,
)

_FENCES = re.compile(r"`{3,}")
_HALF = re.compile(r"[\ud800-\udfff]")

_CUT_NOTE_CHARS = 60
"""Kept free for the note in a file that is cut."""


def as_text(parts: tuple[Part, ...]) -> str:
    """All that a model that only reads is told of a message, one blank line between its parts.

    Calls of tools and what they gave are told by `tool_traffic`.
    """
    said = (words(part) for part in parts)
    return "\n\n".join(text for text in said if text is not None)


def words(part: Part) -> str | None:
    """One part as text; None for what no model is told."""
    said = _words(part)
    return None if said is None else whole(said)


def whole(text: str) -> str:
    """The text without halves of characters: models send some (a cut emoji), no server takes them back."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _words(part: Part) -> str | None:  # noqa: PLR0911 one for each kind
    match part:
        case TextPart(text):
            return text
        case TextFilePart():
            return _enclosed(part)
        case ImagePart():
            return described.picture(part)
        case AudioPart():
            return described.sound(part)
        case VideoPart():
            return described.video(part)
        case FilePart():
            return described.document(part, "There is no text in it that could be read.")
        case TablePart():
            return described.table(part)
        case ChartPart():
            return described.chart(part)
        case _:
            return None


def fitted(parts: tuple[Part, ...], room: int) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts with their files cut to `room` characters together, and the names of those that were cut.

    Small files stay whole; the others share what is left. What was typed is never cut, so the result may be too long.
    """
    whole = len(as_text(parts))
    files = {index: part for index, part in enumerate(parts) if isinstance(part, TextFilePart)}
    if whole <= room or not files:
        return parts, ()
    around = whole - sum(len(file.text) for file in files.values())
    left = max(0, room - around - _CUT_NOTE_CHARS * len(files))
    fitting = list(parts)
    cut = set()
    shortest_first = sorted(files, key=lambda index: len(files[index].text))
    for sharers, index in zip(range(len(files), 0, -1), shortest_first, strict=True):
        file, share = files[index], left // sharers
        left -= min(len(file.text), share)
        if len(file.text) > share:
            note = f"\n[cut: the first {share:,} of {len(file.text):,} characters]"
            fitting[index] = replace(file, text=file.text[:share] + note)
            cut.add(index)
    return tuple(fitting), tuple(files[index].name for index in sorted(cut))


def _enclosed(file: TextFilePart) -> str:
    # A fence longer than any in the file: its text can't step out of it.
    longest = max((len(fence) for fence in _FENCES.findall(file.text)), default=2)
    fence = "`" * (longest + 1)
    return f"Attached file “{file.name}”:\n{fence}\n{file.text}\n{fence}"
