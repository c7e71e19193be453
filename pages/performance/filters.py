"""Which calls the person wants to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

from data.analytics.performance_values import Grouping, Options
from data.analytics.period import Period
from data.analytics.usage_values import NO_TEAM
from data.values.actor import Surface
from data.values.tasks import Task
from pages.figures.beginning import PERIODS
from pages.figures.words import SURFACES
from pages.performance.address import Address, Measure
from pages.performance.view import View
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

_MEASURES = {
    Measure.TTFT: "First token",
    Measure.WHOLE: "Whole answer",
    Measure.RATE: "Tokens a second",
    Measure.FAILED: "Failed",
}
_BY = {Grouping.MODEL: "Model", Grouping.PROVIDER: "Provider"}
_Term = TypeVar("_Term", bound=StrEnum)


def period(address: Address) -> None:
    """Draw the choice of the period."""
    _control("Period", PERIODS, Keys.PERFORMANCE_PERIOD, address.period)


def measure(address: Address) -> None:
    """Draw the choice of what the charts show."""
    _control("Show", _MEASURES, Keys.PERFORMANCE_MEASURE, address.measure)


def grouping(address: Address) -> None:
    """Draw the choice by what calls are told apart."""
    _control("By", _BY, Keys.PERFORMANCE_BY, address.by)


def draw(address: Address, options: Options, teams: Mapping[str, str]) -> None:
    """Draw the filters as the address says, and what they are set to; `teams` are names by id."""
    View().fill(
        {
            Keys.PERFORMANCE_PROVIDER: address.model.partition("/")[0] or address.provider or None,
            Keys.PERFORMANCE_MODEL: address.model or None,
            Keys.PERFORMANCE_SURFACE: address.surface,
            Keys.PERFORMANCE_TASK: address.task,
            Keys.PERFORMANCE_TEAM: address.team or None,
        }
    )
    number = len(address.filters)
    with st.popover(f"Filters ({number})" if number else "Filters", icon=":material/tune:"):
        provider = address.model.partition("/")[0] or address.provider
        models = [each for each in options.models if not provider or each.startswith(f"{provider}/")]
        _box("Provider", _with(options.providers, provider), Keys.PERFORMANCE_PROVIDER, str)
        _box("Model", _with(models, address.model), Keys.PERFORMANCE_MODEL, str)
        surfaces = [each for each in Surface if each in options.surfaces or each is address.surface]
        _box("Asked in", surfaces, Keys.PERFORMANCE_SURFACE, SURFACES.__getitem__)
        tasks = [each for each in Task if each in options.tasks or each is address.task]
        _box("Task", tasks, Keys.PERFORMANCE_TASK, lambda task: task.value.capitalize())
        if address.team or teams.keys() - {NO_TEAM}:
            offered = [*teams, *({address.team} - {"", *teams})]
            _box("Team", offered, Keys.PERFORMANCE_TEAM, lambda team: _called(team, teams))
        if number:
            st.button("Clear filters", on_click=clear, icon=":material/filter_alt_off:", type="tertiary")


def said(address: Address, teams: Mapping[str, str]) -> str:
    """What is filtered by, in Markdown; empty where nothing is."""
    words = [plain(address.model or address.provider)] if address.model or address.provider else []
    words += [SURFACES[address.surface]] if address.surface else []
    words += [address.task.value.capitalize()] if address.task else []
    words += [plain(_called(address.team, teams))] if address.team else []
    return "Only " + " · ".join(f"**{each}**" for each in words) if words else ""


def clear() -> None:
    """Show all calls; only from a callback."""
    address = View().readable()
    View().go(replace(address, provider="", model="", surface=None, task=None, team=""))


def _called(team: str, teams: Mapping[str, str]) -> str:
    return teams.get(team, "Another team")


def _control(label: str, options: Mapping[Any, str], key: str, value: StrEnum) -> None:
    View().fill({key: value})
    st.segmented_control(
        label, list(options), key=key, required=True, format_func=options.__getitem__, on_change=_changed,
        label_visibility="collapsed",
    )  # fmt: skip


def _box(label: str, options: Sequence[object], key: str, words: Callable[[Any], str]) -> None:
    st.selectbox(label, options, None, key=key, format_func=words, on_change=_changed, placeholder="Any")


def _changed() -> None:
    session, before = Session(), View().readable()
    provider, model = session.typed(Keys.PERFORMANCE_PROVIDER), session.typed(Keys.PERFORMANCE_MODEL)
    if model and model != before.model:
        provider = model.partition("/")[0]
    elif model and provider != model.partition("/")[0]:
        model = ""  # another provider, or all of them again, was chosen
    View().go(
        replace(
            before,
            period=_term(Period, Keys.PERFORMANCE_PERIOD) or before.period,
            provider=provider,
            model=model,
            surface=_term(Surface, Keys.PERFORMANCE_SURFACE),
            task=_term(Task, Keys.PERFORMANCE_TASK),
            team=session.typed(Keys.PERFORMANCE_TEAM),
            by=_term(Grouping, Keys.PERFORMANCE_BY) or before.by,
            measure=_term(Measure, Keys.PERFORMANCE_MEASURE) or before.measure,
            what_if=session.typed(Keys.PERFORMANCE_WHAT_IF),
        )
    )


def what_if(address: Address, models: Sequence[str]) -> None:
    """Draw the choice of the model that the traffic is to be priced as."""
    View().fill({Keys.PERFORMANCE_WHAT_IF: address.what_if or None})
    st.selectbox(
        "Another model", models, None, key=Keys.PERFORMANCE_WHAT_IF, on_change=_changed, placeholder="Choose a model",
        label_visibility="collapsed",
    )  # fmt: skip


def _term(kind: type[_Term], key: str) -> _Term | None:
    value = Session().chosen(key)
    return value if isinstance(value, kind) else None


def _with(options: Sequence[str], value: str) -> list[str]:
    """The options with what a shared address asks for, too."""
    return sorted({*options, value}) if value else list(options)
