"""Charts of the People page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from data.analytics.parts_of import Part
from data.analytics.people_values import Bucket, Cohort, Rhythm
from pages.figures.plot import Plot
from pages.people.words import HIDDEN, bucket_name, day, people, share
from pages.usage_words import count

_HEIGHT, _CELL = 240, 30


def over_time(buckets: Sequence[Bucket], by: Rhythm) -> Plot:
    """Active people in each bucket; one of too few people is a gap."""
    plot = Plot()
    starts = [each.start for each in buckets]
    told = [
        f"{bucket_name(each.start, by)}: {HIDDEN if each.people is None else count(each.people)}" for each in buckets
    ]
    plot.trace(
        "bar", x=starts, y=[each.people for each in buckets], customdata=told,
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    half = timedelta(hours=12) if by is Rhythm.DAY else timedelta(days=4 if by is Rhythm.WEEK else 16)
    plot.x(
        tickformat="%b %Y" if by is Rhythm.MONTH else "%d %b", nticks=6, showgrid=False,
        range=[starts[0] - half, starts[-1] + half],
    )  # fmt: skip
    plot.y(rangemode="tozero", nticks=4, tickformat=",d")
    plot.layout(bargap=0.25, showlegend=False, height=_HEIGHT)
    return plot


def bars(rows: Sequence[tuple[str, Part]], of: int) -> Plot:
    """A bar for each part of a group of `of` people; where it may be told only nearly, its end is pale."""
    shown = list(rows)[::-1]
    plot = Plot()
    places = list(range(len(shown)))
    sure = [part.people if part.people is not None else part.least for _, part in shown]
    more = [0 if part.people is not None else part.most - part.least for _, part in shown]
    # One trace, so that both have the same colour, whatever that is.
    plot.trace(
        "bar", x=sure + more, y=places + places, base=[0] * len(sure) + sure, orientation="h", width=0.24,
        hoverinfo="skip", marker={"opacity": [1.0] * len(sure) + [0.35] * len(more)},
    )  # fmt: skip
    plot.labels([(name, f"<b>{people(part)}</b> · {share(part, of)}") for name, part in shown], of * 1.02)
    plot.rows(len(shown), of * 1.02)
    plot.layout(barmode="overlay", showlegend=False)
    return plot


def heat_map(cohorts: Sequence[Cohort]) -> Plot:
    """A row for each cohort, a column for each week after its first; darker where more came back."""
    plot = Plot()
    longest = max(len(each.back) for each in cohorts)
    shares = [[each.back[week].share if week < len(each.back) else None for week in range(longest)] for each in cohorts]
    told = [[_cell(each, week) if week < len(each.back) else "" for week in range(longest)] for each in cohorts]
    names = [f"{day(each.week)[:-5]} ({count(each.people)})" for each in cohorts]
    plot.trace(
        "heatmap", z=shares, x=list(range(1, longest + 1)), y=names, customdata=told,
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=False, zmin=0, zmax=1, xgap=2, ygap=2,
        colorbar={"tickformat": ".0%", "thickness": 10, "nticks": 3, "outlinewidth": 0},
    )  # fmt: skip
    plot.y(autorange="reversed", showgrid=False, type="category")
    plot.layout(height=_CELL * len(cohorts) + 110)
    plot.x(nticks=8, showgrid=False, side="top", title="Weeks after the first one", tickformat="d")
    return plot


def _cell(cohort: Cohort, week: int) -> str:
    part = cohort.back[week]
    later = "1 week later" if week == 0 else f"{week + 1} weeks later"
    return f"Week of {day(cohort.week)}, {later}:<br>{people(part)} of {count(cohort.people)} came back ({share(part)})"
