"""Two to four models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.errors import NotFound
from data.values.registry import Capability, ModelCard
from pages.models.address import Address
from pages.models.facts import facts_of
from pages.models.view import View
from pages.models.words import CAPABILITIES
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_CAN = {None: ":gray[?]", True: ":green[:material/check:] yes", False: ":material/close: no"}


def bar(address: Address) -> None:
    """Draw which models are chosen so far, and the way to see them side by side; nothing before the first."""
    if not address.picks:
        return
    with st.container(key=Keys.COMPARE_BAR, horizontal=True, vertical_alignment="center", gap="small"):
        _chips(address)
        st.space("stretch")
        if len(address.picks) == 1:
            st.caption("Choose one more.")
        elif st.button(f"Compare {len(address.picks)}", type="primary", icon=":material/compare_arrows:"):
            View().go(replace(address, comparing=True))
            st.rerun()


def draw(visit: Visit, address: Address) -> None:
    """Draw the comparison in the place of the list."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "All models",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=View().go,
            args=(replace(address, comparing=False),),
        )
        st.space("stretch")
        differing = st.toggle("Only differences", key=Keys.COMPARE_DIFFERENCES)
    with st.container(key=Keys.COMPARE_CHIPS, horizontal=True, gap="small"):
        _chips(address)
    cards = _cards(visit, address.picks)
    there = {card.id for card in cards}
    for model_id in address.picks:
        if model_id not in there:
            st.caption(f":material/info: {plain(model_id)} is not in the catalogue.")
    if not cards:
        return
    rows = _rows(visit, cards)
    if differing:
        rows = {label: values for label, values in rows.items() if len(set(values)) > 1}
    columns = {"": list(rows)}
    for number, card in enumerate(cards):
        columns[plain(card.id)] = [values[number] for values in rows.values()]
    with st.container(key=Keys.COMPARE_TABLE):
        st.table(columns, border="horizontal", alt="Models side by side")


def _rows(visit: Visit, cards: Sequence[ModelCard]) -> dict[str, list[str]]:
    """A label and the words of each model, in Markdown of ours."""
    standings = [visit.services.registry.usability(visit.actor, card.id) for card in cards]
    ready = [":green[:material/check:] yes" if each.usable else plain(each.reason) for each in standings]
    facts = [facts_of(visit, card) for card in cards]
    labels = dict.fromkeys(label for each in facts for label in each)
    known = {label: [plain(each.get(label, "")) for each in facts] for label in labels}
    can = {CAPABILITIES[each]: [_CAN[card.can(each)] for card in cards] for each in Capability}
    told = {label: values for label, values in can.items() if set(values) != {_CAN[None]}}
    return {"I can use it now": ready, **known, **told}


def _cards(visit: Visit, model_ids: Sequence[str]) -> list[ModelCard]:
    found = []
    for model_id in model_ids:
        try:
            found.append(visit.services.registry.card(visit.actor, model_id))
        except NotFound:
            continue  # a shared address may be older than the catalogue
    return found


def _chips(address: Address) -> None:
    for model_id in address.picks:
        st.button(
            plain(model_id), key=f"drop-{model_id}", icon=":material/close:", help="Leave it out", type="tertiary",
            on_click=View().go, args=(address.picking(model_id),),
        )  # fmt: skip
