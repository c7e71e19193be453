"""Who comes back, by the week in which they began."""

from __future__ import annotations

import streamlit as st

from data.analytics.parts_of import PEOPLE_AT_LEAST
from data.analytics.people_values import PeopleFacts
from pages.figures.drawn import chart, table
from pages.people import charts, words
from pages.people.drawn import below


def draw(facts: PeopleFacts) -> None:
    """The part."""
    st.subheader("Who comes back")
    cohorts = facts.cohorts
    left_out = ""
    if facts.left_out:
        weeks, each = ("1 week", "it") if facts.left_out == 1 else (f"{facts.left_out} weeks", "each")
        left_out = f"Of {weeks} nothing is told: fewer than {PEOPLE_AT_LEAST} people began in {each}."
    if not any(each.back for each in cohorts):
        st.info(
            "This needs a week in which at least "
            f"{PEOPLE_AT_LEAST} people chatted for the first time, and a whole week after it. {left_out}",
            icon=":material/hourglass:",
        )
    else:
        shown = [each for each in cohorts if each.back]
        chart(charts.heat_map(shown), "Heat map of who came back, by the week of the first chat and weeks after it")
        st.caption(f"A row is the people who first chatted in that week. {left_out}")
    rows = words.cohort_rows(cohorts)
    below(
        facts,
        "cohorts",
        "A person belongs to the week, from Monday to Sunday, of their first chat ever; with a team chosen, of their "
        "first as one of the team. Shown is which share of them chatted in each week after that, as far as those weeks "
        f"are over. Shares near nobody or near everybody are ranges, so that none is about fewer than "
        f"{PEOPLE_AT_LEAST}; a row of fewer than ten people says only none, some or all.",
        "cohorts",
        rows,
    )
    if rows:
        with st.expander("As a table"):
            table("people-cohorts", rows)
