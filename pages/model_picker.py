"""The model chip in the chat header and the picker behind it: two clicks to switch, one back to Auto."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.chat.selection import Choice
from core.preferences import Preferences
from core.providers.picker import categories
from core.routing.asked import AUTO as AUTO_ID
from data.values.calls import ChosenBy
from data.values.models import EndpointKind, Model
from data.values.routing import Decision
from pages import suggestions
from pages.candidates import AUTO
from pages.choice_chip import Chip
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

SHOWN = 40
"""Rows drawn at most; searching finds the rest."""

FAVOURITES = "Favourites"
RECENT = "Recent"


def draw(visit: Visit, choice: Choice | None) -> None:
    """Draw the chip; its content is only built while it is open."""
    is_auto = choice is not None and choice.chosen_by is ChosenBy.AUTO
    label = plain(choice.model.label) if choice else "No model"
    chip = st.popover(
        "Auto" if is_auto else label,  # which one answers depends on the prompt: the chip below the field says it
        icon=AUTO if is_auto else ":material/neurology:",
        type="tertiary",
        key=Keys.PICKER,
        on_change="rerun",
    )
    if chip.open:
        with chip:
            _content(visit, choice.model if choice else None, is_auto=is_auto)
    if choice is not None and not is_auto and visit.services.routing.is_on(visit.actor):
        st.button(
            "Auto",
            icon=AUTO,
            type="tertiary",
            key=Keys.BACK_TO_AUTO,
            help="Let Gearbox choose the model for each prompt again",
            on_click=_leave_to_auto,
        )


@st.fragment
def _content(visit: Visit, current: Model | None, *, is_auto: bool) -> None:
    preferences = visit.services.preferences.load(visit.actor)  # not the visit's: a star was given meanwhile
    models = visit.services.connections.models(visit.actor)
    if not models:
        st.info(visit.services.connections.nothing_usable(visit.actor).explain())
        return
    endpoints = {endpoint.provider: endpoint for endpoint in visit.services.connections.endpoints(visit.actor)}
    kinds = {model.id: categories(model, endpoints[model.provider]) for model in models}
    labels = {provider: endpoint.label for provider, endpoint in endpoints.items()}
    if visit.services.routing.is_on(visit.actor):
        _auto_row(is_auto=is_auto)
    if (draft := _draft()) is not None and suggestions.draw(visit, draft, partial(_pick, visit), place="picker"):
        st.rerun()
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
                is_current=not is_auto and current is not None and model.id == current.id,
            )
    if all(endpoint.kind is EndpointKind.SANDBOX for endpoint in endpoints.values()):
        st.caption("Only the scripted sandbox answers so far.")
        st.page_link(visit.places.settings, label="Add a provider key", icon=":material/key:")
    if len(found) > SHOWN:
        st.caption(f"{len(found) - SHOWN} more: search for them.")
    st.page_link(visit.places.models, label="All models and what they can do", icon=":material/list:")


def _draft() -> Decision | None:
    """The choice for what is being written, where the chip shows one."""
    chip = Session().chip
    return chip.choice.decision if isinstance(chip, Chip) else None


def _auto_row(*, is_auto: bool) -> None:
    with st.container(key="models-auto"):
        if st.button(
            "**Auto** :small[the model that suits each prompt]",
            key="pick-auto",
            type="tertiary",
            width="stretch",
            icon=":material/check:" if is_auto else AUTO,
            on_click=_leave_to_auto,
        ):
            st.rerun()


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


def _leave_to_auto() -> None:
    session = Session()
    session.picked_model = AUTO_ID
    session.chip = None
    session.close_picker()


def _pick(visit: Visit, model_id: str) -> None:
    session = Session()
    session.picked_model = model_id
    session.chip = None
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
