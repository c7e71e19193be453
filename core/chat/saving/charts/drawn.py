"""A chart as SVG, without a browser and without Plotly: for files that people keep, where nothing may be run or loaded.

It draws what figures of ours are made of (see `core.tools.builtin.figures`); of others what it knows.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from core.chat.saving.charts import marks
from core.chat.saving.charts.marks import Series
from core.chat.saving.charts.pies import pie
from core.chat.saving.charts.plane import Plane, is_number
from core.chat.saving.charts.scales import Dates, Names, Numbers
from core.chat.saving.charts.shapes import FONT, color, escaped, lines, tag, width, words
from core.tools.builtin.charts import COLORS as DRAWN

WIDTH, HEIGHT = 760, 440
COLORS = ("#12897b", "#e0a03a", "#4a6fa5", "#b85c4a", "#7a6aa8", "#6d8f3c", "#8a8578", "#c07fa5", "#3f7d9a", "#9c7a3c")
"""As the pages draw charts."""

_TITLE = 17.0
_MOST_POINTS, _MOST_BOXES = 100_000, 1_000
_TOO_MUCH = "Too much to draw; see the data."
_Box = tuple[float, float, float, float]


def chart_svg(
    figure: Mapping[str, Any], title: str = "", *, ground: str | None = "#ffffff", ink: str = "#1d1f1d"
) -> str:
    """The figure as one `<svg>` element, `WIDTH` by `HEIGHT`.

    Args:
        ground: the colour behind it; None for a chart in a page, which then takes its letters' colour from there too.
    """
    traces = [trace for trace in _list(figure.get("data")) if isinstance(trace, Mapping)]
    layout = figure.get("layout")
    layout = layout if isinstance(layout, Mapping) else {}
    head, top = _title(title)
    body = _body(traces, layout, top)
    behind = "" if ground is None else tag("rect", width=WIDTH, height=HEIGHT, fill=ground)
    return tag(
        "svg",
        f"<title>{escaped(title or 'Chart')}</title>{behind}{head}{body}",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        font_family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        font_size=FONT,
        color=None if ground is None else ink,
    )


def _title(title: str) -> tuple[str, float]:
    """The title, and where there is room below it."""
    top, drawn = 12.0, []
    for line in lines(title, WIDTH - 24, _TITLE) if title else []:
        top += _TITLE * 1.25
        drawn.append(words(line, 12, top - 4, font_size=_TITLE, font_weight="600"))
    return "".join(drawn), top + 6


def _body(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], top: float) -> str:
    kinds = {str(trace.get("type", "scatter")) for trace in traces}
    if not traces or sum(len(_list(trace.get("y"))) for trace in traces) > _MOST_POINTS:
        return words("There is nothing to draw." if not traces else _TOO_MUCH, 12, top + 20)
    if kinds == {"pie"}:
        parts = [
            (_text(name), float(value))
            for name, value in zip(_list(traces[0].get("labels")), _list(traces[0].get("values")), strict=False)
            if is_number(value) and value > 0
        ]
        hole = _share(traces[0].get("hole"), 0.0)
        legend, top = _legend([(name, COLORS[at % len(COLORS)]) for at, (name, _) in enumerate(parts)], top)
        box = (0.0, top, float(WIDTH), float(HEIGHT))
        return legend + pie(parts, COLORS, box, hole=hole)
    if kinds == {"heatmap"}:
        return _heatmap(traces[0], layout, top)
    return _on_axes(traces, layout, top)


def _on_axes(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], top: float) -> str:
    lies = any(trace.get("orientation") == "h" for trace in traces)
    series = [_series(trace, at, lies=lies) for at, trace in enumerate(traces)]
    histogram, gap, mode = 0.0, _share(layout.get("bargap"), 0.25), str(layout.get("barmode", "group"))
    if all(each.trace.get("type") == "histogram" for each in series):
        series, histogram = _counted(series)
        gap, mode = 0.05, "overlay"
    across = _across(series, _inner(layout, "yaxis" if lies else "xaxis", "type"), histogram)
    boxes = [each for each in series if each.trace.get("type") == "box"]
    named = [(each.name, each.color) for each in series if each.name]
    legend, top = _legend(named, top) if len(series) > 1 else ("", top)
    if boxes and isinstance(across, Names) and len(across.names) * len(boxes) > _MOST_BOXES:
        return legend + words(_TOO_MUCH, 12, top + 20)
    plane = Plane.within((4.0, top + 6, float(WIDTH), float(HEIGHT)), across, _up(series, mode), lies=lies)
    bars = [each for each in series if each.trace.get("type") in {"bar", "histogram"}]
    others = [each for each in series if each.trace.get("type", "scatter") == "scatter"]
    drawn = [plane.axes(*(_label(layout, axis) for axis in (("yaxis", "xaxis") if lies else ("xaxis", "yaxis"))))]
    if bars:
        drawn.append(marks.bars(plane, bars, mode=mode, gap=gap, step=_step(across, bars, histogram)))
    if boxes and isinstance(across, Names):
        drawn.append(marks.boxes(plane, boxes))
    if others:
        drawn.append(marks.lines(plane, others))
    return legend + "".join(drawn)


def _series(trace: Mapping[str, Any], at: int, *, lies: bool) -> Series:
    own = COLORS[at % len(COLORS)]
    values, keys = _list(trace.get("x" if lies else "y")), _list(trace.get("y" if lies else "x"))
    if trace.get("type") == "histogram":
        values, keys = (values or keys) if lies else (keys or values), []
    if not keys:
        keys = [trace.get("name") or ""] * len(values) if trace.get("type") == "box" else list(range(len(values)))
    points = tuple(
        (html.unescape(key) if isinstance(key, str) else key, float(value) if is_number(value) else None)
        for key, value in zip(keys, values, strict=False)
    )
    chosen = next((found for part in ("marker", "line") if isinstance(found := _inner(trace, part, "color"), str)), "")
    return Series(_text(trace.get("name")), own if chosen in DRAWN else color(chosen, own), points, trace)


def _counted(series: Sequence[Series]) -> tuple[list[Series], float]:
    """Series of how often values come, in the middle of what counts as one; and how wide that is."""
    values = [value for each in series for value in each.values]
    bins = max(5, min(30, round(math.sqrt(len(values) or 1))))
    low, high = min(values, default=0.0), max(values, default=1.0)
    step = Numbers.of([0.0, (high - low) / bins * 5 or 1.0]).step
    first = math.floor(low / step)
    counted = []
    for each in series:
        counts: dict[int, int] = {}
        for value in each.values:
            place = min(math.floor(value / step), max(first, math.ceil(high / step) - 1))
            counts[place] = counts.get(place, 0) + 1
        points = tuple(((place + 0.5) * step, float(count)) for place, count in sorted(counts.items()))
        counted.append(Series(each.name, each.color, points, each.trace))
    return counted, step


def _across(series: Sequence[Series], kind: object, histogram: float) -> Numbers | Names | Dates:
    keys = [key for each in series for key, _ in each.points if key is not None]
    is_bars = any(each.trace.get("type") == "bar" for each in series)
    if kind == "date" and (dates := Dates.of(keys, for_bars=is_bars)) is not None:
        return dates
    is_boxes = any(each.trace.get("type") == "box" for each in series)
    if kind == "category" or is_boxes or not keys or not all(map(is_number, keys)):
        return Names(tuple(dict.fromkeys(keys)))
    half = histogram / 2 if histogram else _least_gap(keys) / 2 if is_bars else 0.0
    room = half or (max(keys) - min(keys)) * 0.03
    return Numbers.of([min(keys) - room, max(keys) + room], tight=True)


def _up(series: Sequence[Series], mode: str) -> Numbers:
    bars = [each for each in series if each.trace.get("type") in {"bar", "histogram"}]
    stacks = [each for each in series if each.trace.get("stackgroup")]
    values = [value for each in series for value in each.values]
    for group in ([bars] if mode in {"stack", "relative"} else []) + [stacks]:
        values += [end for reach in marks.stacked(group) for _, end in reach]
    from_zero = bool(bars or stacks) or any(each.trace.get("fill") == "tozeroy" for each in series)
    return Numbers.of(values, from_zero=from_zero)


def _step(across: Numbers | Names | Dates, bars: Sequence[Series], histogram: float) -> float:
    """The share of the axis that the bars of one place have."""
    if isinstance(across, Numbers):
        step = histogram or _least_gap([key for each in bars for key, _ in each.points])
        return step / (across.high - across.low)
    return across.band


def _least_gap(keys: Sequence[Any]) -> float:
    there = sorted({float(key) for key in keys if is_number(key)})
    return min((b - a for a, b in pairwise(there)), default=1.0)


def _heatmap(trace: Mapping[str, Any], layout: Mapping[str, Any], top: float) -> str:
    rows = [[float(value) if is_number(value) else None for value in _list(row)] for row in _list(trace.get("z"))]
    values = [value for row in rows for value in row if value is not None]
    across = [_name(key) for key in _list(trace.get("x"))] or list(range(max(map(len, rows), default=0)))
    down = [_name(key) for key in _list(trace.get("y"))] or list(range(len(rows)))
    if not values:
        return words("There is nothing to draw.", 12, top + 20)
    scale = Numbers.of(values, tight=True)
    plane = Plane.within(
        (4.0, top + 6, WIDTH - 70.0, float(HEIGHT)), Names(tuple(across)), Names(tuple(down)), down=True
    )
    bar, high = [], plane.bottom - plane.top
    for at in range(40):
        bar.append(
            tag("rect", x=plane.right + 18, y=plane.bottom - (at + 1) * high / 40, width=14, height=high / 40 + 0.5,
                fill=marks.shade(at / 39))
        )  # fmt: skip
    for place, text in scale.ticks:
        bar.append(words(text, plane.right + 38, plane.bottom - place * high + FONT / 3))
    return (
        plane.axes(_label(layout, "xaxis"), _label(layout, "yaxis")) + marks.fields(plane, rows, scale) + "".join(bar)
    )


def _legend(named: Sequence[tuple[str, str]], top: float) -> tuple[str, float]:
    """What each colour stands for, in as many lines as it takes; and where there is room below."""
    x, y, drawn = 12.0, top + FONT, []
    for name, shown in named[:60]:
        wide = min(width(name), 220.0) + 34
        if x + wide > WIDTH - 12 and x > 12:
            x, y = 12.0, y + FONT * 1.6
        drawn += [tag("rect", x=x, y=y - 10, width=11, height=11, rx=2, fill=shown), words(name, x + 17, y, most=220)]
        x += wide
    return "".join(drawn), y + 8


def _label(layout: Mapping[str, Any], axis: str) -> str:
    title = _inner(layout, axis, "title")
    return _text(title.get("text") if isinstance(title, Mapping) else title)


def _inner(found: Mapping[str, Any], key: str, name: str) -> Any:
    inner = found.get(key)
    return inner.get(name) if isinstance(inner, Mapping) else None


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _name(value: Any) -> Any:
    return html.unescape(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return html.unescape(value) if isinstance(value, str) else ""


def _share(value: Any, otherwise: float) -> float:
    return float(value) if is_number(value) and 0 <= value < 1 else otherwise
