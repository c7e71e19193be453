"""The model chip in the chat header and the picker behind it: two clicks to switch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.preferences import Preferences
from core.providers.picker import categories
from data.values.models import EndpointKind, Model
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

SHOWN = 40
"""Rows drawn at most; searching finds the rest."""

FAVOURITES = "Favourites"
RECENT = "Recent"


def draw(visit: Visit, current: Model | None) -> None:
    """Draw the chip; its content is only built while it is open."""
    label = plain(current.label) if current else "No model"
    chip = st.popover(label, icon=":material/neurology:", type="tertiary", key=Keys.PICKER, on_change="rerun")
    if chip.open:
        with chip:
            _content(visit, current)


@st.fragment
def _content(visit: Visit, current: Model | None) -> None:
    preferences = visit.services.preferences.load(visit.actor)  # not the visit's: a star was given meanwhile
    models = visit.services.connections.models(visit.actor)
    if not models:
        st.info("No model can be used yet. Open settings (the gear) and add a provider key.")
        return
    endpoints = {endpoint.provider: endpoint for endpoint in visit.services.connections.endpoints(visit.actor)}
    kinds = {model.id: categories(model, endpoints[model.provider]) for model in models}
    labels = {provider: endpoint.label for provider, endpoint in endpoints.items()}
    search = st.text_input(
        "Search models",
        key=Keys.PICKER_SEARCH,
        live=True,
        placeholder=f"Search {len(models)} models" if len(models) > 1 else "Search models",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    category = st.pills(
        "Category", _categories(kinds, preferences), key=Keys.PICKER_CATEGORY, label_visibility="collapsed"
    )
    found = [
        model
        for model in ordered(models, preferences)
        if _matches(model, labels.get(model.provider, ""), search) and _in(category, model, kinds, preferences)
    ]
    if not found:
        st.caption("No model matches. Clear the search or the category.")
        return
    with st.container(key="models-list", height=320 if len(found) > 8 else "content", border=False):
        for model in found[:SHOWN]:
            _row(
                visit,
                preferences,
                model,
                labels.get(model.provider, model.provider),
                is_current=current is not None and model.id == current.id,
            )
    if all(endpoint.kind is EndpointKind.SANDBOX for endpoint in endpoints.values()):
        st.caption("Only the scripted sandbox answers so far.")
        st.page_link(visit.places.settings, label="Add a provider key", icon=":material/key:")
    if len(found) > SHOWN:
        st.caption(f"{len(found) - SHOWN} more: search for them.")
    st.page_link(visit.places.models, label="All models and what they can do", icon=":material/list:")


def ordered(models: Sequence[Model], preferences: Preferences) -> list[Model]:
    """Favourites first, then recent ones in their order, then the rest as listed."""
    rank = {model_id: (0, i) for i, model_id in enumerate(preferences.favourites)}
    for i, model_id in enumerate(preferences.recents):
        rank.setdefault(model_id, (1, i))
    return sorted(models, key=lambda model: rank.get(model.id, (2, 0)))


def _row(visit: Visit, preferences: Preferences, model: Model, provider: str, *, is_current: bool) -> None:
    starred = model.id in preferences.favourites
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            f"**{plain(model.label)}** :small[{plain(provider)}]",
            key=f"pick-{model.id}",
            type="tertiary",
            width="stretch",
            icon=":material/check:" if is_current else None,
            on_click=_pick,
            args=(visit, model.id),
        ):
            st.rerun()
        st.button(
            "Remove from favourites" if starred else "Add to favourites",
            key=f"star-{model.id}",
            type="tertiary",
            icon=":material/star:" if starred else ":material/star_border:",
            on_click=_star,
            args=(visit, model.id),
        )


def _star(visit: Visit, model_id: str) -> None:
    visit.services.preferences.toggle_favourite(visit.actor, model_id)


def _pick(visit: Visit, model_id: str) -> None:
    session = Session()
    session.picked_model = model_id
    session.close_picker()
    visit.services.preferences.remember_recent(visit.actor, model_id)


def _categories(kinds: dict[str, tuple[str, ...]], preferences: Preferences) -> list[str]:
    own = [FAVOURITES] if any(m in kinds for m in preferences.favourites) else []
    own += [RECENT] if any(m in kinds for m in preferences.recents) else []
    return own + sorted({kind for of_model in kinds.values() for kind in of_model})


def _in(category: str | None, model: Model, kinds: dict[str, tuple[str, ...]], preferences: Preferences) -> bool:
    if category is None:
        return True
    if category == FAVOURITES:
        return model.id in preferences.favourites
    if category == RECENT:
        return model.id in preferences.recents
    return category in kinds[model.id]


def _matches(model: Model, provider: str, search: str) -> bool:
    haystack = f"{model.id} {model.label} {provider}".lower()
    return all(word in haystack for word in search.lower().split())
