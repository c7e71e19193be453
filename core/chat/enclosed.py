"""A message as a model reads it: what was typed, and each attached file as fenced text under its name."""

from __future__ import annotations

import re
from dataclasses import replace

from data.values.parts import Part, TextFilePart, TextPart

_FENCES = re.compile(r"`{3,}")

_CUT_NOTE_CHARS = 60
"""Kept free for the note in a file that is cut."""


def as_text(parts: tuple[Part, ...]) -> str:
    """All that a model is told of a message, one blank line between its parts."""
    said = []
    for part in parts:
        match part:
            case TextPart(text):
                said.append(text)
            case TextFilePart():
                said.append(_enclosed(part))
            case _:
                pass
    return "\n\n".join(said)


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
