"""The Usage page: how much is asked of models, by whom, of what, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from core.access.policy import Permission, granted
from core.errors import GearboxError
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.analytics.usage_values import Dimension
from data.values.actor import Actor
from data.warehouse.writer import WarehouseStatus
from pages.figures import beginning
from pages.figures.drawn import table
from pages.figures.place import Unreadable
from pages.usage import filters, groups, month, overview, words
from pages.usage.address import Address
from pages.usage.view import View
from pages.usage_words import day
from pages.widget_keys import Keys

if TYPE_CHECKING:
    from core.services import Services
    from core.usage import UsagePage

_LATE = timedelta(seconds=30)


def render(services: Services, actor: Actor, *, open_chat: Callable[[], None]) -> None:
    """Draw the page; `open_chat` is called when the person asks for a chat."""
    View().show_address()
    st.title("Usage")
    address = _address(actor)
    filters.period(address)
    usage = services.reports.usage
    try:
        page = usage.page(actor, address.period, address.question)
    except GearboxError as error:
        beginning.refused(error)
        return
    status = usage.status()
    beginning.missing(status, "calls")
    _late(status, page)
    filters.draw(address, page)
    totals = page.facts.totals
    if totals is None or not totals.calls:
        _nothing(page, address, open_chat)
        return
    beginning.samples(totals.samples, totals.calls)
    overview.draw(page, totals, address)
    groups.draw(page, address)
    month.draw(page, services, actor, address)
    _recent(services, actor, address, page)
    _end(page)


def _address(actor: Actor) -> Address:
    """What the address says; the default view, and a word about it, where it makes no sense."""
    try:
        address = View().address
    except Unreadable:
        beginning.unreadable("the last 30 days of all calls")
        View().go(Address())
        return Address()
    if granted(actor, Permission.SEE_ALL_USAGE):
        return address
    # One's own calls are not told apart by teams; a link may come from somebody who sees everybody's.
    return replace(address, team="", by=Dimension.MODEL if address.by is Dimension.TEAM else address.by)


def _late(status: WarehouseStatus, page: UsagePage) -> None:
    """Say when there are calls that are about to be counted."""
    waits = status.oldest_waiting
    if status.last_error or waits is None:
        return
    if (page.facts.totals is not None and not page.facts.totals.calls) or page.made_at - waits > _LATE:
        st.info(
            f"Still counting, look again in a moment. Waiting in the database: {status.rows_waiting:,}.",
            icon=":material/hourglass:",
        )


def _nothing(page: UsagePage, address: Address, open_chat: Callable[[], None]) -> None:
    last = page.facts.last_day
    with st.container(border=True):
        if page.facts.totals is None:
            st.subheader("Too few people to show anything")
            st.write(
                f"There are calls, of fewer than {PEOPLE_AT_LEAST} people. Choose a longer period"
                + (" or fewer filters." if address.filters else ".")
            )
        elif address.filters:
            st.subheader("No calls fit these filters")
            st.write("In this period there are none. Choose a longer one, or clear the filters.")
        elif last is None:
            st.subheader("Nothing to count yet")
            st.write("Ask a model something. The call shows up here with its tokens and its cost.")
        else:
            st.subheader("No calls in this period")
            st.write(f"The last one was on {words.short(last)} {last.year}. Choose a longer period above.")
        if address.filters:
            st.button("Clear the filters", on_click=filters.clear, type="primary", icon=":material/filter_alt_off:")
        elif st.button("Start a chat", type="primary", icon=":material/chat:"):
            open_chat()


def _recent(services: Services, actor: Actor, address: Address, page: UsagePage) -> None:
    expander = st.expander("Your last calls", key=Keys.USAGE_RECENT, on_change="rerun")
    if not expander.open:
        return
    zone = page.facts.span.zone
    with expander:
        calls = services.reports.usage.recent(actor, address.period)
        rows = [words.recent_row(call, f"{call.ts.astimezone(zone):%Y-%m-%d %H:%M:%S}") for call in calls]
        if not rows:
            st.caption("None of the calls in this period is yours.")
            return
        table("usage-recent", rows)
        st.caption("The last 20 of the period, the newest first, whatever is filtered above.")


def _end(page: UsagePage) -> None:
    local = page.made_at.astimezone(page.facts.span.zone)
    since = day(page.facts.span.start.astimezone(page.facts.span.zone))
    whose = (
        f"Everybody's calls since {since}. Nothing here but budgets is about fewer than {PEOPLE_AT_LEAST} people, "
        "unless it is all your own"
        if page.everyone
        else f"Your calls since {since}"
    )
    zone = getattr(page.facts.span.zone, "key", str(page.facts.span.zone))
    st.caption(f"{whose}. As of {local:%H:%M:%S}, days and times in {zone}.")
