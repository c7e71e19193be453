"""The Flags page: what is on for whom, and how it comes to be."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import NotFound
from data.values.actor import Actor
from pages import heading, outcome
from pages.flags import detail, listing
from pages.flags.acting import PLACE
from pages.visit import Visit
from pages.widget_keys import Keys


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.MANAGE_FLAGS)


def render(visit: Visit) -> None:
    """One run of the page: the list, or the flag that the address names."""
    heading.draw(visit, "Flags")
    outcome.say(PLACE)
    key = st.query_params.get(Keys.FLAG)
    if key is None:
        listing.draw(visit)
        return
    try:
        flag = visit.services.flag_parts.admin.get(visit.actor, key)
    except NotFound:
        st.info("There is no such flag, or it was removed.", icon=":material/link_off:")
        listing.draw(visit)
        return
    detail.draw(visit, flag)
