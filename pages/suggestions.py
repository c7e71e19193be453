"""What a person and their teams mostly used for prompts like the one that is being written, each a press away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data.values.routing import Decision
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, decision: Decision, pick: Callable[[str], None], *, place: str) -> bool:
    """Draw them, or nothing where there is too little to go by; says whether one was pressed.

    Args:
        pick: told the model's id; a callback.
        place: tells the buttons from those of another place on the page.
    """
    pressed = False
    for number, each in enumerate(visit.services.chats.habits.suggested(visit.actor, decision)):
        pressed |= st.button(
            plain(each.words),
            icon=":material/lightbulb:",
            type="tertiary",
            key=f"{Keys.SUGGESTED}-{place}-{number}",
            help="Use it for this",
            disabled=each.model_id == decision.chosen,
            on_click=pick,
            args=(each.model_id,),
        )
    return pressed
