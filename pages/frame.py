"""The Streamlit script: signs the person in, then frames every page with navigation and look.

This file, not `app.py`, is what Streamlit runs, and pages are callables: no page can be reached past the gate below.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import AccessRefused, SignedOut
from core.running import current
from core.services import Services
from data.values.actor import Actor
from pages import (
    admin,
    alerts,
    audit,
    banners,
    chat,
    closed,
    compare,
    entrance,
    explore,
    flags,
    look,
    models,
    people,
    performance,
    quality,
    settings,
    sidebar,
    tools,
    usage,
)
from pages.session import Session
from pages.visit import Places, Visit
from pages.widget_keys import Keys


def main() -> None:
    """One run of the script."""
    services = current()
    try:
        actor = entrance.admit(services)
    except (SignedOut, AccessRefused) as refusal:
        entrance.draw(services, refusal)
        return
    if services.workspace.notices.keeping_out(actor) is not None:
        look.apply(with_sidebar=False)
        _navigation(services, actor, st.container())  # the address stays as it is, for when this is over
        closed.draw(services, actor)
        entrance.sign_out_button(services)
        return
    conversations = services.chat.conversations(actor)
    look.apply(with_sidebar=Session().begins_with_sidebar(bool(conversations)))
    top = st.container(key=Keys.TOP)
    places, page = _navigation(services, actor, top)
    firing = services.alert_parts.inbox.count(actor) if places.alerts else 0
    sidebar.draw(conversations, places, Session(), waiting=services.chat.waiting(actor), firing=firing)
    entrance.sign_out_button(services)
    with top:
        banners.draw(services, actor, places)
    page.run()


def _navigation(services: Services, actor: Actor, top: DeltaGenerator) -> tuple[Places, st.Page]:
    """The pages, and the one that the URL asks for; `top` is the place above them."""

    def visit() -> Visit:
        return Visit(services, actor, services.preferences.load(actor), places, top)

    places = Places(
        chat=st.Page(lambda: chat.render(visit()), title="Chat", url_path="chat", default=True),
        compare=st.Page(lambda: compare.render(visit()), title="Compare", url_path="compare"),
        usage=st.Page(
            lambda: usage.render(services, actor, open_chat=lambda: st.switch_page(places.chat)),
            title="Usage",
            url_path="usage",
        ),
        models=st.Page(lambda: models.render(visit()), title="Models", url_path="models"),
        tools=st.Page(lambda: tools.render(visit()), title="Tools", url_path="tools"),
        settings=st.Page(lambda: settings.render(visit()), title="Settings", url_path="settings"),
        performance=st.Page(lambda: performance.render(visit()), title="Performance", url_path="performance")
        if performance.for_(actor)
        else None,
        people=st.Page(lambda: people.render(visit()), title="People", url_path="people")
        if people.for_(actor)
        else None,
        quality=st.Page(lambda: quality.render(visit()), title="Quality", url_path="quality")
        if quality.for_(actor)
        else None,
        explore=st.Page(lambda: explore.render(visit()), title="Explore", url_path="explore")
        if explore.for_(actor)
        else None,
        flags=st.Page(lambda: flags.render(visit()), title="Flags", url_path="flags") if flags.for_(actor) else None,
        alerts=st.Page(lambda: alerts.render(visit()), title="Alerts", url_path="alerts")
        if alerts.for_(actor)
        else None,
        audit=st.Page(lambda: audit.render(visit()), title="Audit", url_path="audit") if audit.for_(actor) else None,
        admin=st.Page(lambda: admin.render(visit()), title="Admin", url_path="admin") if admin.for_(actor) else None,
    )
    pages = [
        places.chat,
        places.compare,
        places.models,
        places.tools,
        places.usage,
        places.performance,
        places.people,
        places.quality,
        places.explore,
        places.settings,
        places.flags,
        places.alerts,
        places.audit,
        places.admin,
    ]
    # What a person may not open is not there at all: its address answers like one that never was.
    return places, st.navigation([page for page in pages if page is not None], position="hidden")


main()
