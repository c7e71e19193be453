"""The list of flags: each with its state at a glance, and what one person sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.clock import utc_now
from core.errors import GearboxError
from core.flags.stale import StaleFlag
from data.values.flag_evaluation import Evaluation
from data.values.flags import Flag, FlagState
from pages.flags import making, words
from pages.flags.names import names_of
from pages.flags.words import Names
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_ALL, _DIVIDED, _OFF = "All", "By rules", "Off or killed"


def draw(visit: Visit) -> None:
    """Draw the fields that narrow it down, and a row for each flag."""
    admin = visit.services.flag_parts.admin
    flags, stale = admin.list(visit.actor), admin.stale(visit.actor)
    st.caption(
        "Each larger capability of Gearbox stands behind a flag, and you can make your own. Off means gone: page, "
        "endpoint and tool. A change counts here at once, elsewhere within two seconds."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search", key=Keys.FLAG_SEARCH, bind="query-params", icon=":material/search:")
        shown = st.segmented_control(
            "State", [_ALL, _DIVIDED, _OFF], default=_ALL, key=Keys.FLAG_STATE, bind="query-params"
        )
        if st.button("New flag", icon=":material/add:"):
            making.dialog(visit)
    seen = _seen_by(visit, flags)
    names = names_of(visit) if seen else {}
    found = [flag for flag in flags if _fits(flag, search, shown)]
    reach = admin.reach(visit.actor)
    by_key: dict[str, list[StaleFlag]] = {}
    for each in stale:
        by_key.setdefault(each.flag.key, []).append(each)
    if stale:
        st.info(f"Worth a look: {', '.join(plain(key) for key in by_key)}.", icon=":material/hourglass_bottom:")
    for flag in found:
        with st.container(border=True, key=f"flag-row-{flag.key}", gap="xsmall"):
            _row(visit, flag, words.reached(flag, reach[flag.key]), _told(seen.get(flag.key), names))
            for old in by_key.get(flag.key, ()):
                st.caption(f":material/hourglass_bottom: {words.stale(old, utc_now())}")
    if not found:
        st.caption("No flag is like that.")


def _row(visit: Visit, flag: Flag, reached: str, seen: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(words.title(flag))}** {words.badge(flag)}{words.rolled_back(flag)}")
            operators = visit.services.flag_parts.admin.is_operators(visit.actor, flag.key)
            st.caption(" · ".join(part for part in (f"`{flag.key}`", plain(flag.description), reached) if part))
            if operators:
                st.caption(":material/lock: The operator's settings turn it off for everybody.")
            if seen:
                st.markdown(seen)
        st.button(
            "Open", key=f"open-{flag.key}", icon=":material/chevron_right:", type="tertiary", on_click=_open,
            args=(flag.key,), help=f"Open {flag.key}",
        )  # fmt: skip


def _told(found: Evaluation | None, names: Names) -> str:
    return f":material/visibility: **{plain(found.variant)}** · {words.why(found, names)}" if found else ""


def _seen_by(visit: Visit, flags: Sequence[Flag]) -> Mapping[str, Evaluation]:
    """What the person who is chosen sees of each flag."""
    people = {person.id: person.display_name for person in visit.services.people.list(visit.actor) if person.is_active}
    chosen = st.selectbox(
        "What does somebody see?",
        list(people),
        index=None,
        format_func=lambda who: people[who],
        placeholder="Choose a person",
        key=Keys.FLAG_SEEN_BY,
    )
    if chosen is None:
        return {}
    admin = visit.services.flag_parts.admin
    try:
        context = admin.context_of(visit.actor, chosen)
    except GearboxError as error:
        st.warning(plain(error.explain()), icon=":material/warning:")
        return {}
    return {flag.key: admin.evaluate_for(visit.actor, flag, context) for flag in flags}


def _fits(flag: Flag, search: str, shown: str | None) -> bool:
    if shown == _OFF and flag.state is FlagState.ON:
        return False
    if shown == _DIVIDED and not (flag.state is FlagState.ON and (flag.rules or flag.prerequisites)):
        return False
    text = f"{flag.key} {words.title(flag)} {flag.description} {flag.owner}".casefold()
    return all(word in text for word in search.casefold().split())


def _open(key: str) -> None:
    st.query_params[Keys.FLAG] = key
