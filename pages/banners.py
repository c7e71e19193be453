"""What is told on top of each page: maintenance, and announcements, slim and at most three."""

from __future__ import annotations

import contextlib

import streamlit as st

from core.clock import utc_now
from core.errors import NotFound
from core.services import Services
from core.workspace.notices import Shown
from data.values.actor import Actor
from data.values.notices import Announcement, Maintenance, NoticeKind
from pages.notice_words import in_markdown, of_maintenance
from pages.visit import Places
from pages.widget_keys import Keys

# Streamlit's boxes: they are read to those who don't see them, and have colours for light and dark.
_BOXES = {
    NoticeKind.INFO: (st.info, ":material/campaign:"),
    NoticeKind.SUCCESS: (st.success, ":material/check_circle:"),
    NoticeKind.WARNING: (st.warning, ":material/warning:"),
    NoticeKind.CRITICAL: (st.error, ":material/error:"),
}
_MAINTENANCE = ":material/construction:"


def draw(services: Services, actor: Actor, places: Places) -> None:
    """Draw those for a person."""
    shown = services.workspace.notices.shown_to(actor)
    if shown.maintenance is None and not shown.announcements:
        return
    with st.container(key=Keys.BANNERS, gap="xsmall"):
        if shown.maintenance is not None and shown.is_on:
            _mark(shown.maintenance, places)
        elif shown.maintenance is not None:
            _maintenance(shown.maintenance, is_on=False)
        for announcement in shown.announcements:
            with st.container(key=f"banner-{announcement.id}"):
                box(announcement.kind, announcement.words)
                if announcement.dismissible:
                    _dismiss_button(services, actor, announcement)


def draw_for_anybody(services: Services) -> None:
    """Draw those for everybody, for who is not signed in."""
    shown: Shown = services.workspace.notices.for_anybody()
    if shown.maintenance is None and not shown.announcements:
        return
    with st.container(key=Keys.BANNERS, gap="xsmall"):
        if shown.maintenance is not None:
            _maintenance(shown.maintenance, is_on=shown.is_on)
        for announcement in shown.announcements:
            with st.container(key=f"banner-{announcement.id}"):
                box(announcement.kind, announcement.words)


def box(kind: NoticeKind, words: str) -> None:
    """Draw one announcement's words."""
    drawn, icon = _BOXES[kind]
    drawn(in_markdown(words), icon=icon)


def _maintenance(maintenance: Maintenance, *, is_on: bool) -> None:
    with st.container(key="banner-maintenance"):
        when = of_maintenance(maintenance, utc_now(), is_on=is_on)
        st.warning(f"{when} {in_markdown(maintenance.words)}", icon=_MAINTENANCE)


def _mark(maintenance: Maintenance, places: Places) -> None:
    """For those who work while it is on."""
    with st.container(key="banner-on"):
        when = of_maintenance(maintenance, utc_now(), is_on=True)
        st.warning(f"{when} Only admins can work.", icon=_MAINTENANCE)
        if places.admin is not None:
            st.page_link(places.admin, label="Manage", query_params={Keys.TAB: "Workspace"})


def _dismiss_button(services: Services, actor: Actor, announcement: Announcement) -> None:
    st.button(
        "Dismiss this announcement",
        key=f"dismiss-{announcement.id}",
        icon=":material/close:",
        type="tertiary",
        on_click=_dismiss,
        args=(services, actor, announcement.id),
    )


def _dismiss(services: Services, actor: Actor, announcement_id: str) -> None:
    with contextlib.suppress(NotFound):  # it has just ended
        services.workspace.notices.dismiss(actor, announcement_id)
