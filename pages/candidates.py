"""The models that could answer, to be picked with one click, and the sign of who chose."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.routing.words import Explained
from data.values.routing import Chooser, Decision
from pages.plain import plain
from pages.widget_keys import Keys

SHOWN = 5
"""Candidates offered at once; the picker has all models."""

AUTO = ":material/auto_awesome:"
EXPLORES = ":material/science:"
PINNED = ":material/keep:"
PICKED = ":material/person:"
USUAL = ":material/neurology:"


def icon(decision: Decision) -> str:
    """A sign of who chose, and of a model that is being tried out."""
    if decision.chooser is Chooser.PERSON:
        return PICKED
    if decision.chooser is Chooser.PIN:
        return PINNED
    if decision.chooser is Chooser.FIXED:
        return USUAL
    return EXPLORES if decision.explored else AUTO


def draw(decision: Decision, said: Explained, take: Callable[[str], None], *, place: str) -> None:
    """Draw the best models beside the chosen one, each with what speaks for it.

    Args:
        take: told the id of the one that is to answer instead; a callback.
        place: tells these buttons from others on the page.
    """
    others = [arm for arm in decision.arms if arm.model_id != decision.chosen]
    with st.container(key=f"{Keys.CANDIDATES}-{place}", gap="xsmall"):
        for arm, words in list(zip(others, said.others, strict=True))[:SHOWN]:
            name, _, rest = words.partition(": ")
            st.button(
                f"**{plain(name)}** :small[{plain(rest)}]",
                key=f"take-{place}-{arm.model_id}",
                type="tertiary",
                width="stretch",
                on_click=take,
                args=(arm.model_id,),
            )
        if len(others) > SHOWN:
            st.caption(f"{len(others) - SHOWN} more: pick them above the chat.")
