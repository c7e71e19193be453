"""Charts of the Usage page. Fonts and colours come from the Streamlit theme; nothing here names one.

They fit 390 px: names and values stand above their bars, and there is no zooming, which would catch the finger that
scrolls the page. A click on a row means all of it: its bar alone would be too thin for a finger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.analytics.usage_values import Dimension, Group, Measure, UsageFacts
from pages.usage.words import MEASURES, amount, group_name, told

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TOP = 8  # bars; the table below has all of them
_HEIGHT, _ROW = 220, 46


def over_time(facts: UsageFacts, measure: Measure) -> Figure:
    """How much there was in each hour or day; failed calls on top of the others, odd days with a mark above them."""
    figure = _figure()
    starts = [each.start.astimezone(facts.span.zone).replace(tzinfo=None) for each in facts.buckets]
    values = [None if each.sums is None else float(each.sums.of(measure, facts.currency)) for each in facts.buckets]
    words = ["" if each.sums is None else amount(each.sums, measure, facts.currency) for each in facts.buckets]
    failed = [each.sums.failures if each.sums else 0 for each in facts.buckets]
    stacked = measure is Measure.CALLS and any(failed)
    figure.add_bar(
        x=starts, name="Went through" if stacked else MEASURES[measure], customdata=words,
        y=[value if value is None or not stacked else value - less for value, less in zip(values, failed, strict=True)],
        hovertemplate="%{y:,}" if stacked else "%{customdata}<extra></extra>",
    )  # fmt: skip
    if stacked:
        figure.add_bar(x=starts, y=failed, name="Failed", hovertemplate="%{y:,}")
    top = max((value for value in values if value is not None), default=0) or 1
    _mark(figure, facts, measure, top)
    busiest = max(range(len(values)), key=lambda place: values[place] or 0)
    if values[busiest]:
        figure.add_annotation(
            x=starts[busiest], y=values[busiest], text=words[busiest], showarrow=False, yanchor="bottom",
            yshift=14 if any(each.day == starts[busiest].date() for each in facts.odd) else 0,
        )  # fmt: skip
    _time_axis(figure, facts, starts)
    figure.update_layout(barmode="stack", bargap=0.3, hovermode="x unified", showlegend=stacked or bool(facts.odd))
    # One label says how high the bars are; a scale beside them would say it again.
    figure.update_yaxes(visible=False, range=[0, top * 1.3])
    return figure


def _mark(figure: Figure, facts: UsageFacts, measure: Measure, top: float) -> None:
    if not facts.odd:
        return
    found = [each.found for each in facts.odd]
    usual = [
        f"{told(each.low, measure, facts.currency)} to {told(each.high, measure, facts.currency)}" for each in found
    ]
    figure.add_scatter(
        x=[datetime(each.day.year, each.day.month, each.day.day) for each in facts.odd],
        y=[each.value + top * 0.06 for each in found], mode="markers", name="Unusual", customdata=usual,
        marker={"symbol": "diamond", "size": 9, "color": "#b3392e"},
        hovertemplate="usual: %{customdata}",
    )  # fmt: skip


def by_group(facts: UsageFacts, dimension: Dimension, measure: Measure, teams: Mapping[str, str]) -> Figure:
    """A bar for each of the largest; `customdata` of a row is the value that it filters by."""
    shown = rows_of(facts)[::-1]
    figure = _figure()
    rows = list(range(len(shown)))
    values = [float(each.now.of(measure, facts.currency)) for each in shown]
    top = max(values, default=0) or 1
    names = [each.name for each in shown]
    figure.add_bar(
        x=values, y=rows, orientation="h", width=0.24, customdata=names, hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    figure.add_bar(
        x=[top] * len(rows), y=[row + 0.15 for row in rows], orientation="h", width=0.9, customdata=names,
        marker={"color": "rgba(128, 136, 144, 0.001)"}, hoverinfo="none", showlegend=False,
        unselected={"marker": {"opacity": 0.001}}, selected={"marker": {"opacity": 0.001}},
    )  # fmt: skip
    for row, group in enumerate(shown):
        _label(figure, row, group_name(group, dimension, teams), amount(group.now, measure, facts.currency))
    figure.update_xaxes(visible=False, range=[0, top])
    figure.update_yaxes(visible=False, range=[-0.4, len(shown) - 0.2])
    figure.update_layout(barmode="overlay", showlegend=False)
    _frame(figure, max(_ROW * len(shown), 2 * _ROW))
    return figure


def rows_of(facts: UsageFacts) -> Sequence[Group]:
    """The groups that are drawn, the largest first."""
    return facts.groups[:TOP]


def _label(figure: Figure, row: int, name: str, value: str) -> None:
    for text, x, anchor in ((name, 0, "left"), (f"<b>{value}</b>", 1, "right")):
        figure.add_annotation(
            text=text, x=x, xref="paper", xanchor=anchor, y=row, yshift=9, yanchor="bottom", showarrow=False
        )


def _time_axis(figure: Figure, facts: UsageFacts, starts: Sequence[datetime]) -> None:
    hourly = facts.span.hourly
    half = (starts[1] - starts[0]) / 2 if len(starts) > 1 else timedelta(hours=12)
    figure.update_xaxes(
        tickformat="%H:%M" if hourly else "%d %b", nticks=5, showgrid=False,
        hoverformat="%H:%M" if hourly else "%a %d %b", range=[starts[0] - half, starts[-1] + half],
    )  # fmt: skip
    _frame(figure, _HEIGHT)


def _figure() -> Figure:
    import plotly.graph_objects as go  # only pages with charts draw

    return go.Figure()


def _frame(figure: Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None},
    )
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
