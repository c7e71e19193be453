"""The Streamlit script: signs the person in, then frames every page with navigation and look.

This file, not `app.py`, is what Streamlit runs, and pages are callables: no page can be reached past the gate below.
"""

from __future__ import annotations

import streamlit as st

from core.services import Services, current
from data.values.actor import Actor
from pages import chat, look, settings, sidebar, usage
from pages.session import Session
from pages.visit import Places, Visit


def main() -> None:
    """One run of the script."""
    services = current()
    actor = services.actor()
    conversations = services.chat.conversations(actor)
    look.apply(with_sidebar=Session().begins_with_sidebar(bool(conversations)))
    places, page = _navigation(services, actor)
    sidebar.draw(conversations, places, Session())
    page.run()


def _navigation(services: Services, actor: Actor) -> tuple[Places, st.Page]:
    """The pages, and the one that the URL asks for."""

    def visit() -> Visit:
        return Visit(services, actor, services.preferences.load(actor), places)

    places = Places(
        chat=st.Page(lambda: chat.render(visit()), title="Chat", url_path="chat", default=True),
        usage=st.Page(
            lambda: usage.render(services, actor, open_chat=lambda: st.switch_page(places.chat)),
            title="Usage",
            url_path="usage",
        ),
        settings=st.Page(lambda: settings.render(visit()), title="Settings", url_path="settings"),
    )
    return places, st.navigation([places.chat, places.usage, places.settings], position="hidden")


main()
