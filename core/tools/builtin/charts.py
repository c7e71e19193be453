"""Drawing: rows become a figure. Pure; Plotly itself is not needed, its figures are JSON.

Colours are of middle lightness and backgrounds see-through, so that one figure reads on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import GearboxError
from core.tools.builtin.columns import Column
from core.tools.builtin.figures import plain

_COLORS = (
    "#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#06b6d4", "#ec4899", "#84cc16", "#f97316", "#64748b",
)  # fmt: skip
_GRID = "rgba(128,128,128,0.22)"
_CLEAR = "rgba(0,0,0,0)"
COLORS = frozenset(_COLORS)
"""What a trace is drawn in; a page may put its own in their place."""

MOST_SERIES = 20
MOST_SLICES = 40


class Kind(StrEnum):
    """How it is drawn."""

    BAR = "bar"
    LINE = "line"
    AREA = "area"
    SCATTER = "scatter"
    PIE = "pie"
    DONUT = "donut"
    HISTOGRAM = "histogram"
    BOX = "box"
    HEATMAP = "heatmap"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw: `series` are pairs of a name and its points, all of them over the column `x`."""

    kind: Kind
    title: str
    x: Column | None
    y: tuple[Column, ...]
    group: Column | None = None
    stacked: bool = False
    horizontal: bool = False
    x_label: str = ""
    y_label: str = ""


Point = tuple[Any, Any]


def draw(what: Drawing) -> dict[str, Any]:
    """Plotly's JSON for it.

    Raises:
        GearboxError: it can't be drawn so, with words on what would work.
    """
    if what.kind in (Kind.PIE, Kind.DONUT):
        data = [_pie(what)]
    elif what.kind is Kind.HEATMAP:
        data = [_heatmap(what)]
    else:
        data = [_trace(what, name, points, at) for at, (name, points) in enumerate(_series(what))]
    return {"data": data, "layout": _layout(what, len(data))}


def _series(what: Drawing) -> list[tuple[str, list[Point]]]:
    xs: Sequence[Any] = what.x.values if what.x else [None] * len(what.y[0].values)
    if what.group is None:
        found = [(each.name, list(zip(xs, each.values, strict=True))) for each in what.y]
    else:
        parts: dict[str, list[Point]] = {}
        for name, x, y in zip(what.group.values, xs, what.y[0].values, strict=True):
            parts.setdefault("–" if name is None else str(name), []).append((x, y))
        found = list(parts.items())
    if len(found) > MOST_SERIES:
        raise GearboxError(
            f"There are {len(found):,} series, and {MOST_SERIES} can be told apart. Group or filter them."
        )
    if what.kind in (Kind.BAR, Kind.AREA):
        for _, points in found:
            _once_each([x for x, _ in points], what.x)
    is_ordered = what.x is not None and what.x.is_ordered and what.kind in (Kind.LINE, Kind.AREA)
    return [(name, sorted(points, key=_by_x) if is_ordered else points) for name, points in found]


def _by_x(point: Point) -> tuple[bool, Any]:
    return (point[0] is None, 0 if point[0] is None else point[0])


def _once_each(values: Sequence[Any], column: Column | None) -> None:
    if len(set(values)) < len(values):
        name = column.name if column else "x"
        raise GearboxError(
            f"A value of “{name}” comes more than once. Aggregate first, one row for each (GROUP BY), "
            "or name the column that tells the rows apart as `group`."
        )


def _trace(what: Drawing, name: str, points: Sequence[Point], at: int) -> dict[str, Any]:
    color = _COLORS[at % len(_COLORS)]
    xs, ys = [_value(x) for x, _ in points], [_value(y) for _, y in points]
    trace: dict[str, Any] = {"name": plain(name)}
    if what.kind is Kind.HISTOGRAM:
        return trace | {"type": "histogram", "x": ys, "marker": {"color": color}, "opacity": 0.85}
    if what.kind is Kind.BOX:
        across = {"x": xs} if what.x else {}
        return trace | {"type": "box", "y": ys, "marker": {"color": color}, "boxpoints": "outliers"} | across
    if what.kind is Kind.BAR:
        marker = {"color": color, "cornerradius": 3}
        sides = {"x": ys, "y": xs, "orientation": "h"} if what.horizontal else {"x": xs, "y": ys}
        return trace | {"type": "bar", "marker": marker} | sides
    trace |= {"type": "scatter", "x": xs, "y": ys}
    if what.kind is Kind.SCATTER:
        return trace | {"mode": "markers", "marker": {"color": color, "size": 8}, "opacity": 0.8}
    mode = "lines+markers" if len(points) <= 30 else "lines"
    trace |= {"mode": mode, "line": {"color": color, "width": 2.5}, "marker": {"color": color, "size": 6}}
    if what.kind is Kind.AREA:
        trace |= {"stackgroup": "one"} if what.stacked else {"fill": "tozeroy"}
    return trace


