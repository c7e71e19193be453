"""What Auto has learned with its person, by task, and beginning anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.routing.experience import Standing
from core.routing.words import TASKS
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "learned"
_BEST = 3
"""Models shown of a task."""


def draw(visit: Visit) -> None:
    """Draw it, folded; it is read when it is opened."""
    part = st.expander("What Auto has learned", icon=":material/school:", key=Keys.LEARNED, on_change="rerun")
    with part:
        outcome.say(_PLACE)
        if not part.open:
            return
        standings = visit.services.chats.experience.standings(visit.actor)
        if standings:
            st.caption("From what you, your teams and everybody here showed of answers. The best models of each task:")
            st.markdown("\n".join(_rows(standings)))
        else:
            st.caption("Nothing yet. Thumbs, copies and comparisons under answers teach it; silence says nothing.")
        _reset(visit)


def _rows(standings: Sequence[Standing]) -> list[str]:
    rows = ["| Task | Models |", "|---|---|"]
    for task, of_task in groupby(standings, key=lambda each: each.task):
        models = ", ".join(_words(each) for each in list(of_task)[:_BEST])
        rows.append(f"| {plain(TASKS[task].capitalize())} | {models} |")
    return rows


def _words(standing: Standing) -> str:
    if standing.grade is None:
        return f"{plain(standing.model)} :small[no grade yet, n={standing.n:.0f}]"
    return f"{plain(standing.model)} **{plain(standing.grade.value)}** :small[n={standing.n:.0f}]"


def _reset(visit: Visit) -> None:
    sure = st.checkbox(
        "Forget what I showed",
        key=Keys.FORGET_LEARNED,
        help="Auto begins anew with you. What your teams and everybody showed goes on to count, your part in it too.",
    )
    if sure:
        st.button(
            "Begin anew", icon=":material/restart_alt:", key="for-good-learned", on_click=_begin_anew, args=(visit,)
        )


def _begin_anew(visit: Visit) -> None:
    """A callback."""

    def act() -> str:
        visit.services.chats.experience.reset(visit.actor)
        Session().choose(Keys.FORGET_LEARNED, False)
        return "Forgotten. Auto begins anew with you."

    outcome.of(_PLACE, act)
