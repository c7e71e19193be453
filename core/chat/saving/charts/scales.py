"""Where a value lies along an axis, and what is written at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

Tick = tuple[float, str]
"""Where, from 0 to 1 along the axis, and what is written there."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """An axis of numbers from `low` to `high`, marked at round ones, `step` apart."""

    low: float
    high: float
    step: float

    @classmethod
    def of(cls, values: Sequence[float], *, from_zero: bool = False, tight: bool = False) -> Numbers:
        """One that has room for the values; `tight` ends at them, and not at the next round number."""
        low, high = min(values, default=0.0), max(values, default=1.0)
        if from_zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            low, high = low - (abs(low) / 2 or 0.5), high + (abs(high) / 2 or 0.5)
        step = _round_step((high - low) / 5)
        if tight:
            return cls(low, high, step)
        return cls(math.floor(low / step) * step, math.ceil(high / step) * step, step)

    def at(self, value: float) -> float:
        """Where it lies, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[Tick]:
        """What is marked."""
        first = math.ceil(self.low / self.step - 1e-9)
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        marks = [(first + at) * self.step for at in range(min(count, 50))]
        return [(self.at(mark), number(mark, self.step)) for mark in marks if mark <= self.high + self.step * 1e-6]


@dataclass(frozen=True)
class Names:
    """An axis of names, each with a band of its own, in order."""

    names: tuple[Any, ...]

    def at(self, name: Any) -> float | None:
        """The middle of its band, from 0 to 1; None where it has none."""
        place = self._places.get(name)
        return None if place is None else (place + 0.5) * self.band

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {name: place for place, name in enumerate(self.names)}

    @property
    def band(self) -> float:
        """How wide the band of one is."""
        return 1 / max(1, len(self.names))

    @property
    def ticks(self) -> list[Tick]:
        """The middle of each."""
        return [((at + 0.5) * self.band, said(name)) for at, name in enumerate(self.names)]


@dataclass(frozen=True, slots=True)
class Dates:
    """An axis of time, marked at some of its own dates; `band` is the share of it that the bars of a date have."""

    dates: tuple[datetime, ...]
    band: float = 0.0

    @classmethod
    def of(cls, values: Sequence[Any], *, for_bars: bool = False) -> Dates | None:
        """Of dates as ISO 8601 has them; None where one is none, or all are the same."""
        try:
            found = sorted({datetime.fromisoformat(str(value)).replace(tzinfo=None) for value in values})
        except ValueError:
            return None
        if len(found) < 2:
            return None
        gap = min((b - a for a, b in pairwise(found))) / (found[-1] - found[0])
        return cls(tuple(found), gap / (1 + gap) if for_bars else 0.0)

    def at(self, value: Any) -> float:
        """Where a date of it lies, from 0 to 1."""
        when = datetime.fromisoformat(str(value)).replace(tzinfo=None)
        share: float = (when - self.dates[0]) / (self.dates[-1] - self.dates[0])
        return self.band / 2 + share * (1 - self.band)

    @property
    def ticks(self) -> list[Tick]:
        """At most seven."""
        every = math.ceil(len(self.dates) / 7)
        is_whole = all(date.time() == datetime.min.time() for date in self.dates)
        form = "%Y-%m-%d %H:%M"
        if is_whole:
            form = "%Y-%m" if all(date.day == 1 for date in self.dates) else "%Y-%m-%d"
        return [(self.at(date), date.strftime(form)) for date in self.dates[::every]]


def number(value: float, step: float = 0.0) -> str:
    """A number as it stands at an axis: with as many digits as tell it from its neighbours, millions as M."""
    size = abs(value)
    for least, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if size >= least:
            return f"{value / least:.4g}{sign}"
    if size and size < 1e-4:
        return f"{value:.3g}"
    digits = max(0, math.ceil(-math.log10(step) - 1e-9)) if 0 < step < 1 else 0 if step else 4
    written = f"{value:,.{digits}f}"
    written = written.rstrip("0").rstrip(".") if "." in written and not step else written
    return "0" if written.lstrip("-0.,") == "" else written.replace("-", "−")


def said(value: Any) -> str:
    """A name at an axis, in one line."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return "–" if value is None else " ".join(str(value).split())


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
