"""The Quality page: how good models are at what people ask, and what Gearbox's choice of them earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import GearboxError
from core.quality import QualityView
from data.analytics.period import Period
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.learning.routing.grades import OBSERVATIONS_AT_LEAST
from data.values.actor import Actor
from data.values.tasks import Task
from pages.figures import beginning
from pages.figures.beginning import PERIODS
from pages.figures.drawn import chart, download, table
from pages.quality import charts, words
from pages.sample_mark import sample_mark
from pages.usage_words import count
from pages.visit import Visit

_PERIODS = {period: label for period, label in PERIODS.items() if period is not Period.TODAY}


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.SEE_ALL_USAGE)


def render(visit: Visit) -> None:
    """Draw the page."""
    st.title("Quality")
    period = st.segmented_control(
        "Period", list(_PERIODS), default=Period.MONTH, required=True, format_func=_PERIODS.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        service = visit.services.reports.quality
        view = service.view(visit.actor, period or Period.MONTH, service.zone)
    except GearboxError as error:
        beginning.refused(error)
        return
    beginning.missing(service.status(), "answers")
    if view.sampled:
        sample_mark("Some or all of what is shown here was")
    if view.first_choice_at is None and not view.graded and not view.hidden:
        _empty()
        return
    _grades(view)
    _moved(view)
    _choices(view)
    _ways(view)
    _wins(view)
    st.caption(f"As of {view.made_at.astimezone(view.span.zone):%H:%M:%S}. No prompt and no answer is read for this.")


def _empty() -> None:
    with st.container(border=True):
        st.subheader("Nothing to grade yet")
        st.write(
            "This page fills as people work. **How models were chosen** begins with the first prompt in the chat. "
            "**Grades** come from what people show of answers: thumbs, comparisons, asking again, copying. A model has "
            f"its first letter at a task after {OBSERVATIONS_AT_LEAST:.0f} to about 60 of these, by at least "
            f"{PEOPLE_AT_LEAST} people. **What the choice earns** needs judged answers whose model Gearbox chose."
        )


def _grades(view: QualityView) -> None:
    st.subheader("Grades")
    few = f"by at least {PEOPLE_AT_LEAST} people"
    if not view.graded:
        st.info(f"No model was judged {few} at any task.", icon=":material/hourglass:")
        return
    models = list(dict.fromkeys(each.model_id for each in sorted(view.graded, key=lambda each: -each.n)))
    tasks = [task for task in Task if any(each.task is task for each in view.graded)]
    chart(charts.heat_map(view.graded, models, tasks), "Heat map of grades by model and task")
    hidden = f" {count(view.hidden)} more are not shown: fewer people are behind them." if view.hidden else ""
    st.caption(
        f"How good answers are, from everything people showed of them {few}, the older the less it counts: "
        f"{words.thresholds()}, below it F. “–” is no grade yet: fewer than {OBSERVATIONS_AT_LEAST:.0f} observations, "
        f"or too unsure to tell two letters from the third. {words.FALLING} and {words.RISING} mark where the last "
        f"weeks differ from all by more than chance.{hidden}"
    )
    _table("grades", words.grade_rows(view.graded))


@st.fragment  # another task is only another picture of the same numbers
def _moved(view: QualityView) -> None:
    tasks = [task for task in Task if any(at is task for _, at in view.moved)]
    if not tasks:
        return
    st.subheader("How they moved")
    known = {task: sum(points[-1][1].n for (_, at), points in view.moved.items() if at is task) for task in tasks}
    best = max(tasks, key=lambda task: known[task])
    task = st.selectbox("Task", tasks, index=tasks.index(best), format_func=lambda task: task.value.capitalize())
    chart(charts.moved(view, task), f"Line chart of the share of good answers at {task.value}")
    st.caption("The share of good answers as it was known at each time, with its 90% interval.")
    _table("moved", words.moved_rows(view))


def _choices(view: QualityView) -> None:
    st.subheader("How models were chosen")
    chosen = sum(each.policy for each in view.choices)
    every = chosen + sum(each.others for each in view.choices)
    if not every:
        st.info(f"No choices by at least {PEOPLE_AT_LEAST} people in this period.", icon=":material/hourglass:")
        return
    explored = sum(each.explored for each in view.choices)
    said = f"Gearbox chose the model for **{count(chosen)}** of {count(every)} answers"
    if chosen:
        said += (
            f"; in **{count(explored)}** of these ({explored / chosen:.1%}) it tried another than the best-looking one"
        )
        said += ", to learn"
    st.write(f"{said}. The others were picked by people, pinned, or the fixed default.")
    chart(charts.choices(view), "Bar chart of who chose the model")
    _table("choices", words.choice_rows(view))


def _ways(view: QualityView) -> None:
    st.subheader("Against always one model")
    st.write(words.verdict(view).replace("$", "\\$"))
    if not view.ways:
        return
    st.dataframe([words.way_row(way) for way in view.ways], hide_index=True)
    with st.expander("How this is estimated"):
        st.write(words.HOW_ESTIMATED)
        st.write(f"It rests on {count(view.judged)} judged answers that Gearbox chose the model for.")
    download("ways", words.way_rows(view))


def _wins(view: QualityView) -> None:
    st.subheader("Side by side")
    hidden = f" {count(view.hidden_duels)} pairs were compared by fewer people." if view.hidden_duels else ""
    if not view.duels:
        st.info(
            f"No two models were compared by at least {PEOPLE_AT_LEAST} people in this period.{hidden}",
            icon=":material/hourglass:",
        )
        return
    chart(charts.wins(view.duels, view.models), "Matrix of comparisons that were won")
    st.caption(
        "How much of their comparisons the model of the row won against the model of the column; a tie is half a win. "
        "Without colour: by chance it may as well be the other way round." + hidden
    )
    _table("comparisons", words.duel_rows(view))


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    with st.expander("As a table"):
        table(name, rows)
        download(name, rows)
