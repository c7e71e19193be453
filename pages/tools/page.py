"""The Tools page; who manages tools has a second tab with the servers that bring them."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from core.flags.capabilities import Capability
from pages import heading
from pages.tools import listing, servers
from pages.visit import Visit
from pages.widget_keys import Keys


def render(visit: Visit) -> None:
    """One run of the page."""
    heading.draw(visit, "Tools")
    has_servers = visit.services.flags.is_on(visit.actor, Capability.MCP)
    if not has_servers:
        st.caption(":material/toggle_off: Tools of MCP servers are switched off here.")
    if not (has_servers and granted(visit.actor, Permission.MANAGE_TOOLS)):
        listing.draw(visit)
        return
    tools, added = st.tabs(["Tools", "Servers"], key=Keys.TOOLS_TAB, bind="query-params")
    if tools.open:
        with tools:
            listing.draw(visit)
    if added.open:
        with added:
            servers.draw(visit)
