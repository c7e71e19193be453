"""Charts of the Performance page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from data.analytics.performance_values import Errors, Group, Grouping, PerformanceFacts, Speed, Times
from pages.figures.plot import Plot
from pages.performance.address import Measure
from pages.performance.words import error, group_name, share, speed
from pages.usage_words import count, duration

_HEIGHT, _TOP = 260, 8
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


def over_time(facts: PerformanceFacts, measure: Measure) -> Plot:
    """Median, 95 and 99 of a hundred in each bucket, or the share that failed."""
    plot = Plot()
    plot.legend(traceorder="reversed")
    starts = [each.start.astimezone(facts.span.zone).replace(tzinfo=None) for each in facts.buckets]
    if measure is Measure.FAILED:
        values = [each.speed and each.speed.failures / each.speed.calls for each in facts.buckets]
        told = ["" if each.speed is None else _failed(each.speed) for each in facts.buckets]
        plot.trace(
            "bar", x=starts, y=values, name="Failed", customdata=told, hovertemplate="%{customdata}<extra></extra>"
        )
        plot.y(tickformat=".0%", rangemode="tozero", nticks=4)
        plot.layout(bargap=0.3, showlegend=False)
    else:
        scale, unit = (1, "/s") if measure is Measure.RATE else (1000, " s")
        for field, name, dash in _QUANTILES:
            times = [each.speed and times_of(each.speed, measure) for each in facts.buckets]
            known: list[float | None] = [None if each is None else getattr(each, field) for each in times]
            plot.trace(
                "scatter", x=starts, y=[None if value is None else value / scale for value in known], name=name,
                mode="lines+markers", connectgaps=False, line={"dash": dash}, marker={"size": 5},
                customdata=[WORDS[measure](value) for value in known], hovertemplate="%{customdata}",
            )  # fmt: skip
        plot.y(ticksuffix=unit, rangemode="tozero", nticks=5)
        plot.layout(hovermode="x unified")
    _time_axis(plot, facts, starts)
    return plot


def by_group(groups: Sequence[Group], by: Grouping, measure: Measure) -> Plot:
    """A line from the median to 99 of a hundred for each, or a bar of the share that failed; most called on top."""
    shown = [each for each in groups if measure is Measure.FAILED or times_of(each.speed, measure).n][:_TOP][::-1]
    plot = Plot()
    plot.legend(traceorder="reversed")
    rows = list(range(len(shown)))
    if measure is Measure.FAILED:
        values = [each.speed.failures / each.speed.calls for each in shown]
        plot.trace("bar", x=values, y=rows, orientation="h", width=0.24, hoverinfo="skip")
        labels = [share(each.speed.failures, each.speed.calls) for each in shown]
        top = max(values, default=0) or 1
    else:
        words, found = WORDS[measure], [times_of(each.speed, measure) for each in shown]
        for field, name, _ in _QUANTILES:  # in this order each has the colour that it has over time
            plot.trace(
                "scatter", x=[getattr(times, field) for times in found], y=rows, mode="markers", name=name,
                marker={"size": 11},
                customdata=[f"{name} {words(getattr(times, field))}, n = {count(times.n)}" for times in found],
                hovertemplate="%{customdata}<extra></extra>",
            )  # fmt: skip
        for row, times in zip(rows, found, strict=True):
            plot.trace(
                "scatter", x=[times.p50, times.p99], y=[row, row], mode="lines",
                line={"color": "rgba(128, 136, 144, 0.5)"}, hoverinfo="skip", showlegend=False, zorder=-1,
            )  # fmt: skip
        labels = [f"{words(times.p50)} · {words(times.p95)} · {words(times.p99)}" for times in found]
        top = max((value for times in found for value in (times.p50, times.p99) if value is not None), default=1)
    names = [group_name(each, by) for each in shown]
    _rows(plot, list(zip(names, labels, strict=True)), top)
    return plot


def errors(found: Sequence[Errors], calls: int) -> Plot:
    """Why calls failed, the most frequent on top."""
    shown = found[:_TOP][::-1]
    plot = Plot()
    plot.trace(
        "bar",
        x=[each.calls for each in shown],
        y=list(range(len(shown))),
        orientation="h",
        width=0.24,
        hoverinfo="skip",
    )
    labels = [(error(each.kind, each.rest), f"{count(each.calls)} · {share(each.calls, calls)}") for each in shown]
    _rows(plot, labels, max(each.calls for each in shown))
    return plot


def _failed(some: Speed) -> str:
    return f"{share(some.failures, some.calls)}: {count(some.failures)} of {count(some.calls)} calls"


def _rows(plot: Plot, labels: Sequence[tuple[str, str]], top: float) -> None:
    plot.labels([(name, f"<b>{value}</b>") for name, value in labels], top * 1.02)
    plot.rows(len(labels), top * 1.02)


def _time_axis(plot: Plot, facts: PerformanceFacts, starts: Sequence[datetime]) -> None:
    hourly = facts.span.hourly
    half = (starts[1] - starts[0]) / 2 if len(starts) > 1 else timedelta(hours=12)
    plot.x(
        tickformat="%H:%M" if hourly else "%d %b", nticks=5, showgrid=False,
        hoverformat="%H:%M" if hourly else "%a %d %b", range=[starts[0] - half, starts[-1] + half],
    )  # fmt: skip
    plot.layout(height=_HEIGHT)
