"""The line below the field while an answer runs: which model Gearbox chose and why, and another one with one click."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.live import LiveTurn
from core.errors import GearboxError
from core.routing.asked import AUTO
from core.routing.words import Explained
from data.values.routing import Chooser, Decision
from pages import candidates
from pages.plain import plain, unlinked
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


class RunningChoice:
    """The line, in the place of the chip: nothing else on the page moves when it comes and goes."""

    def __init__(self, place: DeltaGenerator) -> None:
        self._line = place

    def show(self, decision: Decision, said: Explained, use: Callable[[str], None]) -> None:
        """Draw it. `use` is told the id of the model that is to answer instead; a callback."""
        other = next((arm for arm in decision.arms if arm.model_id != decision.chosen), None)
        row = self._line.container(
            key=f"{Keys.CHOSEN}-{decision.id}", horizontal=True, vertical_alignment="center", gap="small"
        )
        with row:
            st.caption(f"{candidates.icon(decision)} {unlinked(said.line)}")
            if other is not None:
                name = said.others[0].partition(": ")[0]
                st.button(
                    f"Use {plain(name)} instead",
                    key=f"instead-{decision.id}",
                    type="tertiary",
                    on_click=use,
                    args=(other.model_id,),
                    help="This answer stops and is kept aside.",
                )

    def hide(self) -> None:
        """The answer has ended, or something else says the same."""
        self._line.empty()


def draw(visit: Visit, turn: LiveTurn, place: DeltaGenerator) -> RunningChoice:
    """Draw the line of a running answer; nothing stands in it where its person picked the model."""
    line = RunningChoice(place)
    decision = turn.decision
    if decision is not None and decision.chooser is not Chooser.PERSON:
        said = visit.services.routing.explain(visit.actor, decision)
        line.show(decision, said, partial(_use, visit, turn, decision))
    return line


def _use(visit: Visit, turn: LiveTurn, decision: Decision, model_id: str) -> None:
    """Stop an answer and have another model answer instead; a callback."""
    chat, here = visit.services.chat, turn.begun.conversation_id
    turn.stop()
    turn.wait_ended(timeout=3.0)
    try:
        last = chat.window(visit.actor, here, limit=2)
        choice = chat.choice(visit.actor, visit.preferences, picked=model_id, history=last, overrules=decision.id)
        chat.retry(visit.actor, here, choice)
        Session().picked_model = AUTO  # it is for this prompt: the next one is Auto's again
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/error:")
