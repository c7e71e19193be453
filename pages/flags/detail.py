"""One flag: its state with the kill switch, its rules, who sees what, its guardrails, its history, and what it does."""

from __future__ import annotations

import streamlit as st

from core.clock import utc_now
from core.flags.capabilities import DESCRIBED
from data.values.flags import Flag, FlagState
from pages.flags import effect, facts, guarding, history, rules, seeing, words
from pages.flags.acting import asked
from pages.flags.names import names_of
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_PARTS = {
    "Rules": rules.draw,
    "Who sees what": seeing.draw,
    "Guardrails": guarding.draw,
    "History": history.draw,
    "Effect": effect.draw,
    "About": facts.draw,
}


def draw(visit: Visit, flag: Flag) -> None:
    """Draw all of it."""
    admin = visit.services.flag_parts.admin
    st.button("All flags", icon=":material/arrow_back:", type="tertiary", on_click=_close)
    with st.container(gap="xsmall"):
        st.subheader(f"{plain(words.title(flag))} {words.badge(flag)}{words.rolled_back(flag)}", anchor=False)
        st.caption(" · ".join(part for part in (f"`{flag.key}`", plain(flag.description)) if part))
        if reached := words.reached(flag, admin.reach(visit.actor)[flag.key]):
            st.markdown(f":material/group: {reached}")
    if described := DESCRIBED.get(flag.key):
        st.caption(f"Gone where it is off: {plain(described.gone)}")
    _switches(visit, flag)
    if admin.is_operators(visit.actor, flag.key):
        st.info("The operator's settings turn it off for everybody, whatever is said here.", icon=":material/lock:")
    if flag.expires_on is not None and flag.expires_on < utc_now().date():
        st.warning(f"It should have been gone on {flag.expires_on:%-d %B %Y}.", icon=":material/hourglass_bottom:")
    tabs = st.tabs(list(_PARTS), key=Keys.TAB, bind="query-params")
    names = names_of(visit)
    for tab, part in zip(tabs, _PARTS.values(), strict=True):
        if tab.open:
            with tab:
                part(visit, flag, names)


def _switches(visit: Visit, flag: Flag) -> None:
    admin = visit.services.flag_parts.admin
    with st.container(horizontal=True):
        if flag.state is FlagState.ON:
            if st.button("Turn off", icon=":material/toggle_off:"):
                asked(
                    f"Turn off {_named(flag)}?",
                    f"Everybody gets **{plain(flag.off)}**. Its rules stay as they are.",
                    yes="Turn off",
                    act=lambda why: admin.set_state(visit.actor, flag.key, FlagState.OFF, why),
                    done="It is off.",
                )
            if st.button("Kill", icon=":material/block:", type="primary", key="for-good-kill"):
                asked(
                    f"Kill {_named(flag)}?",
                    f"Everybody gets **{plain(flag.off)}** at once, on every replica within two seconds. Its rules "
                    "stay as they are, and it is marked as killed until somebody turns it on again.",
                    yes="Kill it",
                    act=lambda why: admin.set_state(visit.actor, flag.key, FlagState.KILLED, why),
                    done="It is killed.",
                )
        elif st.button("Turn on", icon=":material/toggle_on:", type="primary"):
            asked(
                f"Turn on {_named(flag)}?",
                "Its rules count again." if flag.rules else f"Everybody gets **{plain(flag.default)}**.",
                yes="Turn on",
                act=lambda why: admin.set_state(visit.actor, flag.key, FlagState.ON, why),
                done="It is on.",
                needed=True,
            )


def _named(flag: Flag) -> str:
    return plain(words.title(flag))


def _close() -> None:
    st.query_params.pop(Keys.FLAG, None)
