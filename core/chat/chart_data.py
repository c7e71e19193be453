"""The numbers behind a chart: its figure as a table again."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from core.chat.csv_text import csv_text
from data.values.media import Cell

Rows = list[list[Cell]]


def as_csv(figure: Mapping[str, Any]) -> str:
    """A figure's data as CSV with a head; empty where it has none. Any Plotly JSON will do."""
    return csv_text(rows_of(figure))


def rows_of(figure: Mapping[str, Any]) -> Rows:
    """A figure's data as rows, the head first; empty where it has none.

    Series over the same values of x stand side by side; where an x comes twice in one, below each other with their
    names. A heatmap is a table of its own shape.
    """
    found = figure.get("data")
    traces = [trace for trace in found if isinstance(trace, Mapping)] if isinstance(found, Sequence) else []
    if not traces:
        return []
    kinds = {str(trace.get("type", "scatter")) for trace in traces}
    if kinds == {"pie"}:
        return _below(traces, "labels", "values", head=["Name", "Value"])
    if kinds == {"heatmap"} and len(traces) == 1:
        return _grid(traces[0], figure)
    if kinds == {"histogram"}:
        return _beside(traces)
    across, up = ("y", "x") if any(trace.get("orientation") == "h" for trace in traces) else ("x", "y")
    head = [_label(figure, across) or across, _label(figure, up) or up]
    if "box" not in kinds and "pie" not in kinds and all(_is_once(trace, across) for trace in traces):
        return _joined(traces, across, up, head)
    return _below(traces, across, up, head=head)


def _joined(traces: Sequence[Mapping[str, Any]], across: str, up: str, head: list[str]) -> Rows:
    columns = [dict(zip(_cells(trace.get(across)), _cells(trace.get(up)), strict=False)) for trace in traces]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    names: list[Cell] = [_text(trace.get("name")) or head[1] for trace in traces]
    return [[head[0], *names], *([key, *(column.get(key) for column in columns)] for key in keys)]


def _below(traces: Sequence[Mapping[str, Any]], across: str, up: str, *, head: list[str]) -> Rows:
    rows: Rows = []
    for trace in traces:
        xs, ys = _cells(trace.get(across) or trace.get("labels")), _cells(trace.get(up) or trace.get("values"))
        xs += [None] * (len(ys) - len(xs))  # a box without x
        rows += [[_text(trace.get("name")), x, y] for x, y in zip(xs, ys, strict=False)]
    return [[*head], *(row[1:] for row in rows)] if len(traces) == 1 else [["Series", *head], *rows]


def _beside(traces: Sequence[Mapping[str, Any]]) -> Rows:
    columns = [_cells(trace.get("x") or trace.get("y")) for trace in traces]
    names: list[Cell] = [_text(trace.get("name")) or "Value" for trace in traces]
    longest = max(map(len, columns))
    return [names, *([column[at] if at < len(column) else None for column in columns] for at in range(longest))]


def _grid(trace: Mapping[str, Any], figure: Mapping[str, Any]) -> Rows:
    down, across, values = _cells(trace.get("y")), _cells(trace.get("x")), trace.get("z")
    rows = [_cells(row) for row in values] if isinstance(values, Sequence) else []
    down += list(range(len(down) + 1, len(rows) + 1))
    return [[_label(figure, "y"), *across], *([name, *row] for name, row in zip(down, rows, strict=False))]


def _is_once(trace: Mapping[str, Any], across: str) -> bool:
    keys = _cells(trace.get(across))
    return len(set(keys)) == len(keys)


def _label(figure: Mapping[str, Any], axis: str) -> str:
    """What an axis is called; Plotly has titles as an object or as the text itself."""
    at: Any = figure.get("layout")
    for key in (f"{axis}axis", "title"):
        at = at.get(key) if isinstance(at, Mapping) else None
    return _text(at.get("text") if isinstance(at, Mapping) else at)


def _cells(values: Any) -> list[Cell]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return []
    return [_cell(value) for value in values]


def _cell(value: Any) -> Cell:
    return _text(value) if isinstance(value, str) else value if isinstance(value, bool | int | float) else None


def _text(value: Any) -> str:
    """A label as people read it: in figures it is written as HTML, see `core.tools.builtin.figures.plain`."""
    return html.unescape(value) if isinstance(value, str) else ""
