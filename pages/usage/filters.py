"""Which calls the person wants to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

from core.usage import UsagePage
from data.analytics.period import Period
from data.analytics.usage_values import Dimension, Measure
from data.values.actor import Surface
from data.values.tasks import Task
from pages.figures.beginning import PERIODS
from pages.figures.words import SURFACES
from pages.plain import plain
from pages.session import Session
from pages.usage.address import Address
from pages.usage.view import View
from pages.usage.words import DIMENSIONS, MEASURES, named
from pages.widget_keys import Keys

_Term = TypeVar("_Term", bound=StrEnum)


def period(address: Address) -> None:
    """Draw the choice of the period."""
    _control("Period", PERIODS, Keys.USAGE_PERIOD, address.period)


def measure(address: Address) -> None:
    """Draw the choice of what the charts show."""
    _control("Show", MEASURES, Keys.USAGE_MEASURE, address.measure)


def grouping(address: Address, *, teams: bool) -> None:
    """Draw the choice by what calls are told apart."""
    offered = {each: name for each, name in DIMENSIONS.items() if teams or each is not Dimension.TEAM}
    _control("By", offered, Keys.USAGE_BY, address.by)


def draw(address: Address, page: UsagePage) -> None:
    """Draw the filters as the address says, and a chip for each that is set, which takes it off."""
    options = page.facts.options.of
    provider = address.model.partition("/")[0] or address.provider
    View().fill(
        {
            Keys.USAGE_TEAM: address.team or None,
            Keys.USAGE_PROVIDER: provider or None,
            Keys.USAGE_MODEL: address.model or None,
            Keys.USAGE_MODALITY: address.modality or None,
            Keys.USAGE_SURFACE: address.surface,
            Keys.USAGE_TASK: address.task,
        }
    )
    with st.container(horizontal=True, vertical_alignment="center", key=Keys.USAGE_CHIPS):
        with st.popover("Filters", icon=":material/tune:"):
            if page.everyone:
                _box("Team", _with(options[Dimension.TEAM], address.team), Keys.USAGE_TEAM, _team(page.teams))
            models = [each for each in options[Dimension.MODEL] if not provider or each.startswith(f"{provider}/")]
            _box("Provider", _with(options[Dimension.PROVIDER], provider), Keys.USAGE_PROVIDER, str)
            _box("Model", _with(models, address.model), Keys.USAGE_MODEL, str)
            modalities = _with(options[Dimension.MODALITY], address.modality)
            _box("Modality", modalities, Keys.USAGE_MODALITY, lambda value: str(value).capitalize())
            tasks = [each for each in Task if each in options[Dimension.TASK] or each is address.task]
            _box("Task", tasks, Keys.USAGE_TASK, lambda task: task.value.capitalize())
            surfaces = [each for each in Surface if each in options[Dimension.SURFACE] or each is address.surface]
            _box("Asked in", surfaces, Keys.USAGE_SURFACE, SURFACES.__getitem__)
        for dimension, value in address.filters:
            name = _short(named(dimension, value, page.teams))
            st.button(
                f"{DIMENSIONS[dimension]}: {name}", key=f"usage-chip-{dimension}",
                icon=":material/close:", on_click=_drop, args=(dimension,), help="Take this filter off",
            )  # fmt: skip


def clear() -> None:
    """Show all calls; only from a callback."""
    View().go(View().readable().unfiltered())


def _drop(dimension: Dimension) -> None:
    View().go(View().readable().without(dimension))


def _short(name: str) -> str:
    return plain(name if len(name) <= 40 else f"{name[:38]}…")


def _team(teams: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: named(Dimension.TEAM, str(value), teams)


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
    provider, model = session.typed(Keys.USAGE_PROVIDER), session.typed(Keys.USAGE_MODEL)
    if model and model != before.model:
        provider = model.partition("/")[0]
    elif model and provider != model.partition("/")[0]:
        model = ""  # another provider, or all of them again, was chosen
    View().go(
        replace(
            before,
            period=_term(Period, Keys.USAGE_PERIOD) or before.period,
            team=session.typed(Keys.USAGE_TEAM),
            provider=provider,
            model=model,
            modality=session.typed(Keys.USAGE_MODALITY),
            surface=_term(Surface, Keys.USAGE_SURFACE),
            task=_term(Task, Keys.USAGE_TASK),
            by=_term(Dimension, Keys.USAGE_BY) or before.by,
            measure=_term(Measure, Keys.USAGE_MEASURE) or before.measure,
        )
    )


def _term(kind: type[_Term], key: str) -> _Term | None:
    value = Session().chosen(key)
    return value if isinstance(value, kind) else None


def _with(options: Sequence[str], value: str) -> list[str]:
    """The options with what a shared address asks for, too."""
    return sorted({*options, value}) if value else list(options)
