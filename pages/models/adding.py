"""Adding a model that no list knows: of a connection there is, or of a server that is connected with it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from core.registry.described import ASKED, MEANS
from data.values.calls import KeyOwner
from data.values.models import EndpointKind
from data.values.registry import Category
from pages import outcome
from pages.keys import fields
from pages.models.everybody import may_manage
from pages.models.view import View
from pages.models.words import CAPABILITIES, CATEGORIES
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "add-model"
_AGAIN = "Enter the key again, too: it is not kept."
_NEW_SERVER = ""
_TOKENS = {"input_per_million": "$ per million tokens in", "output_per_million": "$ per million tokens out"}
_SECONDS = {"per_second": "$ per second"}
PRICES: Mapping[Category, Mapping[str, str]] = {
    Category.CHAT: _TOKENS,
    Category.PICTURES: {"per_image": "$ per picture"},
    Category.SPEAK: _SECONDS,
    Category.LISTEN: _SECONDS,
    Category.VIDEO: _SECONDS,
    Category.SEARCH: {"input_per_million": _TOKENS["input_per_million"], "per_query": "$ per query"},
}
"""Which prices are asked for, each with its label."""


def button(visit: Visit) -> None:
    """Draw the button that opens the form, for those who decide for everybody."""
    pressed = may_manage(visit.actor) and st.button(
        "Add a model", key=Keys.ADD_MODEL, icon=":material/add:", type="tertiary"
    )
    if pressed:
        _dialog(visit)


@st.dialog("Add a model", width="medium")
def _dialog(visit: Visit) -> None:
    labels = {
        endpoint.provider: endpoint.label
        for endpoint in visit.services.connections.endpoints(visit.actor)
        if endpoint.kind is not EndpointKind.SANDBOX
    }
    with st.container(horizontal=True):
        provider = st.selectbox(
            "Answered by",
            [*labels, _NEW_SERVER],
            key=Keys.ADD_MODEL_PROVIDER,
            format_func=lambda slug: labels.get(slug, "Another server"),
        )
        kind = st.selectbox("What for", list(MEANS), key=Keys.ADD_MODEL_KIND, format_func=CATEGORIES.__getitem__)
    with st.form("add-model-form", border=False):
        if provider == _NEW_SERVER:
            st.text_input("Server's name", placeholder="Team server", key=Keys.SERVER_NAME)
            st.text_input("Base URL", placeholder="https://models.example.org/v1", key=Keys.SERVER_URL)
            fields.key("Key (if it needs one)", Keys.SERVER_KEY)
            st.caption("It has to speak OpenAI's format, and is connected for everybody. The key is encrypted.")
        _about_the_model(kind)
        st.form_submit_button("Add", type="primary", on_click=_add, args=(visit, kind))
    outcome.close(_PLACE)


def _about_the_model(kind: Category) -> None:
    st.text_input("Model", placeholder="Its name, as the server calls it", key=Keys.ADD_MODEL_NAME, max_chars=200)
    with st.container(horizontal=True):
        for name, label in PRICES[kind].items():
            st.number_input(
                label, 0.0, 1_000_000.0, None, 0.1, "%g", key=_price_key(name), placeholder="Not priced", width=200
            )
        if kind is Category.CHAT:
            st.number_input(
                "Context in tokens", 1, 100_000_000, None, 1000, key=Keys.ADD_MODEL_CONTEXT, placeholder="Unknown",
                width=200,
            )  # fmt: skip
    if kind is Category.CHAT:
        st.pills(
            "It can", ASKED, selection_mode="multi", format_func=CAPABILITIES.__getitem__,
            key=Keys.ADD_MODEL_CAPABILITIES,
        )  # fmt: skip


def _add(visit: Visit, kind: Category) -> None:
    session = Session()
    key = session.take(Keys.SERVER_KEY)

    def act() -> str:
        if not session.typed(Keys.ADD_MODEL_PROVIDER):
            # From here on the form means this server, also when the model itself is refused.
            session.choose(Keys.ADD_MODEL_PROVIDER, _connected(visit, session, key))
        card = visit.services.registry.add_model(
            visit.actor, provider=session.typed(Keys.ADD_MODEL_PROVIDER), **_entered(session, kind)
        )
        View().go(View().address.opening(card.id))
        return f"{plain(card.label)} is in the catalogue."

    outcome.of(_PLACE, act, once_more=_AGAIN if key else "")


def _connected(visit: Visit, session: Session, key: str) -> str:
    """Connect the server for everybody; returns the prefix of its models."""
    endpoint = visit.services.keys.add_shared_server(
        visit.actor,
        KeyOwner.ORGANISATION,
        "",
        label=session.typed(Keys.SERVER_NAME),
        base_url=session.typed(Keys.SERVER_URL),
        key=key or None,
    )
    return endpoint.provider


def _entered(session: Session, kind: Category) -> dict[str, object]:
    asked = session.chosen(Keys.ADD_MODEL_CAPABILITIES) if kind is Category.CHAT else None
    prices = {name: session.chosen(_price_key(name)) for name in PRICES[kind]}
    return {
        "name": session.typed(Keys.ADD_MODEL_NAME).strip(),
        "category": kind,
        # Nothing ticked says nothing: what the list knows of a model with this name stays.
        "capabilities": {MEANS[kind], *asked} if isinstance(asked, list) and asked else None,
        "context_tokens": session.chosen(Keys.ADD_MODEL_CONTEXT) if kind is Category.CHAT else None,
        # The digits as they were typed: a float's own would put 0.1000000000000000055 into every sum.
        **{name: None if price is None else Decimal(str(price)) for name, price in prices.items()},
    }


def _price_key(name: str) -> str:
    return f"{Keys.ADD_MODEL_PRICE}-{name}"
