"""Charts of the Usage page. Fonts and colours come from the Streamlit theme; nothing here names one.

They fit 390 px: no mode bar, few ticks, names and values written at the marks instead of in a legend, and no
zooming, which would catch the finger that scrolls the page.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from data.analytics.usage import Spend, UsageReport
from pages.usage_words import cost, count, duration

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TOP = 8  # bars of models; the table below has them all
_HEIGHT = 200
_ROW = 46


def calls_over_time(report: UsageReport) -> Figure:
    """Calls in each bucket, failed ones on top of the others when there are any."""
    figure = _figure()
    starts = _starts(report)
    failed = [bucket.failures for bucket in report.buckets]
    answered = [bucket.calls - bucket.failures for bucket in report.buckets]
    figure.add_bar(x=starts, y=answered, name="Went through")
    if any(failed):
        figure.add_bar(x=starts, y=failed, name="Failed")
    busiest = max(range(len(starts)), key=lambda i: report.buckets[i].calls)
    figure.add_annotation(
        x=starts[busiest], y=report.buckets[busiest].calls, text=count(report.buckets[busiest].calls),
        showarrow=False, yanchor="bottom",
    )  # fmt: skip
    _time_axis(figure, report)
    figure.update_layout(barmode="stack", bargap=0.3, showlegend=any(failed), hovermode="x unified")
    # One label says how high the bars are; a scale beside them would say it again.
    figure.update_yaxes(visible=False, range=[0, report.buckets[busiest].calls * 1.2])
    return figure


def by_model(report: UsageReport) -> Figure:
    """Cost by model where anything has a price, else tokens. The name stands above its bar: any length fits."""
    bars = (_spent if report.spend else _used)(report)[:_TOP][::-1]
    figure = _figure()
    rows = list(range(len(bars)))
    figure.add_bar(x=[value for _, value, _ in bars], y=rows, orientation="h", width=0.24, hoverinfo="skip")
    for row, (name, _, label) in enumerate(bars):
        for text, x, anchor in ((name, 0, "left"), (f"<b>{label}</b>", 1, "right")):
            figure.add_annotation(
                text=text, x=x, xref="paper", xanchor=anchor, y=row, yshift=9, yanchor="bottom", showarrow=False
            )
    figure.update_xaxes(visible=False, range=[0, max(value for _, value, _ in bars) or 1])
    figure.update_yaxes(visible=False, range=[-0.4, len(bars) - 0.2])
    _frame(figure, max(_ROW * len(bars), 2 * _ROW))
    return figure


def speed_over_time(report: UsageReport) -> Figure:
    """Medians of each bucket: the whole answer above, the first token below."""
    series = {
        "whole answer": [bucket.latency_p50_ms for bucket in report.buckets],
        "first token": [bucket.ttft_p50_ms for bucket in report.buckets],
    }
    starts = _starts(report)
    figure = _figure()
    for name, values in series.items():
        figure.add_scatter(
            x=starts, y=values, name=name, mode="lines+markers", connectgaps=True, marker={"size": 7},
            customdata=[duration(value) for value in values], hovertemplate="%{customdata}",
        )  # fmt: skip
        last = max((i for i, value in enumerate(values) if value is not None), default=None)
        if last is not None:
            figure.add_annotation(
                x=starts[last], y=values[last], text=f"{name} {duration(values[last])}", showarrow=False, yshift=12,
                xanchor="right" if last > len(starts) / 2 else "left",
            )  # fmt: skip
    _time_axis(figure, report)
    top = max(value for values in series.values() for value in values if value is not None)
    figure.update_layout(showlegend=False, hovermode="x unified")
    figure.update_yaxes(visible=False, range=[0, top * 1.25])
    return figure


def _figure() -> Figure:
    import plotly.graph_objects as go  # only this page draws

    return go.Figure()


def _spent(report: UsageReport) -> list[tuple[str, float, str]]:
    # One currency to an axis; the page's totals and table have the others.
    currency = report.spend[0].currency
    priced = [(m, s) for m in report.models for s in m.spend if s.currency == currency]
    priced.sort(key=lambda pair: pair[1].amount, reverse=True)
    return [
        (f"{m.provider}/{m.model}", float(s.amount), cost((Spend(currency, s.amount),), estimated=m.estimated > 0))
        for m, s in priced
    ]


def _used(report: UsageReport) -> list[tuple[str, float, str]]:
    models = sorted(report.models, key=lambda model: model.tokens, reverse=True)
    return [
        (f"{m.provider}/{m.model}", float(m.tokens), ("≈ " if m.tokens_estimated else "") + count(m.tokens))
        for m in models
    ]


def _starts(report: UsageReport) -> list[datetime]:
    """Bucket starts on the wall clock of the person; Plotly shows a time without a zone as it is."""
    return [bucket.start.astimezone(report.span.zone).replace(tzinfo=None) for bucket in report.buckets]


def _time_axis(figure: Figure, report: UsageReport) -> None:
    hourly = report.span.hourly
    figure.update_xaxes(
        tickformat="%H:%M" if hourly else "%d %b",
        nticks=5,
        showgrid=False,
        hoverformat="%H:%M" if hourly else "%a %d %b",
        range=_whole(report),
    )
    _frame(figure, _HEIGHT)


def _whole(report: UsageReport) -> list[datetime]:
    """The whole period with half a bucket of room on both sides, so that the first bar is whole."""
    starts = _starts(report)
    half = (starts[1] - starts[0]) / 2
    return [starts[0] - half, starts[-1] + half]


def _frame(figure: Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None, "traceorder": "normal"},
    )
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
