"""Pies and rings."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.chat.saving.charts.shapes import FONT, tag

_Place = tuple[float, float]


def pie(
    parts: Sequence[tuple[str, float]], colors: Sequence[str], box: tuple[float, float, float, float], *, hole: float
) -> str:
    """Slices from the top, clockwise, each with its share where there is room for it.

    Args:
        box: left, top, right and bottom in pixels.
        hole: how large the hole of a ring is, as a share of the radius.
    """
    left, top, right, bottom = box
    radius = min(right - left, bottom - top) / 2 - 14
    middle = ((left + right) / 2, (top + bottom) / 2)
    total = sum(value for _, value in parts)
    drawn, turned = [], 0.0
    for at, (_, value) in enumerate(parts):
        share = value / total
        drawn.append(_slice(middle, (radius * hole, radius), (turned, min(share, 0.9999)), colors[at % len(colors)]))
        if share >= 0.03:
            x, y = _place(middle, radius * ((1 + hole) / 2 if hole else 0.62), turned + share / 2)
            label = f"{share * 100:.3g}%"
            drawn.append(tag("text", label, x=x, y=y + FONT / 3, text_anchor="middle", fill="#ffffff"))
        turned += share
    return "".join(drawn)


def _slice(middle: _Place, radii: tuple[float, float], turn: tuple[float, float], color: str) -> str:
    """One from where it begins, for its share of the whole turn; without a hole the inner radius is nothing."""
    inner, outer = radii
    start, share = turn
    wide = 1 if share > 0.5 else 0
    (x1, y1), (x2, y2) = _place(middle, outer, start), _place(middle, outer, start + share)
    (x3, y3), (x4, y4) = _place(middle, inner, start + share), _place(middle, inner, start)
    back = f"A{inner:.2f} {inner:.2f} 0 {wide} 0 {x4:.2f} {y4:.2f}" if inner else ""
    way = f"M{x1:.2f} {y1:.2f} A{outer:.2f} {outer:.2f} 0 {wide} 1 {x2:.2f} {y2:.2f} L{x3:.2f} {y3:.2f} {back} Z"
    return tag("path", d=way, fill=color)


def _place(middle: _Place, radius: float, turned: float) -> _Place:
    angle = 2 * math.pi * turned
    return middle[0] + radius * math.sin(angle), middle[1] - radius * math.cos(angle)
