"""Calls told apart: who or what they were of, what changed most, and the way into each by a click."""

from __future__ import annotations

import hashlib

import streamlit as st

from core.usage import UsagePage
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.analytics.usage_values import Dimension, Measure
from pages.figures.drawn import below, table
from pages.figures.place import Unreadable
from pages.usage import charts, filters, words
from pages.usage.address import Address, written
from pages.usage.view import View
from pages.widget_keys import Keys

_FEW = (
    f"What fewer than {PEOPLE_AT_LEAST} people asked is added up with others; `people` are some of those behind a "
    "group, all of them where they are few."
)


def draw(page: UsagePage, address: Address) -> None:
    """The part."""
    _groups(page, address)
    if page.facts.before is not None:
        _movers(page, address)


def _groups(page: UsagePage, address: Address) -> None:
    facts, by = page.facts, address.by
    name = words.DIMENSIONS[by].lower()
    st.subheader(f"By {name}" if by is not Dimension.SURFACE else "By where it was asked")
    filters.grouping(address, teams=page.everyone)
    if not facts.groups:
        st.info(f"No {name} has calls of at least {PEOPLE_AT_LEAST} people.", icon=":material/hourglass:")
        return
    if address.measure is not Measure.COST or any(facts.currency in each.now.spend for each in facts.groups):
        _chart(page, address)
        more = len(facts.groups) - charts.TOP
        st.caption("Click a row to see it alone." + (f" {more} more in the table below." if more > 0 else ""))
    table(f"usage-by-{by.value}", words.group_rows(facts, by, page.teams))
    below(
        facts.ran,
        ("groups", "people_by_group"),
        f"A row for each {name}, the largest first. Before: as long before the period, up to the same time of its last "
        f"day. {_FEW if page.everyone else ''}",
        f"usage-by-{by.value}",
        words.group_figures(facts, by, page.teams),
    )


def _chart(page: UsagePage, address: Address) -> None:
    # Another view is another chart, so that a click is not answered twice.
    view = hashlib.sha256(repr(sorted(written(address).items())).encode()).hexdigest()[:12]
    event = st.plotly_chart(
        charts.by_group(page.facts, address.by, address.measure, page.teams).spec,
        theme="streamlit", config={"displayModeBar": False}, key=f"{Keys.USAGE_GROUPS}-{view}", on_select="rerun",
        selection_mode="points", alt=f"Bar chart of {address.measure.value} by {address.by.value}",
    )  # fmt: skip
    points = event["selection"]["points"] if isinstance(event, dict) else []
    if not points:
        return
    value = points[0].get("customdata")
    value = value[0] if isinstance(value, list) else value
    if not isinstance(value, str):  # the others together are nothing to filter by
        return
    try:
        narrowed = address.within(address.by, value)
    except Unreadable:
        return  # of a release that knows more tasks than this one
    View().go(narrowed)
    st.rerun()


def _movers(page: UsagePage, address: Address) -> None:
    facts, by = page.facts, address.by
    st.subheader("What changed most")
    compared = words.before(address.period)
    if not facts.movers:
        st.write(f"Nothing that may be shown changed against {compared}.")
    else:
        st.caption(f"{words.MEASURES[address.measure]} by {words.DIMENSIONS[by].lower()}, against {compared}.")
        table("usage-movers", words.mover_rows(facts.movers, by, address.measure, facts.currency, page.teams))
    below(
        facts.ran,
        ("groups", "people_by_group"),
        "What came to the most more, or the most less, than before: these moved the sum most. "
        + (f"What fewer than {PEOPLE_AT_LEAST} people asked is not among them." if page.everyone else ""),
        "usage-movers",
        words.mover_figures(facts.movers, by, address.measure, facts.currency, page.teams),
    )
