"""The tab where a question is picked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.errors import GearboxError
from core.explore import ExploreService
from data.analytics.period import Period
from data.analytics.picking import TOPICS, Picked, Subject, Topic
from data.values.actor import Actor
from data.values.saved_queries import QueryKind
from pages.explore import result, saved
from pages.explore.address import Address, Tab, as_text
from pages.explore.examples import PICKED
from pages.explore.view import View
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

_PERIODS: dict[Period | str, str] = {
    Period.TODAY: "Today",
    Period.WEEK: "7 days",
    Period.MONTH: "30 days",
    Period.QUARTER: "90 days",
    "all": "All",
}


def draw(service: ExploreService, actor: Actor, address: Address, kept: saved.Kept) -> None:
    """Draw the choices, and what they come to."""
    picked = address.picked or Picked()
    topic = service.topic(actor, picked.subject)
    _choices(picked, topic)
    with st.container(horizontal=True, vertical_alignment="center"):
        View().fill({Keys.EXPLORE_PERIOD: picked.period or "all"})
        st.segmented_control(
            "Period", list(_PERIODS), key=Keys.EXPLORE_PERIOD, required=True, format_func=_PERIODS.__getitem__,
            on_change=_changed, label_visibility="collapsed", wrap=True,
        )  # fmt: skip
        _filters(service, actor, picked, topic)
        if picked.filters:
            st.markdown(_said(picked, topic))
    if address.picked is None:
        _begin()
        return
    sql = service.sql_of(actor, picked)
    answer = result.answered(service, actor, sql, stays=False)
    result.draw(answer, address, _labels(picked, topic))
    with st.container(horizontal=True):
        result.downloads(answer, "explore")
        saved.keep(kept, saved.Question(QueryKind.PICKED, as_text(picked), address.shape))
        result.how(answer)
        st.button("Open as SQL", icon=":material/code:", type="tertiary", on_click=_as_sql, args=(sql,))


def _choices(picked: Picked, topic: Topic) -> None:
    """What is counted, in which numbers, by what."""
    View().fill(
        {
            Keys.EXPLORE_SUBJECT: picked.subject,
            Keys.EXPLORE_MEASURES: [each for each in picked.measures if each in topic.measures],
            Keys.EXPLORE_DIMENSIONS: [each for each in picked.dimensions if each in topic.dimensions],
        }
    )
    about, numbers, by = st.columns([1, 1.5, 1.5])
    about.selectbox(
        "About", list(Subject), key=Keys.EXPLORE_SUBJECT, on_change=_changed,
        format_func=lambda each: TOPICS[each].label,
    )  # fmt: skip
    numbers.multiselect(
        "Numbers", list(topic.measures), key=Keys.EXPLORE_MEASURES, on_change=_changed, max_selections=8, wrap=True,
        format_func=lambda each: topic.measures[each].label, placeholder="Pick what to count",
    )  # fmt: skip
    by.multiselect(
        "By", list(topic.dimensions), key=Keys.EXPLORE_DIMENSIONS, on_change=_changed, max_selections=4, wrap=True,
        format_func=lambda each: topic.dimensions[each].label, placeholder="All together",
    )  # fmt: skip


def _filters(service: ExploreService, actor: Actor, picked: Picked, topic: Topic) -> None:
    number = len(picked.filters)
    with st.popover(f"Filters ({number})" if number else "Filters", icon=":material/tune:"):
        chosen = dict(picked.filters)
        extra = Session().typed(Keys.EXPLORE_FILTER)
        names = [*chosen, *([extra] if extra in topic.dimensions and extra not in chosen else [])]
        for name in names:
            key = _filter_key(name)
            values = list(chosen.get(name, ()))
            View().fill({key: values})
            offered = _values(service, actor, picked, name)
            st.multiselect(
                topic.dimensions[name].label, list(dict.fromkeys([*offered, *values])), key=key, on_change=_changed,
                placeholder="Any", wrap=True,
            )  # fmt: skip
        left = [name for name in topic.dimensions if name not in names]
        st.selectbox(
            "Filter by", left, None, key=Keys.EXPLORE_FILTER, placeholder="Add a filter",
            format_func=lambda each: topic.dimensions[each].label if each in topic.dimensions else each,
            on_change=_add_filter,
        )  # fmt: skip


def _values(service: ExploreService, actor: Actor, picked: Picked, name: str) -> tuple[str, ...]:
    of = (picked.subject, name, picked.period)
    view = View()
    values = view.values(of)
    if values is None:
        try:
            values = service.values(actor, picked.subject, name, picked.period)
        except GearboxError as error:
            st.caption(plain(error.explain()))
            return ()
        view.keep_values(of, values)
    return values


def _begin() -> None:
    """Questions to begin with, while none is asked."""
    with st.container(border=True):
        st.subheader("Ask something")
        st.write("Pick numbers and what to tell them apart by, above. Or begin with one of these, and change it.")
        for at, (words, picked) in enumerate(PICKED):
            st.button(
                words, key=f"explore-example-{at}", type="tertiary", icon=":material/lightbulb:", on_click=_pick,
                args=(picked,),
            )  # fmt: skip


def _labels(picked: Picked, topic: Topic) -> Mapping[str, str]:
    return {name: topic.dimensions[name].label for name in picked.dimensions} | {
        name: topic.measures[name].label for name in picked.measures
    }


def _said(picked: Picked, topic: Topic) -> str:
    """What is filtered by, in Markdown."""
    parts = [
        f"{topic.dimensions[name].label}: **{' or '.join(plain(value) for value in values)}**"
        for name, values in picked.filters
    ]
    return "Only " + " · ".join(parts)


def _pick(picked: Picked) -> None:
    View().go(Address(picked=picked))


def _as_sql(sql: str) -> None:
    view = View()
    view.statement, view.asked = sql, sql
    view.go(Address(Tab.SQL))


def _add_filter() -> None:
    """It shows its values in this run; it is in the address once it has one."""


def _changed() -> None:
    session, view = Session(), View()
    address = view.readable()
    before = address.picked or Picked()
    subject = session.chosen(Keys.EXPLORE_SUBJECT)
    if not isinstance(subject, Subject):
        return
    if subject is not before.subject:
        topic = TOPICS[subject]
        both = tuple(each for each in before.dimensions if each in topic.dimensions)
        picked = Picked(subject, (next(iter(topic.measures)),), both or ("day",), (), before.period)
    else:
        period = session.chosen(Keys.EXPLORE_PERIOD)
        picked = replace(
            before,
            measures=_several(Keys.EXPLORE_MEASURES),
            dimensions=_several(Keys.EXPLORE_DIMENSIONS),
            period=period if isinstance(period, Period) else None,
            filters=tuple(
                (name, values) for name in TOPICS[subject].dimensions if (values := _several(_filter_key(name)))
            ),
        )
    view.go(replace(address, picked=picked))


def _several(key: str) -> tuple[str, ...]:
    values = Session().chosen(key)
    return tuple(map(str, values)) if isinstance(values, list) else ()


def _filter_key(name: str) -> str:
    return f"{Keys.EXPLORE_ONLY}-{name}"
