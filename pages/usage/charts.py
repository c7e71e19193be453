"""Charts of the Usage page. A click on a row means all of it: its bar alone would be too thin for a finger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from data.analytics.usage_values import Dimension, Group, Measure, UsageFacts
from pages.figures.plot import Plot
from pages.usage.words import MEASURES, amount, group_name, told, usual_share

TOP = 8  # bars; the table below has all of them
_HEIGHT = 220


def over_time(facts: UsageFacts, measure: Measure) -> Plot:
    """How much there was in each hour or day; failed calls on top of the others, odd days with a mark above them."""
    plot = Plot()
    starts = [each.start.astimezone(facts.span.zone).replace(tzinfo=None) for each in facts.buckets]
    values = [None if each.sums is None else float(each.sums.of(measure, facts.currency)) for each in facts.buckets]
    words = ["" if each.sums is None else amount(each.sums, measure, facts.currency) for each in facts.buckets]
    failed = [each.sums.failures if each.sums else 0 for each in facts.buckets]
    stacked = measure is Measure.CALLS and any(failed)
    plot.trace(
        "bar", x=starts, name="Went through" if stacked else MEASURES[measure], customdata=words,
        y=[value if value is None or not stacked else value - less for value, less in zip(values, failed, strict=True)],
        hovertemplate="%{y:,}" if stacked else "%{customdata}<extra></extra>",
    )  # fmt: skip
    if stacked:
        plot.trace("bar", x=starts, y=failed, name="Failed", hovertemplate="%{y:,}")
    top = max((value for value in values if value is not None), default=0) or 1
    known = {start.date(): value for start, value in zip(starts, values, strict=True) if value is not None}
    marked = _mark(plot, facts, measure, known, top)
    busiest = max(range(len(values)), key=lambda place: values[place] or 0)
    if values[busiest]:
        plot.note(
            x=starts[busiest], y=values[busiest], text=words[busiest], yanchor="bottom",
            yshift=14 if starts[busiest].date() in marked else 0,
        )  # fmt: skip
    _time_axis(plot, facts, starts)
    plot.layout(barmode="stack", bargap=0.3, hovermode="x unified", showlegend=stacked or bool(marked))
    # One label says how high the bars are; a scale beside them would say it again.
    plot.y(visible=False, range=[0, top * 1.3])
    return plot


def _mark(plot: Plot, facts: UsageFacts, measure: Measure, values: Mapping[date, float], top: float) -> set[date]:
    """Mark the days that stand out; which those are."""
    notes: dict[date, list[str]] = {}
    for each in facts.odd:
        low, high = (told(edge, measure, facts.currency) for edge in (each.found.low, each.found.high))
        notes.setdefault(each.day, []).append(f"usual: {low} to {high}")
    for each in facts.failing if measure is Measure.CALLS else ():
        notes.setdefault(each.day, []).append(f"failed: {each.found.value:.0%}, usual: {usual_share(each)}")
    if notes:
        plot.trace(
            "scatter", x=[datetime(day.year, day.month, day.day) for day in notes],
            y=[values.get(day, 0) + top * 0.06 for day in notes], mode="markers", name="Unusual",
            customdata=["<br>".join(lines) for lines in notes.values()], hovertemplate="%{customdata}",
            marker={"symbol": "diamond", "size": 9, "color": "#b3392e"},
        )  # fmt: skip
    return set(notes)


def by_group(facts: UsageFacts, dimension: Dimension, measure: Measure, teams: Mapping[str, str]) -> Plot:
    """A bar for each of the largest; `customdata` of a row is the value that it filters by."""
    shown = rows_of(facts)[::-1]
    plot = Plot()
    rows = list(range(len(shown)))
    values = [float(each.now.of(measure, facts.currency)) for each in shown]
    top = max(values, default=0) or 1
    names = [each.name for each in shown]
    plot.trace(
        "bar", x=values, y=rows, orientation="h", width=0.24, customdata=names, hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    plot.trace(
        "bar", x=[top] * len(rows), y=[row + 0.15 for row in rows], orientation="h", width=0.9, customdata=names,
        marker={"color": "rgba(128, 136, 144, 0.001)"}, hoverinfo="none", showlegend=False,
        unselected={"marker": {"opacity": 0.001}}, selected={"marker": {"opacity": 0.001}},
    )  # fmt: skip
    amounts = [amount(each.now, measure, facts.currency) for each in shown]
    plot.labels(
        [(group_name(each, dimension, teams), f"<b>{told}</b>") for each, told in zip(shown, amounts, strict=True)], top
    )
    plot.rows(len(shown), top, below=0)
    plot.layout(barmode="overlay", showlegend=False)
    return plot


def rows_of(facts: UsageFacts) -> Sequence[Group]:
    """The groups that are drawn, the largest first."""
    return facts.groups[:TOP]


def _time_axis(plot: Plot, facts: UsageFacts, starts: Sequence[datetime]) -> None:
    hourly = facts.span.hourly
    half = (starts[1] - starts[0]) / 2 if len(starts) > 1 else timedelta(hours=12)
    plot.x(
        tickformat="%H:%M" if hourly else "%d %b", nticks=5, showgrid=False,
        hoverformat="%H:%M" if hourly else "%a %d %b", range=[starts[0] - half, starts[-1] + half],
    )  # fmt: skip
    plot.layout(height=_HEIGHT)
