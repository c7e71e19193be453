"""SVG, written by hand: a few elements, everything in them escaped."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Sequence

FONT = 12
"""Pixels of the letters."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML can't hold them


def tag(name: str, text: str | None = None, /, **attributes: object) -> str:
    """An element; underscores in the names of attributes are hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}/>" if text is None else f"<{name}{written}>{text}</{name}>"


def escaped(text: str) -> str:
    """Text for an element or an attribute."""
    return html.escape(_UNWANTED.sub("", text))


def words(text: str, x: float, y: float, *, anchor: str = "start", most: float = math.inf, **more: object) -> str:
    """A line of text, cut to `most` pixels."""
    return tag("text", escaped(cut(text, most)), x=x, y=y, text_anchor=anchor, fill="currentColor", **more)


def width(text: str, size: float = FONT) -> float:
    """About how many pixels a line takes; wide letters (Chinese, Japanese) count twice."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.58 for char in text) * size


def cut(text: str, most: float) -> str:
    """The line, its end left out where it is wider than `most` pixels."""
    if width(text) <= most:
        return text
    kept = text
    while kept and width(f"{kept}…") > most:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def lines(text: str, most: float, size: float) -> list[str]:
    """The text in lines of at most `most` pixels, two at most."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and width(longer, size) > most:
            found.append(word)
        else:
            found[-1] = longer
    if len(found) > 2:
        found = [found[0], " ".join(found[1:])]
    return [cut(each, most * FONT / size) for each in found]


def path(points: Sequence[tuple[float, float] | None]) -> str:
    """The way through the points; where there is none, the line is broken."""
    way, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        way.append(f"{pen}{_short(point[0])} {_short(point[1])}")
        pen = "L"
    return " ".join(way)


def color(value: object, otherwise: str) -> str:
    """A colour that a figure names, if it is one that any reader knows."""
    return value if isinstance(value, str) and _COLOR.fullmatch(value) else otherwise


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
