"""The parts of a planned reply on the page: a place that is held while one is made, what it gave, and why it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.composing.orders import words_of
from data.values.parts import StepPart
from data.values.plans import Action, Output, Step, StepState
from pages.footer import money, seconds
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

Again = Callable[[str, str, str | None], None]
"""Has a part made again: told the reply's id, the step's, and by which model, None for the same."""


@dataclass(frozen=True, slots=True)
class PartActions:
    """What people can do with replies and their parts.

    Args:
        makers: the ids of the models that can make such a step.
        read_aloud: told a reply's id.
        correct: told a reply's id, and what it should have held.
    """

    again: Again
    makers: Callable[[Action], Sequence[str]]
    read_aloud: Callable[[str], None]
    correct: Callable[[str, frozenset[Output]], None]


NAMES = {
    Action.WRITE: "Text",
    Action.CHART: "Chart",
    Action.DRAW: "Picture",
    Action.EDIT: "Changed picture",
    Action.SPEAK: "Sound",
    Action.FILM: "Film",
}

ICONS = {
    Action.WRITE: ":material/notes:",
    Action.CHART: ":material/bar_chart:",
    Action.DRAW: ":material/image:",
    Action.EDIT: ":material/brush:",
    Action.SPEAK: ":material/graphic_eq:",
    Action.FILM: ":material/movie:",
}

_DOING = {
    Action.WRITE: "Writing",
    Action.CHART: "Drawing the chart",
    Action.DRAW: "Painting",
    Action.EDIT: "Changing the picture",
    Action.SPEAK: "Recording",
    Action.FILM: "Filming",
}

_SHOWN_CHARS = 240

_MISSING = {
    StepState.SKIPPED: "was not begun",
    StepState.STOPPED: "was stopped",
    StepState.FAILED: "could not be made",
}


def draw_skeleton(step: Step, message_id: str) -> DeltaGenerator:
    """Hold the place of a part that is not there yet, about as large as it will be; returns where to say more."""
    with st.container(key=f"{Keys.SKELETON}-{step.action}-{message_id}-{step.id}", gap=None):
        return st.empty()


def how_it_stands(part: StepPart, how_far: str = "") -> str:
    """What is said in the place of a part that is not there yet, as Markdown."""
    action = part.step.action
    if part.state is StepState.WAITING:
        waits = " follows" if part.step.uses else ""
        return f"{ICONS[action]} {NAMES[action]}{waits}"
    by = f" · {plain(part.model)}" if part.model else ""
    return f"{ICONS[action]} {_DOING[action]}{by}{f' · {plain(how_far)}' if how_far else ''}"


def draw_problem(part: StepPart, message_id: str, actions: PartActions | None) -> None:
    """Say what became of a part that is not there, and offer to make it."""
    name, what = NAMES[part.step.action], _MISSING.get(part.state)
    if what is None or (part.state is StepState.SKIPPED and part.problem is None):
        return
    with st.container(border=True, key=f"{Keys.PROBLEM}-{message_id}-{part.step.id}", gap="xsmall"):
        why = ""
        if part.problem is not None:
            why = " ".join(each for each in (plain(part.problem.message), plain(part.problem.remedy)) if each)
        icon = ":material/error:" if part.state is StepState.FAILED else ":material/do_not_disturb_on:"
        st.markdown(f"{icon} **{name}** {what}." + (f" {why}" if why else ""))
        # What only waits for another part is made with that.
        if actions is not None and not (part.state is StepState.SKIPPED and part.step.uses):
            _offer_again(part, message_id, actions, "Try again")


def draw_details(parts: Sequence[StepPart], message_id: str, actions: PartActions | None) -> None:
    """How a reply was made, one click away: by whom each part, how long that took, what it cost; each can be remade."""
    made = st.expander(
        "How it was made", icon=":material/account_tree:", on_change="rerun", key=f"{Keys.MADE}-{message_id}"
    )
    if not made.open:  # what is not looked at costs nothing
        return
    with made:
        for part in parts:
            with st.container(key=f"{Keys.MADE}-{message_id}-{part.step.id}", gap=None):
                words = [f"{ICONS[part.step.action]} **{NAMES[part.step.action]}**"]
                if part.model:
                    words.append(plain(part.model))
                if part.seconds is not None:
                    words.append(seconds(part.seconds * 1000))
                if part.state is not StepState.SKIPPED:
                    words.append(money(part.cost))
                st.markdown(" · ".join(words))
                if said := asked(words_of(part.step.instruction)):
                    st.caption(plain(said))
                if actions is not None and part.state is StepState.DONE:
                    _offer_again(part, message_id, actions, "Make again")


def _offer_again(part: StepPart, message_id: str, actions: PartActions, label: str) -> None:
    key = f"{message_id}-{part.step.id}-{label}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            label,
            key=f"{Keys.AGAIN}-{key}",
            icon=":material/refresh:",
            on_click=actions.again,
            args=(message_id, part.step.id, None),
        )
        others = [each for each in actions.makers(part.step.action) if each != part.model]
        if others:
            st.selectbox(
                "By another model",
                others,
                index=None,
                key=f"{Keys.AGAIN}-by-{key}",
                placeholder="By another model",
                label_visibility="collapsed",
                on_change=_by_another,
                args=(f"{Keys.AGAIN}-by-{key}", part.step.id, message_id, actions.again),
                width=260,
            )


def _by_another(key: str, step_id: str, message_id: str, again: Again) -> None:
    chosen = Session().chosen(key)
    if chosen is not None:
        again(message_id, step_id, str(chosen))


def asked(instruction: str) -> str:
    """What was asked for; what a model is told of the rest of the reply stands in the lines below."""
    line = " ".join(instruction.partition("\n")[0].split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"
