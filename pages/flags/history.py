"""The history of a flag: who changed what, when and why, and the way back."""

from __future__ import annotations

import streamlit as st

from core.clock import utc_now
from data.values.flags import Attribute, Flag, FlagChange
from pages.flags import words
from pages.flags.acting import asked
from pages.flags.words import Names
from pages.moments import ago, minute
from pages.plain import plain
from pages.visit import Visit

_SYSTEM = {"gearbox": "Gearbox", "operator": "The operator, on the command line"}


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw it, the newest change first."""
    admin = visit.services.flag_parts.admin
    changes = admin.history(visit.actor, flag.key)
    if not changes:
        st.caption("Nobody has changed it yet: it is as Gearbox declares it.")
        return
    for change in changes:
        with st.container(border=True, key=f"change-{change.version}", gap="xsmall"):
            _change(visit, flag, change, names)
    if admin.is_own(visit.actor, flag.key):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Before that it was as Gearbox declares it: on for everybody.")
            _back(visit, flag, 0)


def _change(visit: Visit, flag: Flag, change: FlagChange, names: Names) -> None:
    who = names[Attribute.USER].get(change.by) or _SYSTEM.get(change.by, "Somebody who is not here any more")
    now = utc_now()
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(who)}** · version {change.version}")
            st.caption(f"{minute(change.at)} · {ago(change.at, now)}")
        if change.version != flag.version:
            _back(visit, flag, change.version)
        else:
            st.badge("now", color="gray")
    if change.why:
        st.markdown(f":material/format_quote: {plain(change.why)}")
    for line in words.differences(change, names, now):
        st.markdown(f"- {line}")


def _back(visit: Visit, flag: Flag, version: int) -> None:
    if st.button("Revert to this", key=f"revert-{version}", icon=":material/undo:", type="tertiary"):
        asked(
            f"Revert {plain(words.title(flag))}?",
            f"It becomes what it was in version {version}, as a new version. State, rules and variants all go back."
            if version
            else "It becomes what Gearbox declares: on for everybody, without rules.",
            yes="Revert",
            act=lambda why: visit.services.flag_parts.admin.revert(visit.actor, flag.key, version, why),
            done="It is as it was.",
        )
