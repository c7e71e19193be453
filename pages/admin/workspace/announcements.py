"""Announcements: what is live, planned and ended, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

import streamlit as st

from core.clock import utc_now
from data.values.actor import Actor
from data.values.notices import Announcement, NoticeKind, Standing
from pages.admin.workspace import announcement_form
from pages.admin.workspace.times import PLACE, shown
from pages.asking import ask
from pages.notice_words import in_markdown
from pages.outcome import Outcome
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit

_STANDINGS = {
    Standing.LIVE: ":green-badge[:material/sensors: live]",
    Standing.PLANNED: ":blue-badge[:material/schedule: planned]",
    Standing.ENDED: ":gray-badge[ended]",
}
_KINDS = {
    NoticeKind.INFO: ":material/campaign:",
    NoticeKind.SUCCESS: ":material/check_circle:",
    NoticeKind.WARNING: ":material/warning:",
    NoticeKind.CRITICAL: ":material/error:",
}


class _Do(StrEnum):
    """As the menu says it."""

    CHANGE = ":material/edit: Change"
    AGAIN = ":material/replay: Announce again"
    END = ":material/stop_circle: End it"
    DELETE = ":material/delete: Delete"


def draw(visit: Visit) -> None:
    """Draw the list, and the way to a new one."""
    service = visit.services.workspace.admin
    found, teams = service.announcements(visit.actor), service.teams(visit.actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Announcements", anchor=False)
        st.space("stretch")
        if st.button("Announce something", icon=":material/add:", type="secondary" if found else "primary"):
            announcement_form.dialog(visit, teams, None)
    if not found:
        with st.container(border=True, key="no-announcements"):
            st.markdown(":material/campaign: **Nothing is announced**")
            st.caption(
                "Words that people see on top of each page: a new model, a rule to keep, a day without service. For "
                "everybody, or for some roles and teams."
            )
    now = utc_now()
    for announcement in found:
        with st.container(border=True, key=f"announcement-{announcement.id}"):
            _row(visit, announcement, teams, now)


def _row(visit: Visit, announcement: Announcement, teams: Mapping[str, str], now: datetime) -> None:
    standing = announcement.standing(now)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"{_KINDS[announcement.kind]} {in_markdown(announcement.words)} {_STANDINGS[standing]}")
            st.caption(f"{_whom(announcement, teams)} · {_times(visit, announcement, standing)}{_stays(announcement)}")
        left_out = {_Do.CHANGE, _Do.END} if standing is Standing.ENDED else {_Do.AGAIN}
        chosen = st.menu_button(
            "Manage",
            [each for each in _Do if each not in left_out],
            icon=":material/more_vert:",
            type="tertiary",
            key=f"manage-{announcement.id}",
        )
    if chosen:
        _do(visit, announcement, teams, _Do(chosen))


def _whom(announcement: Announcement, teams: Mapping[str, str]) -> str:
    if announcement.is_for_all:
        return "For everybody"
    roles = [f"{role}s" for role in sorted(announcement.roles)]
    named = [f"team {plain(teams[each])}" if each in teams else "a team that is gone" for each in announcement.team_ids]
    return f"For {', '.join([*roles, *sorted(named)])}"


def _times(visit: Visit, announcement: Announcement, standing: Standing) -> str:
    zone, ends_at = visit.services.settings.zone, announcement.ends_at
    since = shown(announcement.starts_at, zone)
    if standing is Standing.ENDED and ends_at is not None:
        return f"{since} to {shown(ends_at, zone)}"
    until = f" until {shown(ends_at, zone)}" if ends_at else ", until somebody ends it"
    return f"{'since' if standing is Standing.LIVE else 'from'} {since}{until}"


def _stays(announcement: Announcement) -> str:
    return "" if announcement.dismissible else " · can't be dismissed"


def _do(visit: Visit, announcement: Announcement, teams: Mapping[str, str], chosen: _Do) -> None:
    service = visit.services.workspace.admin
    match chosen:
        case _Do.CHANGE | _Do.AGAIN:
            announcement_form.dialog(visit, teams, announcement)
        case _Do.END:
            ask(
                "End this announcement?",
                "Nobody sees it from now on. It stays in this list.",
                yes="End it",
                act=lambda: _gone(visit, announcement, service.end, "The announcement has ended."),
                for_good=False,
            )
        case _Do.DELETE:
            ask(
                "Delete this announcement?",
                "Nobody sees it from now on, and it leaves this list. The audit log keeps that it was there.",
                yes="Delete it",
                act=lambda: _gone(visit, announcement, service.remove, "The announcement is deleted."),
                for_good=False,
            )


def _gone(visit: Visit, announcement: Announcement, act: Callable[[Actor, str], Announcement], words: str) -> None:
    before = act(visit.actor, announcement.id)

    def undo() -> str:
        visit.services.workspace.admin.put_back(visit.actor, before)
        return "It is as it was."

    Session().leave(PLACE, Outcome(words, undo=undo))
