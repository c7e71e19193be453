"""The Compare page: one prompt to several models, side by side, and the better answer goes on."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from data.values.comparisons import Comparison, Verdict
from pages import compare_form, compare_sides
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_WORDS = {
    None: "Not decided yet",
    Verdict.BETTER: "One was better",
    Verdict.TIED: "All equally good",
    Verdict.NONE: "None was good",
}


def render(visit: Visit) -> None:
    """One full run of the page."""
    session = Session()
    session.show_comparison_address()
    comparison_id = session.comparison_id
    if comparison_id is None:
        _begin(visit)
        return
    try:
        comparison = visit.services.comparing.get(visit.actor, comparison_id)
    except NotFound:
        st.info("That comparison does not exist any more.")
        _begin(visit)
        return
    with st.container(key=Keys.COMPARISON_HEADER, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(comparison.title)}**")
        st.space("stretch")
        st.page_link(visit.places.compare, label="Another one", icon=":material/add:")
        _delete(visit, comparison)
    with st.bottom, st.container(key=Keys.STOP):
        st.button(
            "Stop", icon=":material/stop:", on_click=visit.services.comparing.stop, args=(visit.actor, comparison.id)
        )
    compare_sides.draw(visit, comparison)


def _begin(visit: Visit) -> None:
    st.title("Compare", anchor=False)
    st.caption("One prompt, several models, side by side. You say which answer is better, and go on with that one.")
    compare_form.draw(visit)
    comparisons = visit.services.comparing.recent(visit.actor)
    if not comparisons:
        return
    st.caption("Earlier comparisons")
    with st.container(key=Keys.COMPARISONS, gap=None):
        for each in comparisons:
            st.page_link(
                visit.places.compare,
                label=f"{plain(each.title)} :small[:gray[{_WORDS[each.verdict]} · {len(each.sides)} models]]",
                query_params=Session.comparison_link(each.id),
                width="stretch",
            )


def _delete(visit: Visit, comparison: Comparison) -> None:
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        st.caption("Its answers are deleted for good, but for those that you went on with.")
        if st.button("Delete it", icon=":material/delete:", key="for-good", width="stretch"):
            visit.services.comparing.delete(visit.actor, comparison.id)
            Session().comparison_id = None
            st.rerun()
