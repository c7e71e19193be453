"""Legal holds: whose data must not be destroyed for now. Only whoever may manage them sees any of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import streamlit as st

from core.clock import utc_now
from core.retention.holds import MOST_LETTERS, HoldCard
from data.values.holds import HoldScope
from pages import outcome
from pages.asking import ask
from pages.audit.words import who as named
from pages.moments import ago, day
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_PLACE = "holds"
_DIALOG = "hold"
_ON = {HoldScope.PERSON: "A person", HoldScope.TEAM: "A team", HoldScope.EVERYBODY: "Everybody"}
_ICONS = {HoldScope.PERSON: "person", HoldScope.TEAM: "group", HoldScope.EVERYBODY: "groups"}


class _Do(StrEnum):
    """As the menu says it."""

    EXPORT = ":material/folder_zip: Take the material out"
    RELEASE = ":material/lock_open: Release"


def draw(visit: Visit) -> None:
    """Draw the part."""
    service = visit.services.retention.holds
    cards, waiting = service.list(visit.actor), service.waiting(visit.actor)
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Legal holds", anchor=False)
        if st.button("Place a hold", icon=":material/gavel:"):
            _place_dialog(visit)
    st.caption(
        "Nothing of whom a hold is on is destroyed: rules spare their rows, they can't be forgotten, and what they "
        "delete is kept out of sight until the hold ends. They are not told. Keys, tokens and sessions are not held."
    )
    outcome.say(_PLACE)
    names = {person.id: person.display_name for person in visit.services.people.list(visit.actor)}
    now = utc_now()
    for card in cards:
        with st.container(border=True, key=f"hold-{card.hold.id}"):
            _hold(visit, card, names, now)
    if not cards:
        with st.container(border=True, key="no-holds"):
            st.caption(":material/gavel: Nothing is on hold.")
    elif waiting.conversations:
        number = "1 conversation" if waiting.conversations == 1 else f"{waiting.conversations:,} conversations"
        st.caption(f":material/visibility_off: {number} that people have deleted are kept for these holds.")


def _hold(visit: Visit, card: HoldCard, names: Mapping[str, str], now: datetime) -> None:
    hold = card.hold
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            badge = ":orange-badge[:material/lock: on hold]" if hold.is_open else ":gray-badge[released]"
            st.markdown(f":material/{_ICONS[hold.scope]}: **{_whom(card)}** {badge}")
            st.caption(" · ".join([plain(hold.matter), *_facts(card, names, now)]))
            st.caption(plain(hold.reason))
        if not hold.is_open:
            return
        chosen = st.menu_button(
            "Manage", list(_Do), icon=":material/more_vert:", type="tertiary", key=f"manage-{hold.id}"
        )
    match chosen:
        case _Do.EXPORT:
            _export_dialog(visit, card)
        case _Do.RELEASE:
            _release(visit, card)


def _whom(card: HoldCard) -> str:
    if card.hold.scope is HoldScope.EVERYBODY:
        return "Everybody"
    return plain(card.name) if card.name else "A team that is gone"


def _facts(card: HoldCard, names: Mapping[str, str], now: datetime) -> list[str]:
    hold = card.hold
    known = [f"since {day(hold.placed_at)}, by {_who(hold.placed_by, names)}"]
    if hold.scope is HoldScope.TEAM:
        known.insert(0, "1 person" if hold.people == 1 else f"{hold.people:,} people")
    if hold.released_at is not None and hold.released_by is not None:
        known.append(f"released {ago(hold.released_at, now)} by {_who(hold.released_by, names)}")
    return known


def _who(user_id: str, names: Mapping[str, str]) -> str:
    return plain(named(user_id, names))


@st.dialog("Place a hold")
def _place_dialog(visit: Visit) -> None:
    scope = st.segmented_control(
        "On", list(_ON), default=HoldScope.PERSON, required=True, format_func=_ON.__getitem__, key=Keys.HOLD_ON
    )
    names = _subjects(visit, scope or HoldScope.PERSON)
    with st.form("hold", border=False):
        if scope is not HoldScope.EVERYBODY:
            st.selectbox(
                "Whose", list(names), None, format_func=names.__getitem__, key=f"{Keys.HOLD_WHO}-{scope}",
                placeholder="Choose",
            )  # fmt: skip
        st.text_input("Matter", placeholder="Case 2026-114", max_chars=200, key=Keys.HOLD_MATTER)
        st.text_area("Why", max_chars=MOST_LETTERS, height=80, key=Keys.HOLD_REASON)
        st.caption("The audit log has that it was placed, on whom and by whom, without the matter and the reason.")
        st.form_submit_button("Place the hold", type="primary", on_click=_place, args=(visit, scope))
    outcome.close(_DIALOG)


def _subjects(visit: Visit, scope: HoldScope) -> dict[str, str]:
    if scope is HoldScope.TEAM:
        return {team.id: team.name for team in visit.services.teams.list(visit.actor)}
    people = [each for each in visit.services.people.list(visit.actor) if each.forgotten_at is None]
    return {each.id: f"{each.display_name} ({each.email})" if each.email else each.display_name for each in people}


def _place(visit: Visit, scope: HoldScope | None) -> None:
    session, scope = Session(), scope or HoldScope.PERSON
    subject_id = "" if scope is HoldScope.EVERYBODY else session.typed(f"{Keys.HOLD_WHO}-{scope}")
    if scope is not HoldScope.EVERYBODY and not subject_id:
        outcome.refuse(_DIALOG, "Choose whose data is to be held.")
        return

    def act() -> str:
        matter, reason = session.typed(Keys.HOLD_MATTER), session.typed(Keys.HOLD_REASON)
        card = visit.services.retention.holds.place(visit.actor, scope, subject_id, matter, reason)
        return f"{_whom(card)}: on hold. They are not told."

    if outcome.of(_DIALOG, act):
        session.clear(Keys.HOLD_MATTER, Keys.HOLD_REASON)


def _release(visit: Visit, card: HoldCard) -> None:
    ask(
        f"Release {plain(card.hold.matter)}?",
        f"**{_whom(card)}**: what they have deleted since, and was kept for this hold alone, is removed now, and can't "
        "be brought back. Rules of retention are for their rows again. Take the material out first if it is needed.",
        yes="Release",
        act=lambda: visit.services.retention.holds.release(visit.actor, card.hold.id),
    )


@st.dialog("Take the material out")
def _export_dialog(visit: Visit, card: HoldCard) -> None:
    def made() -> bytes:
        file = io.BytesIO()
        visit.services.retention.holds.export(visit.actor, card.hold.id, file)
        return file.getvalue()

    st.markdown(
        f"Everything that is kept of **{_whom(card)}**, also what they have deleted: conversations with every version, "
        "attachments, feedback, and saved questions. One zip with `material.jsonl` and the files beside it."
    )
    st.caption("It holds what people wrote. That it was taken out is in the audit log.")
    st.download_button(
        "Download",
        made,
        f"gearbox-hold-{card.hold.id[:8]}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("For much of it use the command line: `python -m core holds export`.")
