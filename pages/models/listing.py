"""The list: a row for each model, and the way to the next page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.clock import utc_now
from core.errors import GearboxError
from data.values.registry import ModelCard, ModelPage, Usability
from pages.models import filters
from pages.models.address import MOST_PICKS, PAGE, Address, written
from pages.models.view import View
from pages.models.words import CATEGORIES, briefly, ending, price_of, short
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit) -> None:
    """Draw what fits the filters."""
    address = View().address
    page = _found(visit, address)
    if not page.cards:
        _nothing(address)
        return
    labels = {provider.slug: provider.label for provider in visit.services.registry.providers(visit.actor)}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_range(page))
        st.space("stretch")
        filters.order()
    with st.container(key=Keys.MODEL_ROWS):
        for card in page.cards:
            _row(visit, address, card, labels.get(card.provider, card.provider))
    _pager(page)


def _found(visit: Visit, address: Address) -> ModelPage:
    registry, query = visit.services.registry, address.query
    try:
        return registry.search(visit.actor, query)
    except GearboxError:
        if not query.cursor:
            raise
    # A shared address may lead into a list that is not what it was, or was made by hand.
    st.caption(":material/info: The list has changed since; this is where it begins.")
    View().go(replace(address, query=replace(query, cursor="")))
    return registry.search(visit.actor, View().address.query)


def _row(visit: Visit, address: Address, card: ModelCard, provider: str) -> None:
    usability = visit.services.registry.usability(visit.actor, card.id)
    # Several models of one label are told apart by what stands before it in their names: a region, a size.
    where = card.name.removesuffix(card.label).strip("/") if card.name.endswith(card.label) else card.name
    beside = f"{provider} · {where}" if where else provider
    with st.container(key=f"model-row-{card.id}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None):
            st.page_link(
                visit.places.models,
                label=f"**{plain(card.label)}** :gray[:small[{plain(beside)}]]",
                query_params=written(address.opening(card.id)),
            )
            st.caption(_facts(visit, card, usability))
        is_picked, key = card.id in address.picks, f"model-pick-{card.id}"
        View().fill({key: is_picked})
        st.checkbox(
            "Compare",
            key=key,
            on_change=_pick,
            args=(card.id,),
            disabled=not is_picked and len(address.picks) >= MOST_PICKS,
        )


def _facts(visit: Visit, card: ModelCard, usability: Usability) -> str:
    cost = price_of(visit.services.registry.typical_cost(card), card)
    # Where a purpose is chosen all rows have it.
    known = [plain(cost)] if View().address.query.category else [CATEGORIES[card.category], plain(cost)]
    if card.context_tokens:
        known.append(f"{short(card.context_tokens)} context")
    if card.deprecated_on is not None:
        known.append(ending(card.deprecated_on, utc_now().date()))
    facts = " · ".join((*known, *briefly(card)))
    return f":green-badge[:material/check: ready] {facts}" if usability.usable else f"{facts}  \n{_lock(usability)}"


def _lock(usability: Usability) -> str:
    return f":material/lock: {plain(usability.reason)}"


def _pick(model_id: str) -> None:
    View().go(View().address.picking(model_id))


def _nothing(address: Address) -> None:
    with st.container(border=True):
        st.subheader("No model fits", anchor=False)
        if address.query.usable:
            st.write("None that you can use now fits the search and the filters. Others may.")
            st.button("Look at all of them", on_click=_also_unusable, icon=":material/lock_open:")
        else:
            st.write("Nothing in the catalogue fits the search and the filters.")
        st.button("Clear search and filters", on_click=filters.clear, icon=":material/filter_alt_off:")


def _also_unusable() -> None:
    address = View().address
    View().go(replace(address, query=replace(address.query, usable=None, cursor="")))


def _range(page: ModelPage) -> str:
    """Which of them are in view, where that is known: a shared address may lead into the middle."""
    total = f"{page.total:,} {'model' if page.total == 1 else 'models'}"
    view = View()
    is_all = not page.next_cursor and not view.address.query.cursor
    if is_all or not view.is_way_known:
        return total
    first = len(view.way) * PAGE + 1
    return f"{first:,}–{first + len(page.cards) - 1:,} of {total}"


def _pager(page: ModelPage) -> None:
    view = View()
    cursor, way = view.address.query.cursor, view.way
    if not (cursor or page.next_cursor):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        if cursor and way != ("",):
            st.button("First", on_click=view.page_to, args=("", ()), icon=":material/first_page:")
        if way:
            st.button("Previous", on_click=view.page_to, args=(way[-1], way[:-1]), icon=":material/chevron_left:")
        if page.next_cursor:
            onward = (page.next_cursor, (*way, cursor))
            st.button("Next", on_click=view.page_to, args=onward, icon=":material/chevron_right:")
