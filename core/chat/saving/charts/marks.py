"""What stands on the plane of a chart: bars, lines, points, boxes and fields."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.chat.saving.charts.plane import Plane, is_number
from core.chat.saving.charts.scales import Names, Numbers
from core.chat.saving.charts.shapes import path, tag

_VIRIDIS = ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its points (None where there is none), its colour, and how it is drawn."""

    name: str
    color: str
    points: tuple[tuple[Any, float | None], ...]
    trace: Mapping[str, Any]

    @property
    def values(self) -> list[float]:
        """Those that are there."""
        return [value for _, value in self.points if value is not None]


def stacked(series: Sequence[Series]) -> list[list[tuple[float, float]]]:
    """From where to where each point of each series reaches when they stand on each other; negative ones hang."""
    above: dict[Any, float] = {}
    below: dict[Any, float] = {}
    found: list[list[tuple[float, float]]] = []
    for each in series:
        reach: list[tuple[float, float]] = []
        for across, value in each.points:
            sums = below if (value or 0.0) < 0 else above
            start = sums.get(across, 0.0)
            sums[across] = start + (value or 0.0)
            reach.append((start, sums[across]))
        found.append(reach)
    return found


def bars(plane: Plane, series: Sequence[Series], *, mode: str, gap: float, step: float) -> str:
    """Bars beside, on or over each other. `step` is the share of the axis that those of one place have."""
    assert isinstance(plane.up, Numbers)
    room = step * (1 - gap)
    reach = stacked(series) if mode in {"stack", "relative"} else None
    beside = len(series) if reach is None and mode == "group" else 1
    drawn = []
    for place, each in enumerate(series):
        for at, (across, value) in enumerate(each.points):
            middle = plane.across_at(across)
            if middle is None or value is None:
                continue
            start, end = (0.0, value) if reach is None else reach[place][at]
            left = middle - room / 2 + (room / beside * place if beside > 1 else 0.0)
            sides = (left, left + room / beside)
            opacity = each.trace.get("opacity") if is_number(each.trace.get("opacity")) else None
            drawn.append(
                plane.box(sides, (plane.up.at(start), plane.up.at(end)), fill=each.color, rx=2, fill_opacity=opacity)
            )
    return "".join(drawn)


def lines(plane: Plane, series: Sequence[Series]) -> str:
    """Lines, areas and points, as each series asks for them."""
    assert isinstance(plane.up, Numbers)
    stacks = [each for each in series if each.trace.get("stackgroup")]
    reach = dict(zip((id(each) for each in stacks), stacked(stacks), strict=True))
    drawn = []
    for each in series:
        tops, feet = list[tuple[float, float] | None](), list[tuple[float, float]]()
        for at, (across, value) in enumerate(each.points):
            place = plane.across_at(across)
            if place is None or value is None:
                tops.append(None)
                continue
            foot, top = reach[id(each)][at] if id(each) in reach else (max(0.0, plane.up.low), value)
            tops.append(plane.at(place, plane.up.at(top)))
            feet.append(plane.at(place, plane.up.at(foot)))
        there = [point for point in tops if point is not None]
        if there and (id(each) in reach or each.trace.get("fill") == "tozeroy"):
            drawn.append(tag("path", d=path([*there, *reversed(feet)]) + " Z", fill=each.color, fill_opacity=0.3))
        mode = str(each.trace.get("mode", "lines"))
        if "lines" in mode:
            style = {"fill": "none", "stroke": each.color, "stroke_width": 2.5, "stroke_linejoin": "round"}
            drawn.append(tag("path", d=path(tops), **style))
        if "markers" in mode or len(there) == 1:
            drawn += [tag("circle", cx=x, cy=y, r=3.0, fill=each.color, fill_opacity=0.85) for x, y in there]
    return "".join(drawn)


def boxes(plane: Plane, series: Sequence[Series]) -> str:
    """Medians, quartiles, whiskers to 1.5 times what lies between these, and what is beyond."""
    assert isinstance(plane.up, Numbers) and isinstance(plane.across, Names)
    drawn = []
    wide = plane.across.band * 0.6 / len(series)
    for place, each in enumerate(series):
        groups: dict[Any, list[float]] = {}
        for across, value in each.points:
            if value is not None:
                groups.setdefault(across, []).append(value)
        for across, found in groups.items():
            values, middle = sorted(found), plane.across_at(across)
            if middle is None:
                continue
            middle += (place - (len(series) - 1) / 2) * wide
            drawn.append(
                _box(plane, plane.up, values, (middle - wide * 0.42, middle, middle + wide * 0.42), each.color)
            )
    return "".join(drawn)


def _box(plane: Plane, up: Numbers, values: list[float], sides: tuple[float, float, float], color: str) -> str:
    low, half, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    reach = 1.5 * (high - low)
    inner = [value for value in values if low - reach <= value <= high + reach]
    left, middle, right = sides
    style = {"stroke": color, "stroke_width": 1.5, "fill": "none"}
    strokes = [
        [(middle, inner[0]), (middle, low)],
        [(middle, high), (middle, inner[-1])],
        [(left, inner[0]), (right, inner[0])],
        [(left, inner[-1]), (right, inner[-1])],
        [(left, half), (right, half)],
    ]
    drawn = [plane.box((left, right), (up.at(low), up.at(high)), **{**style, "fill": color, "fill_opacity": 0.35})]
    drawn += [tag("path", d=path([plane.at(x, up.at(y)) for x, y in stroke]), **style) for stroke in strokes]
    beyond = [plane.at(middle, up.at(value)) for value in values if value < inner[0] or value > inner[-1]]
    return "".join(drawn + [tag("circle", cx=x, cy=y, r=2.5, fill=color) for x, y in beyond])


def fields(plane: Plane, rows: Sequence[Sequence[float | None]], scale: Numbers) -> str:
    """A field for each value, coloured by how large it is."""
    assert isinstance(plane.up, Names) and isinstance(plane.across, Names)
    wide, high = plane.across.band, plane.up.band
    drawn = []
    for at, row in enumerate(rows[: len(plane.up.names)]):
        for place, value in enumerate(row[: len(plane.across.names)]):
            if value is not None:
                sides = (place * wide + wide * 0.01, (place + 1) * wide - wide * 0.01)
                drawn.append(
                    plane.box(
                        sides, (at * high + high * 0.01, (at + 1) * high - high * 0.01), fill=shade(scale.at(value))
                    )
                )
    return "".join(drawn)


def shade(share: float) -> str:
    """The colour of a value between the smallest (0) and the largest (1): Viridis, which eyes of any kind can read."""
    place = max(0.0, min(1.0, share)) * (len(_VIRIDIS) - 1)
    first = min(int(place), len(_VIRIDIS) - 2)
    low, high = ([int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (_VIRIDIS[first], _VIRIDIS[first + 1]))
    mixed = (round(a + (b - a) * (place - first)) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)
