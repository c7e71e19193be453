"""The plane that a chart is drawn on: its axes, and where a pair of values lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from core.chat.saving.charts.scales import Dates, Names, Numbers, Tick
from core.chat.saving.charts.shapes import FONT, tag, width, words

_MOST_SIDE = 170.0
"""Pixels of what is written beside the upright axis."""

Scale = Numbers | Names | Dates


@dataclass(frozen=True, slots=True)
class Plane:
    """A rectangle in pixels with two axes.

    `across` is the axis of what is compared, `up` that of the values. Lying bars have the first one upright, and
    there it begins at the top.
    """

    left: float
    top: float
    right: float
    bottom: float
    across: Scale
    up: Scale
    lies: bool = False
    down: bool = False

    @classmethod
    def within(
        cls, box: tuple[float, float, float, float], across: Scale, up: Scale, *, lies: bool = False, down: bool = False
    ) -> Plane:
        """The largest one in `box` (left, top, right, bottom) that has room for what is written at its axes.

        Args:
            down: the upright axis of values begins at the top.
        """
        left, top, right, bottom = box
        beside = across if lies else up
        room = min(_MOST_SIDE, max((width(text) for _, text in beside.ticks), default=0.0))
        return cls(left + room + 10 + 1.6 * FONT, top, right - 28, bottom - 3.8 * FONT, across, up, lies, down)

    def at(self, across: float, up: float) -> tuple[float, float]:
        """Pixels of a place that is given along both axes, from 0 to 1."""
        wide, high = self.right - self.left, self.bottom - self.top
        if self.lies:
            return self.left + up * wide, self.top + across * high
        return self.left + across * wide, self.top + (up if self.down else 1 - up) * high

    def across_at(self, value: Any) -> float | None:
        """Where a value of the first axis lies, from 0 to 1; None where it does not."""
        if isinstance(self.across, Names):
            return self.across.at(value)
        if isinstance(self.across, Dates):
            return None if value is None else self.across.at(value)
        return self.across.at(value) if is_number(value) else None

    def box(self, across: tuple[float, float], up: tuple[float, float], **more: object) -> str:
        """A filled rectangle between four places."""
        (x1, y1), (x2, y2) = self.at(across[0], up[0]), self.at(across[1], up[1])
        return tag("rect", x=min(x1, x2), y=min(y1, y2), width=abs(x2 - x1), height=abs(y2 - y1), **more)

    def axes(self, across_label: str, up_label: str) -> str:
        """Lines, marks and labels of both."""
        flat, upright = (self.up, self.across) if self.lies else (self.across, self.up)
        flat_label, upright_label = (up_label, across_label) if self.lies else (across_label, up_label)
        drawn = [*self._flat(flat, is_values=self.lies), *self._upright(upright, is_values=not self.lies)]
        middle = (self.top + self.bottom) / 2
        drawn.append(
            words(flat_label, (self.left + self.right) / 2, self.bottom + 3.2 * FONT, anchor="middle", opacity=0.75,
                  most=self.right - self.left)
        )  # fmt: skip
        turned = f"rotate(-90 {FONT} {middle:.1f})"
        drawn.append(
            words(upright_label, FONT, middle, anchor="middle", opacity=0.75, transform=turned,
                  most=self.bottom - self.top)
        )  # fmt: skip
        return "".join(drawn)

    def _flat(self, scale: Scale, *, is_values: bool) -> list[str]:
        high, drawn = self.bottom, []
        wide = self.right - self.left
        ticks = scale.ticks
        each = wide / max(1, len(ticks))
        most = max(each, 56.0)
        every = max(1, math.ceil(min(most, max((width(text) for _, text in ticks), default=0.0) + 8) / each))
        for place, text in ticks[::every]:
            x = self.left + place * wide
            if is_values:
                drawn.append(_line(x, self.top, x, high))
            drawn.append(words(text, x, high + 1.5 * FONT, anchor="middle", most=most * every - 4))
        return [*drawn, _line(self.left, high, self.right, high, 0.4)]

    def _upright(self, scale: Scale, *, is_values: bool) -> list[str]:
        drawn: list[str] = []
        high = self.bottom - self.top
        ticks: list[Tick] = scale.ticks
        every = max(1, math.ceil(len(ticks) * 1.3 * FONT / max(high, 1.0)))
        for place, text in ticks[::every]:
            y = self.top + place * high if self.lies or self.down else self.bottom - place * high
            if is_values and not self.down:
                drawn.append(_line(self.left, y, self.right, y))
            drawn.append(words(text, self.left - 8, y + FONT / 3, anchor="end", most=_MOST_SIDE))
        return drawn


def is_number(value: Any) -> bool:
    """Whether a value is one that can be drawn."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _line(x1: float, y1: float, x2: float, y2: float, opacity: float = 0.16) -> str:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="currentColor", stroke_opacity=opacity)
