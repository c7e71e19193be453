"""What of the catalogue the person wants to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

from data.values.registry import Capability, Category, Modality, ModelQuery, Sort
from pages.models.address import PAGE
from pages.models.view import View
from pages.models.words import CAPABILITIES, CATEGORIES, MODALITIES, SORTS, dollars, tokens
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_CONTEXTS = (8_000, 32_000, 128_000, 200_000, 1_000_000)
_PRICES = tuple(Decimal(price) for price in (1, 3, 10, 30, 100))
_Choice = TypeVar("_Choice", str, int, Decimal)
_Term = TypeVar("_Term", bound=StrEnum)


def draw(visit: Visit, beside: Callable[[], None]) -> None:
    """Draw search and filters as the address says; `beside` draws what stands next to them."""
    query = View().address.query
    View().fill(_values(query))
    st.text_input(
        "Search models",
        key=Keys.MODEL_QUERY,
        live=True,
        on_change=_changed,
        placeholder="Search by model, family or provider",
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=200,
    )
    st.pills(
        "What for",
        list(Category),
        key=Keys.MODEL_KIND,
        format_func=CATEGORIES.__getitem__,
        on_change=_changed,
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle("I can use it now", key=Keys.MODEL_USABLE, on_change=_changed)
        st.space("stretch")
        beside()
        number = chosen(query)
        with st.popover(f"Filters ({number})" if number else "Filters", icon=":material/tune:"):
            _behind(visit, query)


def order() -> None:
    """Draw the box that orders the list."""
    st.selectbox(
        "Order", list(SORTS), key=Keys.MODEL_SORT, format_func=SORTS.__getitem__, on_change=_changed,
        label_visibility="collapsed", width=160,
    )  # fmt: skip


def _behind(visit: Visit, query: ModelQuery) -> None:
    providers = {provider.slug: provider.label for provider in visit.services.registry.providers(visit.actor)}
    slugs = sorted(providers, key=lambda slug: providers[slug].casefold())
    _box(
        "Provider",
        _with(slugs, query.provider or None),
        Keys.MODEL_PROVIDER,
        lambda slug: providers.get(slug, slug),
    )
    _box("It takes or makes", list(Modality), Keys.MODEL_MODALITY, lambda each: _capital(MODALITIES[each]))
    _box("It can", list(Capability), Keys.MODEL_CAPABILITY, CAPABILITIES.__getitem__)
    _box("Context of at least", _with(list(_CONTEXTS), query.min_context), Keys.MODEL_CONTEXT, tokens)
    _box("1,000 turns cost at most", _with(list(_PRICES), query.max_price), Keys.MODEL_PRICE, dollars)
    st.toggle("Also those that have ended", key=Keys.MODEL_ENDED, on_change=_changed)
    if chosen(query):
        st.button("Clear filters", on_click=clear, icon=":material/filter_alt_off:", type="tertiary")


def _box(label: str, options: Sequence[object], key: str, words: Callable[[Any], str]) -> None:
    st.selectbox(label, options, None, key=key, format_func=words, on_change=_changed, placeholder="Any")


def chosen(query: ModelQuery) -> int:
    """How many filters are set behind the button."""
    choices = (query.modality, query.capability, query.min_context, query.max_price)
    return bool(query.provider) + query.deprecated + sum(each is not None for each in choices)


def clear() -> None:
    """Show everything there is; only from a callback."""
    address = View().address
    View().go(replace(address, query=ModelQuery(sort=address.query.sort, limit=PAGE)))


def _values(query: ModelQuery) -> dict[str, object]:
    return {
        Keys.MODEL_QUERY: query.q,
        Keys.MODEL_KIND: query.category,
        Keys.MODEL_USABLE: bool(query.usable),
        Keys.MODEL_SORT: query.sort,
        Keys.MODEL_PROVIDER: query.provider or None,
        Keys.MODEL_ENDED: query.deprecated,
        Keys.MODEL_MODALITY: query.modality,
        Keys.MODEL_CAPABILITY: query.capability,
        Keys.MODEL_CONTEXT: query.min_context,
        Keys.MODEL_PRICE: query.max_price,
    }


def _changed() -> None:
    session = Session()
    price = session.chosen(Keys.MODEL_PRICE)
    context = session.chosen(Keys.MODEL_CONTEXT)
    query = ModelQuery(
        q=session.typed(Keys.MODEL_QUERY),
        provider=session.typed(Keys.MODEL_PROVIDER),
        category=_term(Category, Keys.MODEL_KIND),
        modality=_term(Modality, Keys.MODEL_MODALITY),
        capability=_term(Capability, Keys.MODEL_CAPABILITY),
        usable=True if session.chosen(Keys.MODEL_USABLE) else None,
        min_context=context if isinstance(context, int) else None,
        max_price=price if isinstance(price, Decimal) else None,
        deprecated=bool(session.chosen(Keys.MODEL_ENDED)),
        sort=_term(Sort, Keys.MODEL_SORT) or Sort.RELEVANCE,
        limit=PAGE,
    )
    View().go(replace(View().address, query=query))


def _term(kind: type[_Term], key: str) -> _Term | None:
    value = Session().chosen(key)
    return value if isinstance(value, kind) else None


def _with(options: list[_Choice], value: _Choice | None) -> list[_Choice]:
    """The options with what a shared address asks for, too."""
    if value is not None and value not in options:
        options.append(value)
        options.sort()
    return options


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
