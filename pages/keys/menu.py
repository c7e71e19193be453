"""What can be done with a connection and its key."""

from __future__ import annotations

from enum import StrEnum

import streamlit as st

from core.shelf import KeyShelfItem
from data.values.models import Endpoint
from pages.asking import ask
from pages.keys import dialogs, sealing
from pages.plain import plain
from pages.visit import Visit


class _Do(StrEnum):
    """As the menu says it."""

    ROTATE = ":material/autorenew: Rotate the key"
    EXPIRY = ":material/event: Set its expiry"
    VERSIONS = ":material/history: Versions"
    REMOVE = ":material/delete: Remove"


_NEED_THE_SEAL = {_Do.ROTATE, _Do.EXPIRY}
"""What seals a version anew, so that the person's passphrase has to be unlocked."""
_DIALOGS = {_Do.ROTATE: dialogs.rotate, _Do.EXPIRY: dialogs.set_expiry, _Do.VERSIONS: dialogs.versions}


def draw(visit: Visit, item: KeyShelfItem | None, endpoint: Endpoint | None) -> None:
    """Draw the menu of a connection whose key, if it has one, the person may change."""
    key = endpoint.id if endpoint else item.secret_id if item else ""
    actions = [_Do.REMOVE] if item is None else list(_Do)
    chosen = st.menu_button("Manage", actions, icon=":material/more_vert:", type="tertiary", key=f"manage-{key}")
    if chosen is _Do.REMOVE:
        _remove(visit, item, endpoint)
    elif item is not None and item.is_locked and chosen in _NEED_THE_SEAL:
        sealing.unlock(visit)
    elif item is not None and chosen is not None:
        _DIALOGS[chosen](visit, item)


def _remove(visit: Visit, item: KeyShelfItem | None, endpoint: Endpoint | None) -> None:
    label = endpoint.label if endpoint else item.label if item else ""
    theirs = "Whoever used it can't any more. " if item is not None and item.is_shared else ""

    def act() -> None:
        if endpoint is not None:
            visit.services.keys.disconnect(visit.actor, endpoint.id)
        elif item is not None:
            visit.services.keys.remove(visit.actor, item.secret_id)

    ask(
        f"Remove {plain(label)}?",
        f"{theirs}Its key is deleted from the vault, all versions of it. Conversations stay.",
        yes="Remove it",
        act=act,
    )
