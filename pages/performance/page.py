"""The Performance page: how fast, how reliably and at what price models answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import GearboxError
from core.performance import PerformanceView
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.values.actor import Actor
from data.values.money import TokenPrice
from pages.figures import beginning
from pages.figures.place import Unreadable
from pages.performance import filters, speed, spending, trouble
from pages.performance.address import Address
from pages.performance.view import View
from pages.plain import plain
from pages.usage_words import count, day
from pages.visit import Visit


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.SEE_ALL_USAGE)


def render(visit: Visit) -> None:
    """Draw the page."""
    View().show_address()
    st.title("Performance")
    service = visit.services.reports.performance
    try:
        prices = service.prices(visit.actor)
        address = _address(prices)
        filters.period(address)
        view = service.view(visit.actor, address.question)
    except GearboxError as error:
        beginning.refused(error)
        return
    beginning.missing(service.status(), "calls")
    with st.container(horizontal=True, vertical_alignment="center"):
        filters.draw(address, view.facts.options, view.teams)
        st.markdown(filters.said(address, view.teams))
    _parts(view, address, prices)


def _address(prices: Mapping[str, TokenPrice]) -> Address:
    """What the address says; the default view, and a word about it, where it makes no sense."""
    try:
        address = View().address
    except Unreadable:
        beginning.unreadable("the last 30 days of all calls")
        address = Address()
        View().go(address)
    if address.what_if and address.what_if not in prices:  # perhaps its provider has ended it since
        st.info(
            f"{plain(address.what_if)}, which this link compares with, has no listed price today. Choose another model "
            "at the end of the page.",
            icon=":material/link_off:",
        )
        address = replace(address, what_if="")
        View().go(address)
    return address


def _parts(view: PerformanceView, address: Address, prices: Mapping[str, TokenPrice]) -> None:
    facts = view.facts
    if facts.sums is None:
        _nothing(view, address)
        return
    beginning.samples(facts.sums.totals.samples, facts.sums.totals.speed.calls)
    local = view.made_at.astimezone(facts.span.zone)
    totals = facts.sums.totals.speed
    compared = "Nothing to compare with before that."
    if facts.before:
        compared = f"Compared with as long before that: {count(facts.before.totals.speed.calls)} calls."
    calls = "1 call" if totals.calls == 1 else f"{count(totals.calls)} calls"
    st.caption(f"{calls} since {day(facts.span.start.astimezone(facts.span.zone))}. {compared}")
    speed.draw(facts, facts.sums, address)
    trouble.draw(facts, facts.sums)
    spending.draw(view, facts.sums, address, prices)
    st.caption(
        f"As of {local:%H:%M:%S}. Nothing here is about fewer than {PEOPLE_AT_LEAST} people, unless it is all your "
        "own. No prompt and no answer is read for this."
    )


def _nothing(view: PerformanceView, address: Address) -> None:
    with st.container(border=True):
        if not view.facts.is_empty:
            st.subheader("Too few people to show anything")
            st.write(
                f"There are calls, of fewer than {PEOPLE_AT_LEAST} people. Choose a longer period"
                + (" or fewer filters." if address.filters else ".")
            )
        elif address.filters:
            st.subheader("No calls fit these filters")
            st.write("In this period there are none. Choose a longer one, or clear the filters.")
        else:
            st.subheader("No calls in this period")
            st.write(
                "This page fills as people work: with the first answers come their times and errors, with thumbs, "
                "copying and comparisons what a useful answer costs."
            )
        if address.filters:
            st.button("Clear the filters", on_click=filters.clear, type="primary", icon=":material/filter_alt_off:")