def _pie(what: Drawing) -> dict[str, Any]:
    if what.x is None:
        raise GearboxError("A pie needs `x`, the column that names its slices.")
    numbers = [value if isinstance(value, int | float) else 0 for value in what.y[0].values]
    _once_each(what.x.values, what.x)
    if any(number < 0 for number in numbers):
        raise GearboxError("A pie can't show negative numbers; draw bars.")
    if len(numbers) > MOST_SLICES:
        raise GearboxError(f"A pie of {len(numbers)} slices can't be read; keep the largest and add up the rest.")
    return {
        "type": "pie",
        "labels": ["–" if value is None else plain(value) for value in what.x.values],
        "values": numbers,
        "hole": 0.55 if what.kind is Kind.DONUT else 0,
        "textinfo": "percent",
        "marker": {"colors": [_COLORS[at % len(_COLORS)] for at in range(len(numbers))]},
    }


def _heatmap(what: Drawing) -> dict[str, Any]:
    if what.x is None or what.group is None:
        raise GearboxError("A heatmap needs `x` for its columns, `group` for its rows and one `y` for the colour.")
    across, down = list(dict.fromkeys(what.x.values)), list(dict.fromkeys(what.group.values))
    if len(across) * len(down) > 20_000:
        raise GearboxError("A heatmap has at most 20,000 fields; group the values.")
    places = list(zip(what.group.values, what.x.values, strict=True))
    _once_each(places, what.x)
    numbers = dict(zip(places, what.y[0].values, strict=True))
    return {
        "type": "heatmap",
        "x": [_value(value) for value in across],
        "y": [_value(value) for value in down],
        "z": [[numbers.get((row, column)) for column in across] for row in down],
        "colorscale": "Viridis",
        "colorbar": {"title": {"text": plain(what.y[0].name)}, "thickness": 14, "outlinewidth": 0},
        "xgap": 1,
        "ygap": 1,
    }


def _layout(what: Drawing, traces: int) -> dict[str, Any]:
    has_legend = traces > 1 or what.kind in (Kind.PIE, Kind.DONUT)
    layout: dict[str, Any] = {
        "title": {"text": plain(what.title), "x": 0, "xanchor": "left"},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "colorway": list(_COLORS),
        "margin": {"l": 8, "r": 8, "t": 72 if has_legend else 48, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"},
        "showlegend": has_legend,
    }
    if what.kind in (Kind.PIE, Kind.DONUT):
        return layout
    values = what.y_label or (what.y[0].name if len(what.y) == 1 else "")
    across, up = _axis(what.x, what.x_label or (what.x.name if what.x else "")), _axis(None, values)
    if what.kind is Kind.HISTOGRAM:
        across, up = _axis(None, what.x_label or what.y[0].name), _axis(None, what.y_label or "Count")
    elif what.kind is Kind.HEATMAP:
        up = _axis(what.group, what.y_label or (what.group.name if what.group else "")) | {"autorange": "reversed"}
    if what.horizontal and what.kind is Kind.BAR:
        across, up = up, across | {"autorange": "reversed"}
    layout |= {"xaxis": across, "yaxis": up}
    if what.kind in (Kind.LINE, Kind.AREA):
        layout["hovermode"] = "x unified"
    if what.kind in (Kind.BAR, Kind.HISTOGRAM):
        layout |= {"barmode": "stack" if what.stacked else "overlay" if what.kind is Kind.HISTOGRAM else "group"}
        layout["bargap"] = 0.05 if what.kind is Kind.HISTOGRAM else 0.25
    if what.kind is Kind.BOX and what.x is not None:
        layout["boxmode"] = "group"
    return layout


def _axis(column: Column | None, label: str) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "title": {"text": plain(label), "standoff": 12},
        "automargin": True,
        "gridcolor": _GRID,
        "zerolinecolor": _GRID,
    }
    return axis if column is None else axis | {"type": column.axis}


def _value(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value
