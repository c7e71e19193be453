"""One model: whether it answers here, what it is, and what is known of it, from where and since when."""

from __future__ import annotations

import streamlit as st

from core.clock import utc_now
from core.errors import NotFound
from data.values.registry import Capability, CapabilityFact, Category, ModelCard
from pages.models import checking, everybody
from pages.models.address import MOST_PICKS, Address
from pages.models.facts import facts_of
from pages.models.view import View
from pages.models.words import CAPABILITIES, SOURCES, TURNS, calendar_day, listed
from pages.moments import ago
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, address: Address) -> None:
    """Draw the model in the place of the list."""
    # Where it leads is said now: after a link on this page a callback may find the address empty (Streamlit 1.67).
    st.button(
        "All models", icon=":material/arrow_back:", type="tertiary", on_click=View().go, args=(address.opening(""),)
    )
    try:
        card = visit.services.registry.card(visit.actor, address.opened)
    except NotFound as missing:
        st.warning(plain(missing.explain()), icon=":material/search_off:")
        return
    st.header(plain(card.label), anchor=False)
    st.code(card.id, None, wrap_lines=True)
    _standing(visit, address, card)
    with st.container(key=Keys.MODEL_FACTS):
        st.table({label: plain(value) for label, value in facts_of(visit, card).items()}, border="horizontal")
    _prices(card)
    _abilities(visit, card)
    everybody.draw(visit, card)


def _standing(visit: Visit, address: Address, card: ModelCard) -> None:
    """Whether the person can use it, and what to do next."""
    usability = visit.services.registry.usability(visit.actor, card.id)
    if not usability.usable:
        with st.container(border=True, key=Keys.MODEL_STANDING):
            st.markdown(f":material/lock: **{plain(usability.reason)}** {plain(usability.remedy)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if usability.usable:
            st.markdown(":green-badge[:material/check: You can use it now]")
            if card.category is Category.CHAT and st.button("Chat with it", type="primary", icon=":material/chat:"):
                Session().picked_model = card.id
                st.switch_page(visit.places.chat)
        elif card.enabled:
            st.page_link(visit.places.settings, label="Open settings", icon=":material/settings:")
        _compare(address, card)


def _compare(address: Address, card: ModelCard) -> None:
    is_picked = card.id in address.picks
    st.button(
        "In the comparison" if is_picked else "Compare",
        icon=":material/check:" if is_picked else ":material/compare_arrows:",
        on_click=View().go,
        args=(address.picking(card.id),),
        disabled=not is_picked and len(address.picks) >= MOST_PICKS,
    )


def _prices(card: ModelCard) -> None:
    if card.prices is None:
        return
    with st.expander("Prices", icon=":material/payments:"):
        st.table({label: plain(price) for label, price in listed(card.prices).items()}, border="horizontal")
        day = f" of {calendar_day(card.prices.at)}" if card.prices.at else ""
        st.caption(plain(f"From the list {card.prices.version}{day}. A typical turn: {TURNS[card.category]}."))


def _abilities(visit: Visit, card: ModelCard) -> None:
    st.subheader("What it can do", anchor=False)
    checking.draw(visit, card)
    facts = {fact.capability: fact for fact in card.facts}
    known = [facts[each] for each in Capability if each in facts]
    if known:
        rows = [
            {
                "It can": CAPABILITIES[fact.capability],
                " ": ":green[:material/check:] yes" if fact.holds else ":material/close: no",
                "Who says so": _source(card, fact),
            }
            for fact in known
        ]
        with st.container(key=Keys.MODEL_ABILITIES):
            st.table(rows, border="horizontal", hide_index=True, alt="What the model can do, and who says so")
    unknown = [_in_a_sentence(CAPABILITIES[each]) for each in Capability if each not in facts]
    if unknown:
        st.caption(f"Nobody says whether it can {', '.join(unknown)}.")


def _in_a_sentence(words: str) -> str:
    return words[0].lower() + words[1:]  # not all of it: PDF and JSON stay


def _source(card: ModelCard, fact: CapabilityFact) -> str:
    at = card.known_since(fact)
    since = f", {ago(at, utc_now())}" if at else ""
    return f"{SOURCES[fact.source]}{since}" + (f"  \n:small[{plain(fact.evidence)}]" if fact.evidence else "")
