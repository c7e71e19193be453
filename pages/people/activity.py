"""How many people are active: on a day, in a week, in a month, and over time."""

from __future__ import annotations

import streamlit as st

from data.analytics.parts_of import PEOPLE_AT_LEAST
from data.analytics.people_values import DAYS_OF_MONTH, Active, PeopleFacts, Window
from pages.figures.drawn import chart, table, tiles
from pages.people import charts, filters, words
from pages.people.address import Address
from pages.people.drawn import below
from pages.usage_words import NONE, count

_TEXT = (
    "Active is who made a call, in the chat or by the API. The numbers above are of days that are over: the last "
    f"{DAYS_OF_MONTH} of them, so that every weekday counts as often, and the last 7. On a day: the mean of the "
    f"{DAYS_OF_MONTH} days, weekends included. Stickiness: that, of all who were active in the {DAYS_OF_MONTH} days. "
    "100% would be everybody every day."
)


def draw(facts: PeopleFacts, active: Active, address: Address) -> None:
    """The part."""
    st.subheader("Active people")
    tiles(
        ("On a day", _mean(active.month.a_day), _before(_mean(active.month_before.a_day))),
        ("In 7 days", _people(active.week), _before(_people(active.week_before))),
        (f"In {DAYS_OF_MONTH} days", _people(active.month), _before(_people(active.month_before))),
        ("Stickiness", _stickiness(active.month), _before(_stickiness(active.month_before))),
    )
    below(facts, "active", _TEXT)
    filters.rhythm(address)
    rows = words.bucket_rows(facts.buckets, address.by)
    if any(each.people for each in facts.buckets):
        chart(charts.over_time(facts.buckets, address.by), f"Bar chart of active people by {address.by.value}")
    else:
        st.info(f"No {address.by.value} has {PEOPLE_AT_LEAST} active people.", icon=":material/hourglass:")
    below(
        facts,
        "buckets",
        f"Different people who made a call in each {address.by.value}. The last one still goes on. One of fewer than "
        f"{PEOPLE_AT_LEAST} people is left out of the chart; months are whole, so the first may begin before the weeks "
        "above.",
        f"by-{address.by.value}",
        rows,
    )
    with st.expander("As a table"):
        table(f"people-{address.by.value}", [{**row, "People": str(row["People"])} for row in rows])


def _people(window: Window) -> str:
    return words.HIDDEN if window.people is None else count(window.people)


def _mean(a_day: float | None) -> str:
    return NONE if a_day is None else f"{a_day:,.1f}" if a_day < 100 else count(round(a_day))


def _stickiness(window: Window) -> str:
    return f"{window.a_day / window.people:.0%}" if window.people and window.a_day is not None else NONE


def _before(told: str) -> list[str]:
    return [f"before: {told.replace(' ', chr(160))}"]
