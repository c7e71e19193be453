"""Charts of the Quality page. Fills carry their own dark text, so that they read on light and on dark alike.

They fit 390 px: a model's name stands above its row, at any length, and there is no zooming, which would catch the
finger that scrolls the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.quality import QualityView
from data.learning.routing.wins import Duel
from data.values.routing import Graded
from data.values.tasks import Task
from pages.quality.words import hover, interval, letter, observations, share

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_FILLS = {"F": "#e8837b", "D": "#f2ad74", "C": "#f1d57e", "B": "#b9dd9f", "A": "#7fcb94"}
_INK = "#1b1f24"
_NO_GRADE, _FAINT_INK = "rgba(128, 136, 144, 0.22)", "#7f878f"
_ROW, _HEAD = 54, 78
_LINES = 6
_HEIGHT = 260
_FEW_DAYS, _HALF_A_DAY = 5, timedelta(hours=12)


def heat_map(graded: Sequence[Graded], models: Sequence[str], tasks: Sequence[Task]) -> Figure:
    """A row for each model, a column for each task; a letter where there is one, nothing where nobody judged."""
    found = {(each.model_id, each.task): each for each in graded}
    letters = list(_FILLS)
    figure = _figure()
    # What has no letter has another ink, on a fill that lets the page through: it is a layer of its own.
    for lettered, ink, fills in ((True, _INK, list(_FILLS.values())), (False, _FAINT_INK, [_NO_GRADE] * 2)):
        rows = [
            [each if (each := found.get((model, task))) and bool(each.grade) is lettered else None for task in tasks]
            for model in models
        ]
        figure.add_heatmap(
            x=[task.value for task in tasks],
            y=list(range(len(models))),
            z=[[each and (letters.index(each.grade[0]) if each.grade else 0) for each in row] for row in rows],
            text=[["" if each is None else letter(each) for each in row] for row in rows],
            customdata=[["" if each is None else hover(each) for each in row] for row in rows],
            texttemplate="%{text}", textfont={"color": ink, "size": 14}, hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False, colorscale=_steps(fills), zmin=-0.5, zmax=len(fills) - 0.5,
            showscale=False, xgap=3, ygap=24,
        )  # fmt: skip
    _names(figure, models)
    _columns(figure, len(models), [task.value for task in tasks])
    return figure


def moved(view: QualityView, task: Task) -> Figure:
    """The share of good answers over time at one task: a line for each of the models most is known of."""
    lines = {model: points for (model, at), points in view.moved.items() if at is task}
    most = sorted(lines, key=lambda model: -lines[model][-1][1].n)[:_LINES]
    figure = _figure()
    for model in most:
        figure.add_scatter(
            x=[at.astimezone(view.span.zone).replace(tzinfo=None) for at, _ in lines[model]],
            y=[each.quality for _, each in lines[model]],
            error_y={
                "type": "data", "symmetric": False, "thickness": 1, "width": 0,
                "array": [each.high - each.quality for _, each in lines[model]],
                "arrayminus": [each.quality - each.low for _, each in lines[model]],
            },
            name=model, mode="lines+markers", marker={"size": 7},
            customdata=[f"{letter(each)} · {share(each.quality)} ({interval(each)}), n = {observations(each.n)}"
                        for _, each in lines[model]],
            hovertemplate="%{customdata}",
        )  # fmt: skip
    _days(figure, [at.astimezone(view.span.zone) for points in lines.values() for at, _ in points])
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=5)
    _frame(figure, _HEIGHT + 22 * len(most))
    figure.update_layout(
        hovermode="x unified", legend={"orientation": "v", "x": 0, "y": -0.16, "yanchor": "top", "title": None}
    )
    return figure


def choices(view: QualityView) -> Figure:
    """Who chose, by the day."""
    figure = _figure()
    days = [each.start.astimezone(view.span.zone).replace(tzinfo=None) for each in view.choices]
    for name, values in (
        ("People and fixed settings", [each.others for each in view.choices]),
        ("Gearbox, what looked best", [each.policy - each.explored for each in view.choices]),
        ("Gearbox, to learn", [each.explored for each in view.choices]),
    ):
        figure.add_bar(x=days, y=values, name=name)
    figure.update_layout(barmode="stack", bargap=0.3, hovermode="x unified")
    _days(figure, [each.start.astimezone(view.span.zone) for each in view.choices])
    figure.update_yaxes(nticks=3)
    _frame(figure, _HEIGHT)
    figure.update_layout(
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "title": None, "traceorder": "normal"}
    )
    return figure


def wins(duels: Sequence[Duel], models: Sequence[str]) -> Figure:
    """A row for each model: the share of its comparisons with the one of the column that it won."""
    found = {(duel.model_id, duel.against): duel for duel in duels}
    rows = [[found.get((model, other)) for other in models] for model in models]
    figure = _figure()
    figure.add_heatmap(
        x=[_short(model) for model in models],
        y=list(range(len(models))),
        z=[[None if each is None else _leaning(each) for each in row] for row in rows],
        text=[["" if each is None else f"{share(each.share)}" for each in row] for row in rows],
        customdata=[["" if each is None else _told(each) for each in row] for row in rows],
        texttemplate="%{text}", textfont={"color": _INK}, hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False, colorscale=[[0, _FILLS["F"]], [0.5, "#e3e5e8"], [1, _FILLS["A"]]], zmin=0, zmax=1,
        showscale=False, xgap=3, ygap=24,
    )  # fmt: skip
    _names(figure, models)
    _columns(figure, len(models), [_short(model) for model in models])
    return figure


def _leaning(duel: Duel) -> float:
    """What colours the cell: the share, but the middle while it may as well be the other way round."""
    return 0.5 if duel.low <= 0.5 <= duel.high else duel.share


def _told(duel: Duel) -> str:
    return (
        f"<b>{duel.model_id}</b> against {duel.against}<br>won {duel.wins}, tied {duel.ties} of {duel.n}<br>"
        f"with 95% certainty {duel.low * 100:.0f}–{duel.high * 100:.0f}%"
    )


def _short(model: str) -> str:
    name = model.rpartition("/")[2]
    return name if len(name) <= 14 else f"{name[:13]}…"


def _steps(fills: Sequence[str]) -> list[list[object]]:
    """A colour scale without passages."""
    n = len(fills)
    return [[edge / n, fill] for place, fill in enumerate(fills) for edge in (place, place + 1)]


def _names(figure: Figure, models: Sequence[str]) -> None:
    for row, model in enumerate(models):
        figure.add_annotation(
            text=model, x=0, xref="paper", xanchor="left", y=row, yshift=14, yanchor="bottom", showarrow=False
        )


def _columns(figure: Figure, rows: int, labels: Sequence[str]) -> None:
    steep = len(labels) > 4 or max(map(len, labels), default=0) > 9
    figure.update_xaxes(side="top", tickangle=-50 if steep else 0, showgrid=False, zeroline=False, ticks="")
    # The first model on top.
    figure.update_yaxes(visible=False, range=[rows - 0.5, -0.6])
    _frame(figure, _ROW * rows + (_HEAD if steep else _HEAD // 2))


def _days(figure: Figure, times: Sequence[datetime]) -> None:
    """The axis of time in days. Of few days each is named once, and one alone stands in the middle.

    Left alone, Plotly names hours and seconds around a single day, all of them by the same date.
    """
    figure.update_xaxes(tickformat="%d %b", nticks=5, showgrid=False, hoverformat="%a %d %b")
    days = {at.date(): at.replace(tzinfo=None) for at in sorted(times, reverse=True)}  # by the first time of each
    if not days or len(days) > _FEW_DAYS:
        return
    first, last = min(times).replace(tzinfo=None), max(times).replace(tzinfo=None)
    figure.update_xaxes(
        tickmode="array", tickvals=sorted(days.values()), range=[first - _HALF_A_DAY, last + _HALF_A_DAY]
    )


def _figure() -> Figure:
    import plotly.graph_objects as go  # only pages with charts draw

    return go.Figure()


def _frame(figure: Figure, height: int) -> None:
    figure.update_layout(height=height, margin={"l": 0, "r": 0, "t": 8, "b": 0}, dragmode=False)
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, title=None)
