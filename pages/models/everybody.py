"""What an admin decides about a model for everybody: whether it may be used, and whether it stays in the catalogue."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from data.values.actor import Actor
from data.values.registry import ModelCard
from pages import outcome
from pages.asking import ask
from pages.models.view import View
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "model"


def may_manage(actor: Actor) -> bool:
    """Whether this person decides about models for everybody."""
    return granted(actor, Permission.MANAGE_MODELS)


def draw(visit: Visit, card: ModelCard) -> None:
    """Draw what an admin may do; nothing for others."""
    outcome.say(_PLACE)
    if not may_manage(visit.actor):
        return
    st.subheader("For everybody", anchor=False)
    View().fill({Keys.MODEL_ENABLED: card.enabled})
    st.toggle(
        "May be used",
        key=Keys.MODEL_ENABLED,
        on_change=_set_enabled,
        args=(visit, card),
        help="A model that is off can't be called by anybody, in the chat and over the API.",
    )
    if card.custom and st.button("Remove from the catalogue", icon=":material/delete:"):
        ask(
            f"Remove {plain(card.label)}?",
            "It was added by hand, and leaves the catalogue with its prices. What it cost so far stays in the usage.",
            yes="Remove",
            act=lambda: _remove(visit, card),
        )


def _set_enabled(visit: Visit, card: ModelCard) -> None:
    enabled = bool(Session().chosen(Keys.MODEL_ENABLED))

    def act() -> str:
        visit.services.registry.set_enabled(visit.actor, card.id, enabled)
        return f"{plain(card.label)} {'may be used by everybody' if enabled else 'is off for everybody'}."

    outcome.of(_PLACE, act)


def _remove(visit: Visit, card: ModelCard) -> None:
    visit.services.registry.remove_model(visit.actor, card.id)
    View().go(View().address.opening(""))
