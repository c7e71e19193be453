"""Charts of the Performance page. Fonts and colours come from the Streamlit theme; nothing here names one.

They fit 390 px: a model's name stands above its row, at any length, and there is no zooming, which would catch the
finger that scrolls the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.analytics.performance_values import Errors, Group, Grouping, PerformanceFacts, Speed, Times
from pages.performance.address import Measure
from pages.performance.words import error, group_name, share, speed
from pages.usage_words import count, duration

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT, _ROW, _TOP = 260, 46, 8
_QUANTILES = (("p99", "p99", "dot"), ("p95", "p95", "dash"), ("p50", "median", "solid"))
WORDS: dict[Measure, Callable[[float | None], str]] = {
    Measure.TTFT: duration,
    Measure.WHOLE: duration,
    Measure.RATE: speed,
}
"""How the values of each are told."""


def times_of(some: Speed, measure: Measure) -> Times:
    """What a measure is of; of errors there is none."""
    return {Measure.TTFT: some.ttft, Measure.WHOLE: some.whole, Measure.RATE: some.rate}[measure]


def over_time(facts: PerformanceFacts, measure: Measure) -> Figure:
    """Median, 95 and 99 of a hundred in each bucket, or the share that failed."""
    figure = _figure()
    starts = [each.start.astimezone(facts.span.zone).replace(tzinfo=None) for each in facts.buckets]
    if measure is Measure.FAILED:
        values = [each.speed and each.speed.failures / each.speed.calls for each in facts.buckets]
        told = ["" if each.speed is None else _failed(each.speed) for each in facts.buckets]
        figure.add_bar(x=starts, y=values, name="Failed", customdata=told, hovertemplate="%{customdata}<extra></extra>")
        figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=4)
        figure.update_layout(bargap=0.3, showlegend=False)
    else:
        scale, unit = (1, "/s") if measure is Measure.RATE else (1000, " s")
        for field, name, dash in _QUANTILES:
            times = [each.speed and times_of(each.speed, measure) for each in facts.buckets]
            known: list[float | None] = [None if each is None else getattr(each, field) for each in times]
            figure.add_scatter(
                x=starts, y=[None if value is None else value / scale for value in known], name=name,
                mode="lines+markers", connectgaps=False, line={"dash": dash}, marker={"size": 5},
                customdata=[WORDS[measure](value) for value in known], hovertemplate="%{customdata}",
            )  # fmt: skip
        figure.update_yaxes(ticksuffix=unit, rangemode="tozero", nticks=5)
        figure.update_layout(hovermode="x unified")
    _time_axis(figure, facts, starts)
    return figure


def by_group(groups: Sequence[Group], by: Grouping, measure: Measure) -> Figure:
    """A line from the median to 99 of a hundred for each, or a bar of the share that failed; most called on top."""
    shown = [each for each in groups if measure is Measure.FAILED or times_of(each.speed, measure).n][:_TOP][::-1]
    figure = _figure()
    rows = list(range(len(shown)))
    if measure is Measure.FAILED:
        values = [each.speed.failures / each.speed.calls for each in shown]
        figure.add_bar(x=values, y=rows, orientation="h", width=0.24, hoverinfo="skip")
        labels = [share(each.speed.failures, each.speed.calls) for each in shown]
        top = max(values, default=0) or 1
    else:
        words, found = WORDS[measure], [times_of(each.speed, measure) for each in shown]
        for field, name, _ in _QUANTILES:  # in this order each has the colour that it has over time
            figure.add_scatter(
                x=[getattr(times, field) for times in found], y=rows, mode="markers", name=name, marker={"size": 11},
                customdata=[f"{name} {words(getattr(times, field))}, n = {count(times.n)}" for times in found],
                hovertemplate="%{customdata}<extra></extra>",
            )  # fmt: skip
        for row, times in zip(rows, found, strict=True):
            figure.add_scatter(
                x=[times.p50, times.p99], y=[row, row], mode="lines", line={"color": "rgba(128, 136, 144, 0.5)"},
                hoverinfo="skip", showlegend=False, zorder=-1,
            )  # fmt: skip
        labels = [f"{words(times.p50)} · {words(times.p95)} · {words(times.p99)}" for times in found]
        top = max((value for times in found for value in (times.p50, times.p99) if value is not None), default=1)
    for row, (group, label) in enumerate(zip(shown, labels, strict=True)):
        _label(figure, row, group_name(group, by), label)
    _rows(figure, len(shown), top)
    return figure


def errors(found: Sequence[Errors], calls: int) -> Figure:
    """Why calls failed, the most frequent on top."""
    shown = found[:_TOP][::-1]
    figure = _figure()
    figure.add_bar(
        x=[each.calls for each in shown], y=list(range(len(shown))), orientation="h", width=0.24, hoverinfo="skip"
    )
    for row, each in enumerate(shown):
        _label(figure, row, error(each.kind, each.rest), f"{count(each.calls)} · {share(each.calls, calls)}")
    _rows(figure, len(shown), max(each.calls for each in shown))
    return figure


def _failed(some: Speed) -> str:
    return f"{share(some.failures, some.calls)}: {count(some.failures)} of {count(some.calls)} calls"


def _label(figure: Figure, row: int, name: str, value: str) -> None:
    for text, x, anchor in ((name, 0, "left"), (f"<b>{value}</b>", 1, "right")):
        figure.add_annotation(
            text=text, x=x, xref="paper", xanchor=anchor, y=row, yshift=9, yanchor="bottom", showarrow=False
        )


def _rows(figure: Figure, rows: int, top: float) -> None:
    figure.update_xaxes(visible=False, range=[0, top * 1.02])
    figure.update_yaxes(visible=False, range=[-0.4, rows - 0.2])
    _frame(figure, max(_ROW * rows, 2 * _ROW) + 24)


def _time_axis(figure: Figure, facts: PerformanceFacts, starts: Sequence[datetime]) -> None:
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
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None, "traceorder": "reversed"},
    )
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
