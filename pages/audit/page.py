"""The Audit page: whether the log is whole, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.access.policy import Permission, granted
from data.values.actor import Actor
from data.values.audit_search import AuditEntry, AuditFilter, AuditPage
from pages.audit import details, filters, standing
from pages.audit.view import View
from pages.audit.words import about, ended, what, who
from pages.moments import minute, zone
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def for_(actor: Actor) -> bool:
    """Whether the page is there for this person."""
    return granted(actor, Permission.SEE_AUDIT)


def render(visit: Visit) -> None:
    """One run of the page."""
    st.title("Audit", anchor=False)
    standing.draw(visit)
    wanted = filters.draw()
    page = visit.services.audit.search(visit.actor, wanted, View().cursor)
    if page.entries:
        _table(page)
    elif page.older is None and not View().way:
        _nothing(wanted)
    _pager(visit, wanted, page)
    opened = View().take_row()
    if opened is not None and opened < len(page.entries):
        details.show(page.entries[opened], page.names)


def _table(page: AuditPage) -> None:
    st.dataframe(
        [_row(entry, page.names) for entry in page.entries],
        key=Keys.AUDIT_ROWS,
        hide_index=True,
        height="content",
        on_select=View().open_row,
        selection_mode="single-cell",
        column_config={
            "Time": st.column_config.TextColumn(width=128),
            "What": st.column_config.TextColumn(width=130),
            "Ended": st.column_config.TextColumn(width=94),
            "Who": st.column_config.TextColumn(width=166),
            "About": st.column_config.TextColumn(width=144),
            "Via": st.column_config.TextColumn(width=98),
        },
        alt="Events of the audit log, newest first",
    )


def _row(entry: AuditEntry, names: Mapping[str, str]) -> dict[str, str]:
    record = entry.record
    return {
        "Time": _time(record.at),
        "What": what(record.action),
        "Ended": ended(entry.outcome),
        "Who": who(record.actor_id, names),
        "About": about(record.target, names),
        "Via": record.surface,
    }


def _time(moment: datetime) -> str:
    local = moment.astimezone(zone())
    is_recent = local.year == datetime.now(zone()).year
    return f"{local.day} {local:%b %H:%M:%S}" if is_recent else f"{local.day} {local:%b %Y %H:%M}"


def _nothing(wanted: AuditFilter) -> None:
    with st.container(border=True):
        if wanted == AuditFilter(folded=True):
            st.subheader("Nothing has happened yet", anchor=False)
            st.write("Everything done with keys, sign-ins, roles, settings and exports shows up here.")
        else:
            st.subheader("Nothing fits", anchor=False)
            st.write("No event fits the search and the filters.")
            st.button("Clear them", on_click=View().search, args=("",), icon=":material/filter_alt_off:")


def _pager(visit: Visit, wanted: AuditFilter, page: AuditPage) -> None:
    view = View()
    if page.sought_until is not None:
        found = "nothing more" if page.entries else "nothing"
        st.caption(f"Looked back to {minute(page.sought_until)} and found {found} on the way.")
    elif page.older is None and page.entries:
        st.caption("That is the beginning of the log." if not wanted.since else "That is all of this time.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Times in {plain(getattr(zone(), 'key', 'your time zone'))}")
        st.space("stretch")
        if view.way:
            st.button("Newest", on_click=view.newest, icon=":material/first_page:")
            st.button("Newer", on_click=view.newer, icon=":material/chevron_left:")
        if page.sought_until is not None and page.older is not None:
            if st.button("Keep looking", icon=":material/search:"):
                with st.spinner("Looking further back"):
                    view.older(visit.services.audit.seek(visit.actor, wanted, page.older))
                st.rerun()
        elif page.older is not None:
            st.button("Older", on_click=view.older, args=(page.older,), icon=":material/chevron_right:")
