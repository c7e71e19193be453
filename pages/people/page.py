"""The People page: who comes, who comes back, how far they get, and what they use."""

from __future__ import annotations

import streamlit as st

from core.access.policy import Permission, granted
from core.adoption import AdoptionService, AdoptionView
from core.errors import GearboxError
from data.analytics.parts_of import PEOPLE_AT_LEAST
from data.values.actor import Actor
from pages.figures.place import Unreadable
from pages.people import activity, filters, reach, retention
from pages.people.address import Address
from pages.people.view import View
from pages.people.words import day
from pages.plain import plain
from pages.sample_mark import sample_mark
from pages.usage_words import count
from pages.visit import Visit


def for_(actor: Actor) -> bool:
    """Whether the page is there for somebody."""
    return granted(actor, Permission.SEE_ALL_USAGE)


def render(visit: Visit) -> None:
    """Draw the page."""
    View().show_address()
    st.title("People")
    service = visit.services.reports.adoption
    address = _address()
    try:
        view = service.view(visit.actor, address.question)
    except GearboxError as error:
        st.warning(f"{plain(str(error))}\n\n{plain(error.remedy)}", icon=":material/warning:")
        return
    _notice(service)
    with st.container(horizontal=True, vertical_alignment="center"):
        filters.stretch(address)
        filters.team(address, view.teams)
    _parts(view, address)


def _address() -> Address:
    """What the address says; the default view, and a word about it, where it makes no sense."""
    try:
        return View().address
    except Unreadable:
        default = Address()
        st.info(
            f"This link says something that the page does not know, so it shows {default.stretch.weeks} weeks of all "
            "teams.",
            icon=":material/link_off:",
        )
        View().go(default)
        return default


def _notice(service: AdoptionService) -> None:
    """Say when the numbers below are not all there is."""
    status = service.status()
    if status.last_error:
        why = f"{plain(status.last_error)} {plain(status.remedy)}"
        st.warning(f"**The newest events are missing here.** {why}", icon=":material/warning:")


def _parts(view: AdoptionView, address: Address) -> None:
    facts = view.facts
    if facts.people is None or facts.active is None or (facts.people == 1 and not facts.samples):
        _nothing(view, address)
        return
    if facts.samples:
        some = f"Of the {count(facts.people)} people counted here {count(facts.samples)} were"
        sample_mark("All that is shown here was" if facts.samples == facts.people else some)
    st.caption(f"{count(facts.people)} people since Monday, {day(facts.weeks.first)}.")
    activity.draw(facts, facts.active, address)
    reach.draw(facts, facts.people)
    retention.draw(facts)
    local = view.made_at.astimezone(facts.weeks.zone)
    st.caption(
        f"As of {local:%H:%M:%S}, days and weeks in {facts.weeks.zone}. Nothing here is about fewer than "
        f"{PEOPLE_AT_LEAST} people{', made-up ones counted' if facts.samples else ''}, also not as what is left when "
        "one number is taken from another. No prompt and no answer is read for this."
    )


def _nothing(view: AdoptionView, address: Address) -> None:
    with st.container(border=True):
        if view.facts.people is not None:
            st.subheader("Nobody but you came in these weeks")
            st.write(f"This page fills as at least {PEOPLE_AT_LEAST} people work.")
        elif not view.facts.is_empty:
            st.subheader("Too few people to show anything")
            st.write(
                f"Numbers of people are told of at least {PEOPLE_AT_LEAST}. Choose a longer period"
                + (" or all teams." if address.team else ".")
            )
        elif address.team:
            st.subheader("Nobody of this team came in these weeks")
            st.write("Choose a longer period, or all teams.")
        else:
            st.subheader("Nobody came in these weeks")
            st.write(
                "This page fills as people work: with sign-ins and first chats comes how far people get, with the "
                "weeks who comes back."
            )
        if address.team:
            st.button("Show all teams", on_click=filters.clear, type="primary", icon=":material/filter_alt_off:")
