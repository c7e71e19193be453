"""What else can be done with an answer: have it read aloud, say that it should have held something else."""

from __future__ import annotations

import streamlit as st

from core.chat.composing.compositions import outputs_of
from data.values.messages import Message
from data.values.parts import StepPart, text_of
from data.values.plans import Output
from pages import answer_dialogs, why_model
from pages.answer_actions import AnswerActions
from pages.session import Session
from pages.step_parts import PartActions
from pages.widget_keys import Keys

_HEIGHT = 310
"""Pixels of the menu."""

KINDS = {
    Output.TEXT: ":material/notes: Text",
    Output.IMAGE: ":material/image: Picture",
    Output.SPEECH: ":material/graphic_eq: Sound",
    Output.CHART: ":material/bar_chart: Chart",
    Output.VIDEO: ":material/movie: Film",
}


def draw(message: Message, actions: PartActions, answers: AnswerActions | None) -> None:
    """Draw the menu of an answer that has ended. Nothing in it is made before it is opened."""
    menu = st.popover(
        "More", icon=":material/more_horiz:", type="tertiary", on_change="rerun", key=f"{Keys.MORE}-{message.id}"
    )
    if answers is not None and Session().take_look_before(message.id):
        answer_dialogs.before(message.id, answers)
    choice = message.details.choice if message.details is not None else None
    if answers is not None and choice is not None and Session().take_why_model(message.id):
        why_model.show(answers.visit, choice.decision_id)
    if not menu.open:
        with menu:  # as high as what comes: Streamlit chooses where it opens before that is drawn
            st.space(_HEIGHT)
        return
    with menu:
        if text_of(message.parts).strip():
            st.button(
                "Read aloud",
                icon=":material/volume_up:",
                key=f"{Keys.MORE}-aloud-{message.id}",
                on_click=_read_aloud,
                args=(message.id, actions),
            )
        if answers is not None:
            st.button(
                "What was here before",
                icon=":material/history:",
                key=f"{Keys.MORE}-before-{message.id}",
                on_click=_look_before,
                args=(message.id,),
            )
        if answers is not None and choice is not None:
            st.button(
                "Why this model",
                icon=":material/alt_route:",
                key=f"{Keys.MORE}-model-{message.id}",
                on_click=_ask_why_model,
                args=(message.id,),
            )
        key = f"{Keys.WANTED}-{message.id}"
        st.pills(
            "What I wanted",
            list(KINDS),
            selection_mode="multi",
            default=sorted(_held(message), key=list(KINDS).index),
            format_func=KINDS.__getitem__,
            key=key,
            help="Gearbox remembers it for prompts like this one, without their words. The last answer is made anew.",
        )
        st.button(
            "Answer like this",
            icon=":material/thumbs_up_down:",
            key=f"{key}-go",
            on_click=_correct,
            args=(message.id, key, actions),
        )


def _held(message: Message) -> frozenset[Output]:
    """What an answer holds, or was to hold: of parts that failed, too."""
    planned = {part.step.action.output for part in message.parts if isinstance(part, StepPart)}
    return frozenset(planned) or outputs_of(message.parts)


def _read_aloud(message_id: str, actions: PartActions) -> None:
    _close(message_id)
    actions.read_aloud(message_id)


def _look_before(message_id: str) -> None:
    _close(message_id)
    Session().look_before(message_id)


def _ask_why_model(message_id: str) -> None:
    _close(message_id)
    Session().ask_why_model(message_id)


def _correct(message_id: str, key: str, actions: PartActions) -> None:
    _close(message_id)
    chosen = Session().chosen(key)
    actions.correct(message_id, frozenset(chosen) if isinstance(chosen, list | tuple) else frozenset())


def _close(message_id: str) -> None:
    Session().choose(f"{Keys.MORE}-{message_id}", False)
