"""The question whether a costly model that Gearbox chose is to answer: its cost, and others with one click."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from core.errors import GearboxError
from core.routing.words import Explained
from data.values.events import ModelAnswered, ModelAsked, TurnEvent
from data.values.routing import Decision
from pages import candidates
from pages.plain import plain, unlinked
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

Ask = Callable[[str, Decision], None]
"""Draws the question of a key about a choice."""

_OTHERS = 3
"""Other models that are offered."""


class Question:
    """Where it stands, above the answer that has not begun."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._place = st.empty()
        self.waits = False

    def take(self, events: Iterable[TurnEvent]) -> None:
        """Draw it when it is asked, and take it away when it is not any more."""
        events = list(events)
        over = {event.key for event in events if isinstance(event, ModelAnswered)}
        for event in events:
            if isinstance(event, ModelAsked) and event.key not in over:
                self.waits = True
                with self._place.container():
                    self._ask(event.key, event.decision)
            elif isinstance(event, ModelAnswered):
                self.waits = False
                self._place.empty()


def draw(visit: Visit, key: str, decision: Decision) -> None:
    """Ask whether the chosen model is to answer."""
    said = visit.services.routing.explain(visit.actor, decision)
    with st.container(border=True, key=f"{Keys.YES}-{key}", gap="small"):
        st.markdown(f"{candidates.icon(decision)} **{unlinked(said.line)}**")
        st.caption("Nothing is sent before you say so. From which cost on you are asked is in the settings.")
        # One below the other, all as wide: their words are as long as the names of models and what is said of them.
        with st.container(gap="small"):
            answer = partial(_answer, visit, key)
            st.button(
                f"Send to {plain(said.model)}",
                key=f"{Keys.YES}-go-{key}",
                type="primary",
                width="stretch",
                on_click=answer,
                args=(decision.chosen,),
            )
            for model_id, words in _others(decision, said):
                name, _, rest = words.partition(": ")
                st.button(
                    f"**{plain(name)}** :small[{plain(rest)}]",
                    key=f"{Keys.YES}-{model_id}-{key}",
                    width="stretch",
                    on_click=answer,
                    args=(model_id,),
                )
            st.button(
                "Don't send",
                key=f"{Keys.YES}-no-{key}",
                type="tertiary",
                width="stretch",
                on_click=answer,
                args=(None,),
            )


def _others(decision: Decision, said: Explained) -> list[tuple[str, str]]:
    ids = [arm.model_id for arm in decision.arms if arm.model_id != decision.chosen]
    return list(zip(ids, said.others, strict=False))[:_OTHERS]


def _answer(visit: Visit, key: str, model_id: str | None) -> None:
    """A callback."""
    conversation_id = Session().conversation_id
    if conversation_id is None:
        return
    try:
        visit.services.chat.agree(visit.actor, conversation_id, key, model_id)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/info:")
