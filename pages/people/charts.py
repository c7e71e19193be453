"""Charts of the People page. Fonts and colours come from the Streamlit theme; nothing here names one.

They fit 390 px: names stand above their rows, and there is no zooming, which would catch the finger that scrolls the
page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from data.analytics.parts_of import Part
from data.analytics.people_values import Bucket, Cohort, Rhythm
from pages.people.words import HIDDEN, bucket_name, day, people, share
from pages.usage_words import count

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT, _ROW, _CELL = 240, 46, 30


def over_time(buckets: Sequence[Bucket], by: Rhythm) -> Figure:
    """Active people in each bucket; one of too few people is a gap."""
    figure = _figure()
    starts = [each.start for each in buckets]
    told = [
        f"{bucket_name(each.start, by)}: {HIDDEN if each.people is None else count(each.people)}" for each in buckets
    ]
    figure.add_bar(
        x=starts, y=[each.people for each in buckets], customdata=told, hovertemplate="%{customdata}<extra></extra>"
    )
    half = timedelta(hours=12) if by is Rhythm.DAY else timedelta(days=4 if by is Rhythm.WEEK else 16)
    figure.update_xaxes(
        tickformat="%b %Y" if by is Rhythm.MONTH else "%d %b", nticks=6, showgrid=False,
        range=[starts[0] - half, starts[-1] + half],
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", nticks=4, tickformat=",d")
    figure.update_layout(bargap=0.25, showlegend=False)
    _frame(figure, _HEIGHT)
    return figure


def bars(rows: Sequence[tuple[str, Part]], of: int) -> Figure:
    """A bar for each part of a group of `of` people; where it may be told only nearly, its end is pale."""
    shown = list(rows)[::-1]
    figure = _figure()
    places = list(range(len(shown)))
    sure = [part.people if part.people is not None else part.least for _, part in shown]
    more = [0 if part.people is not None else part.most - part.least for _, part in shown]
    # One trace, so that both have the same colour, whatever that is.
    figure.add_bar(
        x=sure + more, y=places + places, base=[0] * len(sure) + sure, orientation="h", width=0.24, hoverinfo="skip",
        marker={"opacity": [1.0] * len(sure) + [0.35] * len(more)},
    )  # fmt: skip
    for place, (name, part) in enumerate(shown):
        for text, x, anchor in ((name, 0, "left"), (f"<b>{people(part)}</b> · {share(part, of)}", 1, "right")):
            figure.add_annotation(
                text=text, x=x, xref="paper", xanchor=anchor, y=place, yshift=9, yanchor="bottom", showarrow=False
            )
    figure.update_xaxes(visible=False, range=[0, of * 1.02])
    figure.update_yaxes(visible=False, range=[-0.4, len(shown) - 0.2])
    figure.update_layout(barmode="overlay", showlegend=False)
    _frame(figure, _ROW * len(shown) + 24)
    return figure


def heat_map(cohorts: Sequence[Cohort]) -> Figure:
    """A row for each cohort, a column for each week after its first; darker where more came back."""
    figure = _figure()
    longest = max(len(each.back) for each in cohorts)
    shares = [[each.back[week].share if week < len(each.back) else None for week in range(longest)] for each in cohorts]
    told = [[_cell(each, week) if week < len(each.back) else "" for week in range(longest)] for each in cohorts]
    names = [f"{day(each.week)[:-5]} ({count(each.people)})" for each in cohorts]
    figure.add_heatmap(
        z=shares, x=list(range(1, longest + 1)), y=names, customdata=told,
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=False, zmin=0, zmax=1, xgap=2, ygap=2,
        colorbar={"tickformat": ".0%", "thickness": 10, "nticks": 3, "outlinewidth": 0},
    )  # fmt: skip
    figure.update_xaxes(nticks=8, showgrid=False, side="top")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    _frame(figure, _CELL * len(cohorts) + 110)
    figure.update_xaxes(title="Weeks after the first one", tickformat="d")
    return figure


def _cell(cohort: Cohort, week: int) -> str:
    part = cohort.back[week]
    later = "1 week later" if week == 0 else f"{week + 1} weeks later"
    return f"Week of {day(cohort.week)}, {later}:<br>{people(part)} of {count(cohort.people)} came back ({share(part)})"


def _figure() -> Figure:
    import plotly.graph_objects as go  # only pages with charts draw

    return go.Figure()


def _frame(figure: Figure, height: int) -> None:
    figure.update_layout(height=height, margin={"l": 0, "r": 0, "t": 8, "b": 0}, dragmode=False)
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
