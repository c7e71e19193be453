"""Charts of results: what fits is told from the types of the columns. Fonts and colours come from the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.explore.address import Shape

if TYPE_CHECKING:
    import polars as pl
    from plotly.graph_objects import Figure

_LINES, _BARS, _ROW = 8, 20, 44
_NAME, _NAME_PX = 15, 110  # letters and pixels of a name in a legend: two of them fit beside each other on a phone
_ORDERED = frozenset({"hour", "weekday"})
_DISTINCT = frozenset({"people"})  # whole numbers, but one on another they say nothing; nor do shares and medians


@dataclass(frozen=True, slots=True)
class Drawable:
    """A result with what its columns are good for: `times` have an order, `names` tell rows apart."""

    frame: pl.DataFrame
    times: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]


def drawable(frame: pl.DataFrame) -> Drawable:
    """Sort the columns. Whole numbers before the first text or after it are numbers; an hour is a time."""
    times, names, numbers = [], [], []
    for name, kind in frame.schema.items():
        if kind.is_temporal() or name in _ORDERED:
            times.append(name)
        elif kind.is_numeric():
            numbers.append(name)
        else:
            names.append(name)
    return Drawable(frame, tuple(times), tuple(names), tuple(numbers))


def fitting(some: Drawable) -> tuple[Shape, ...]:
    """As what it can be drawn, what fits best first; nothing where a table is all."""
    if not some.numbers or some.frame.height < 2:
        return ()
    if len(some.times) == 1 and len(some.names) <= 1:
        return (Shape.BAR, Shape.LINE) if some.times[0] in _ORDERED else (Shape.LINE, Shape.BAR)
    if not some.times and some.names:
        return (Shape.BAR,)
    return ()


def figure(some: Drawable, shape: Shape, number: str, labels: Mapping[str, str]) -> tuple[Figure, str]:
    """The chart of a number, and what of the result is not in it."""
    if some.times:
        return _over_time(some, shape, number, labels)
    return _bars(some, number)


def as_shown(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows for a table on the page: exact numbers become ones that a browser can format. Files keep them."""
    import polars as pl
    import polars.selectors as cs

    return frame.with_columns(cs.decimal().cast(pl.Float64))


def _over_time(some: Drawable, shape: Shape, number: str, labels: Mapping[str, str]) -> tuple[Figure, str]:
    drawn = _figure()
    time = some.times[0]
    groups = some.names[0] if some.names else None
    kept, left_out = _largest(some, groups, number) if groups else ([None], "")
    for group in kept:
        rows = some.frame if groups is None else some.frame.filter(_is(groups, group))
        x, y = rows[time].to_list(), _floats(rows, number)
        name = labels.get(number, number) if groups is None else _text(group)
        told = {"name": _text(group, _NAME) if groups else name, "hovertemplate": f"{name}: %{{y}}<extra></extra>"}
        if shape is Shape.LINE:
            drawn.add_scatter(x=x, y=y, mode="lines+markers", marker={"size": 5}, **told)
        else:
            drawn.add_bar(x=x, y=y, **told)
    adds_up = not some.frame.schema[number].is_float() and number not in _DISTINCT
    drawn.update_layout(
        barmode="stack" if adds_up else "group", bargap=0.3, hovermode="x unified", showlegend=len(kept) > 1
    )
    drawn.update_xaxes(nticks=6, showgrid=False)
    if time in _ORDERED:
        drawn.update_xaxes(type="category", categoryorder="category ascending" if time == "weekday" else "trace")
    drawn.update_yaxes(rangemode="tozero", nticks=5)
    _frame(drawn, 320 + 12 * (len(kept) if len(kept) > 3 else 0))  # in two columns on a phone, in a line on a desk
    return drawn, left_out


def _bars(some: Drawable, number: str) -> tuple[Figure, str]:
    """A bar for each row, the largest on top; its name stands above it, at any length, so that 390 px are enough."""
    drawn = _figure()
    order = some.frame.sort(number, descending=True, nulls_last=True).head(_BARS).reverse()
    known = _floats(order, number)
    values = [value or 0.0 for value in known]
    at = list(range(len(values)))
    drawn.add_bar(x=values, y=at, orientation="h", width=0.24, hoverinfo="skip")
    names = order.select(some.names).rows()
    for row, (name, value) in enumerate(zip(names, known, strict=True)):
        for text, x, anchor in ((" · ".join(map(_text, name)), 0, "left"), (f"<b>{_told(value)}</b>", 1, "right")):
            drawn.add_annotation(
                text=text, x=x, xref="paper", xanchor=anchor, y=row, yshift=9, yanchor="bottom", showarrow=False
            )
    low = min(0.0, *values)
    drawn.update_xaxes(visible=False, range=[low, (max(values) or 1.0) * 1.02])
    drawn.update_yaxes(visible=False, range=[-0.4, len(values) - 0.2])
    _frame(drawn, max(_ROW * len(values), 2 * _ROW) + 24)
    hidden = some.frame.height - len(values)
    return drawn, f"The {_BARS} largest are drawn; the table has {hidden:,} more." if hidden else ""


def _largest(some: Drawable, groups: str, number: str) -> tuple[Sequence[object], str]:
    import polars as pl

    sums = some.frame.group_by(groups, maintain_order=True).agg(pl.col(number).cast(pl.Float64).sum())
    order = sums.sort(number, descending=True, maintain_order=True)[groups].to_list()
    hidden = len(order) - _LINES
    return order[:_LINES], f"The {_LINES} largest are drawn; the table has {hidden:,} more." if hidden > 0 else ""


def _is(column: str, value: object) -> pl.Expr:
    import polars as pl

    return pl.col(column).eq_missing(pl.lit(value))


def _floats(frame: pl.DataFrame, column: str) -> list[float | None]:
    import polars as pl

    return frame[column].cast(pl.Float64).to_list()


def _text(value: object, most: int = 60) -> str:
    """A name inside a chart: what looks like markup there is none. Names are told apart by how they end."""
    text = "(none)" if value is None else str(value)
    shown = text if len(text) <= most else f"{text[: most // 3]}…{text[len(text) - (most - most // 3 - 1) :]}"
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _told(value: float | None) -> str:
    if value is None:
        return "not known"  # a cost without a price is not nothing
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


def _figure() -> Figure:
    import plotly.graph_objects as go  # only pages with charts draw

    return go.Figure()


def _frame(drawn: Figure, height: int) -> None:
    drawn.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        dragmode=False,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "title": None,
            "entrywidth": _NAME_PX,
            "entrywidthmode": "pixels",
        },
    )
    drawn.update_xaxes(fixedrange=True, title=None)
    drawn.update_yaxes(fixedrange=True, title=None)
