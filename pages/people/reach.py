"""How far people get, and what they use."""

from __future__ import annotations

import streamlit as st

from data.analytics.parts_of import PEOPLE_AT_LEAST
from data.analytics.people_values import PeopleFacts
from pages.figures.drawn import chart, table
from pages.people import charts, words
from pages.people.drawn import below

_NEARLY = (
    f"A group of fewer than {PEOPLE_AT_LEAST} is never told, and neither is what is left of a whole: a number near "
    "nobody or near everybody is a range, and of fewer than ten people only that it is some."
)


def draw(facts: PeopleFacts, everybody: int) -> None:
    """The two parts."""
    st.subheader("How far people get")
    chart(
        charts.bars([(words.STEPS[each.step], each.part) for each in facts.funnel], everybody),
        "Bar chart of how many people came to each step",
    )
    rows = words.step_rows(facts.funnel, everybody)
    below(
        facts,
        "people",
        "Of those who signed in or made a call in these weeks. Each step counts only who came to the one before: "
        "chatted; chatted in at least two weeks, from Monday to Sunday; had a tool run to its end; got answers of at "
        f"least two kinds, of text, pictures, speech, transcripts and films. {_NEARLY}",
        "funnel",
        rows,
    )
    with st.expander("As a table"):
        table("people-funnel", rows)
    st.subheader("What people use")
    uses = sorted(facts.uses, key=lambda each: -each.part.share)
    chart(
        charts.bars([(words.FEATURES[each.feature], each.part) for each in uses], everybody),
        "Bar chart of how many people used what",
    )
    rows = words.use_rows(uses)
    below(
        facts,
        "people",
        "Of the same people, who used it at least once in these weeks. Pictures, speech, transcripts and films count "
        "when one came; tools when one ran to its end; thumbs and comparisons when somebody gave one. Numbers are "
        f"told to the nearest five, as many of these groups lie within one another. {_NEARLY}",
        "features",
        rows,
    )
    with st.expander("As a table"):
        table("people-features", rows)
