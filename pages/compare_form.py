"""Beginning a comparison: which models, whether their names are told, what it is going to cost, and the prompt."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.chat.attachments import FilesRefused, Taken, take
from core.chat.comparing import FEWEST, MOST
from core.chat.context import tokens_in
from core.errors import GearboxError
from core.providers.directory import SANDBOX
from core.routing.words import cost_in_words
from data.values.models import Model
from data.values.parts import text_of
from pages import composer, held, model_picker
from pages.composer import Composed
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_SHORT = 100
"""Tokens of a prompt that is not typed yet."""

_SHOWN_CHARS = 300


def draw(visit: Visit) -> None:
    """Draw it; a comparison that was begun is in the address after the next run."""
    models = model_picker.ordered(visit.services.connections.models(visit.actor), visit.preferences)
    if len(models) < FEWEST:
        st.info("There is only one model that you can use. Add a provider key in the settings to compare.")
        return
    chosen = _models(models)
    is_blind = st.toggle(
        "Don't tell me which is which before I have chosen",
        key=Keys.BLIND,
        help="The answers are shuffled, and their models named once you have said which one is better.",
    )
    source = Session().compared_conversation
    if source is None:
        _estimate(visit, chosen, _SHORT, "for a short prompt")
        with st.bottom:  # left to itself, the field would have the page scroll like a chat
            prompt = composer.draw()
        if prompt:
            _send(visit, prompt, chosen, is_blind)
        return
    _from(visit, source, chosen, is_blind)


def _models(models: Sequence[Model]) -> list[str]:
    labels = {model.id: model.label for model in models}
    return st.multiselect(
        "Models",
        list(labels),
        default=first_two(models),
        format_func=lambda each: f"{labels[each]} · {each.partition('/')[0]}",
        max_selections=MOST,
        key=Keys.COMPARED_MODELS,
        help=f"{FEWEST} to {MOST} of those that you can use.",
    )


def first_two(models: Sequence[Model]) -> list[str]:
    """Two to begin with, of two providers where there are two; the script of the sandbox only where it has to be."""
    real = [each for each in models if each.provider != SANDBOX]
    offered = real if len(real) >= FEWEST else models
    another = next((each for each in offered if each.provider != offered[0].provider), offered[1])
    return [offered[0].id, another.id]


def _estimate(visit: Visit, chosen: Sequence[str], tokens: int, what: str) -> None:
    if len(chosen) < FEWEST:
        st.caption(f"Choose {FEWEST} to {MOST} models.")
        return
    estimate = visit.services.comparing.estimate(visit.actor, chosen, tokens=tokens)
    words = []
    if len(estimate.unpriced) < len(chosen):
        words.append(f"{cost_in_words(estimate.cost)} {what}, all answers together".replace("$", "\\$"))
    if estimate.unpriced:
        words.append(f"not known for {', '.join(plain(each) for each in estimate.unpriced)}")
    st.caption(f":material/payments: Cost: {'; '.join(words)}")


def _from(visit: Visit, conversation_id: str, chosen: Sequence[str], is_blind: bool) -> None:
    """The last prompt of a conversation, with all that was said before it."""
    try:
        title = visit.services.chat.conversation(visit.actor, conversation_id).title
        said = visit.services.chat.window(visit.actor, conversation_id)
    except GearboxError as error:
        st.info(plain(error.explain()))
        return
    prompt = next((text_of(each.parts) for each in reversed(said) if each.details is None), "")
    shown = prompt if len(prompt) <= _SHOWN_CHARS else f"{prompt[:_SHOWN_CHARS]}…"
    with st.container(border=True):
        st.caption(
            f"The last prompt of “{plain(title)}”, with all that was said before it. The conversation stays as it is."
        )
        st.text(shown or "Files without words")
    _estimate(visit, chosen, tokens_in(said), "for this")
    with st.container(horizontal=True):
        if st.button("Compare", type="primary", icon=":material/compare:", disabled=len(chosen) < FEWEST):
            try:
                begun = visit.services.comparing.start_from(visit.actor, conversation_id, chosen, is_blind=is_blind)
            except GearboxError as error:
                st.error(plain(error.explain()), icon=":material/error:")
                return
            Session().comparison_id = begun.id
            st.rerun()
        st.page_link(visit.places.compare, label="Another prompt", icon=":material/edit:")


def _send(visit: Visit, prompt: Composed, chosen: Sequence[str], is_blind: bool) -> None:
    files: Sequence[Taken] = ()
    try:
        with st.spinner("Asking them"):
            files = take(prompt.files)
            begun = visit.services.comparing.start(visit.actor, prompt.text, chosen, is_blind=is_blind, files=files)
    except GearboxError as error:
        held.hold(prompt.text, error.taken if isinstance(error, FilesRefused) else files, error)
        st.rerun()
    Session().comparison_id = begun.id
    st.rerun()
