"""What a figure may be made of. Plotly's JSON can hold pictures by address, links and HTML: not ours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_TRACE = frozenset(
    {
        *(
            "type",
            "name",
            "x",
            "y",
            "z",
            "labels",
            "values",
            "mode",
            "orientation",
            "marker",
            "line",
            "fill",
            "stackgroup",
        ),
        *("hole", "textinfo", "colorscale", "colorbar", "boxpoints", "xgap", "ygap", "opacity"),
    }
)
_LAYOUT = frozenset(
    {
        *("title", "xaxis", "yaxis", "barmode", "bargap", "boxmode", "legend", "margin", "colorway", "hovermode"),
        *("paper_bgcolor", "plot_bgcolor", "showlegend"),
    }
)
_INNER = frozenset(
    {
        *("text", "type", "title", "automargin", "gridcolor", "zerolinecolor", "color", "colors", "size", "width"),
        *("orientation", "x", "y", "xanchor", "yanchor", "l", "r", "t", "b", "standoff", "autorange", "thickness"),
        *("outlinewidth", "cornerradius"),
    }
)
_KINDS = frozenset({"bar", "scatter", "pie", "histogram", "box", "heatmap"})
_MOST_VALUES = 100_000


class BadFigure(ValueError):
    """A figure holds what it may not."""


def plain(text: object) -> str:
    """`text` as Plotly shows it letter by letter: it reads HTML tags, links among them, in every label."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def check_figure(figure: Mapping[str, Any]) -> None:
    """Hold a figure against what ours are made of.

    Raises:
        BadFigure: another key, a tag in a text, a value that is none of JSON's, or too many of them.
    """
    if set(figure) != {"data", "layout"} or not isinstance(figure["data"], list):
        raise BadFigure("a figure has data and layout")
    for trace in figure["data"]:
        if not isinstance(trace, Mapping) or trace.get("type") not in _KINDS:
            raise BadFigure("a trace is of no known kind")
        _check_keys(trace, _TRACE)
    _check_keys(figure["layout"], _LAYOUT)
    if _count(figure) > _MOST_VALUES:
        raise BadFigure("a figure has too many values")


def _check_keys(found: Any, allowed: frozenset[str]) -> None:
    if not isinstance(found, Mapping) or not allowed.issuperset(found):
        raise BadFigure("a figure has a key that ours don't have")
    for value in found.values():
        _check_value(value)


def _check_value(value: Any) -> None:
    if isinstance(value, Mapping):
        _check_keys(value, _INNER)
    elif isinstance(value, list):
        for each in value:
            _check_value(each)
    elif isinstance(value, str):
        if "<" in value:
            raise BadFigure("a text of a figure has a tag in it")
    elif isinstance(value, float) and not math.isfinite(value):
        raise BadFigure("a number of a figure is not finite")
    elif value is not None and not isinstance(value, bool | int | float):
        raise BadFigure("a value of a figure is not JSON's")


def _count(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_count, value.values()))
    return sum(map(_count, value)) if isinstance(value, list) else 1
