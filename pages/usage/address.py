"""What the page's address says: the period, the filters and what is looked at. It is what gets shared.

As on the Performance page an address that says something that can't be read shows the default view, and that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from data.analytics.period import Period
from data.analytics.usage_values import Dimension, Filters, Measure, Question
from data.values.actor import Surface
from data.values.tasks import Task
from pages.figures.place import Unreadable

_LONGEST = 200
_Term = TypeVar("_Term", bound=StrEnum)
_NEXT = {
    Dimension.TEAM: Dimension.MODEL,
    Dimension.PROVIDER: Dimension.MODEL,
    Dimension.MODEL: Dimension.TASK,
    Dimension.MODALITY: Dimension.MODEL,
    Dimension.TASK: Dimension.MODEL,
    Dimension.SURFACE: Dimension.MODEL,
}


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page. An empty text or None filters nothing; `team` is an id, `model` `provider/name`."""

    period: Period = Period.MONTH
    team: str = ""
    provider: str = ""
    model: str = ""
    modality: str = ""
    surface: Surface | None = None
    task: Task | None = None
    by: Dimension = Dimension.MODEL
    measure: Measure = Measure.CALLS

    @property
    def question(self) -> Question:
        """What the view is made of."""
        provider, _, name = self.model.partition("/")
        filters = Filters(
            self.team or None,
            provider or self.provider or None,
            name or None,
            self.surface,
            self.modality or None,
            self.task,
        )
        return Question(filters, self.by, self.measure)

    @property
    def filters(self) -> tuple[tuple[Dimension, str], ...]:
        """What is filtered by; a model says its provider."""
        named = (
            (Dimension.TEAM, self.team),
            (Dimension.PROVIDER, "" if self.model else self.provider),
            (Dimension.MODEL, self.model),
            (Dimension.MODALITY, self.modality),
            (Dimension.TASK, self.task or ""),
            (Dimension.SURFACE, self.surface or ""),
        )
        return tuple((dimension, str(value)) for dimension, value in named if value)

    def within(self, dimension: Dimension, value: str) -> Address:
        """The view of what has this value alone, told apart by what comes next. Raises Unreadable."""
        narrowed = self.without(dimension)
        match dimension:
            case Dimension.MODEL:
                narrowed = replace(narrowed, model=_id(value), provider=value.partition("/")[0])
            case Dimension.PROVIDER:
                narrowed = replace(narrowed, provider=value)
            case Dimension.TEAM:
                narrowed = replace(narrowed, team=value)
            case Dimension.MODALITY:
                narrowed = replace(narrowed, modality=value)
            case Dimension.TASK:
                narrowed = replace(narrowed, task=_read(Task, value))
            case Dimension.SURFACE:
                narrowed = replace(narrowed, surface=_read(Surface, value))
        following, set_already = _NEXT[dimension], {each for each, _ in narrowed.filters}
        if following in set_already:
            following = next((each for each in Dimension if each not in set_already), dimension)
        return replace(narrowed, by=following)

    def without(self, dimension: Dimension) -> Address:
        """The view without this filter."""
        match dimension:
            case Dimension.MODEL:
                return replace(self, model="")
            case Dimension.PROVIDER:
                return replace(self, provider="", model="")
            case Dimension.TEAM:
                return replace(self, team="")
            case Dimension.MODALITY:
                return replace(self, modality="")
            case Dimension.TASK:
                return replace(self, task=None)
            case Dimension.SURFACE:
                return replace(self, surface=None)

    def unfiltered(self) -> Address:
        """The view of all calls."""
        return Address(self.period, by=self.by, measure=self.measure)


def read(params: Mapping[str, Sequence[str]]) -> Address:
    """The address of these parameters, each with all its values. Names that are not the page's are passed over.

    Raises:
        Unreadable: one of its own has a value that can't be.
    """

    def one(name: str) -> str:
        value = (params.get(name) or ("",))[0]
        if len(value) > _LONGEST or not value.isprintable():
            raise Unreadable(name)
        return value

    address = Address(
        period=_read(Period, one("period")) or Period.MONTH,
        team=one("team"),
        provider=one("provider"),
        model=_id(one("model")),
        modality=one("modality"),
        surface=_read(Surface, one("surface")),
        task=_read(Task, one("task")),
        by=_read(Dimension, one("by")) or Dimension.MODEL,
        measure=_read(Measure, one("show")) or Measure.CALLS,
    )
    if "/" in address.provider:
        raise Unreadable("provider")
    if address.model and address.provider not in {"", address.model.partition("/")[0]}:
        raise Unreadable("model")
    return address


def written(address: Address) -> dict[str, str]:
    """The parameters that `read` makes this address of; what is as always is not there."""
    default = Address()
    params = {
        "period": "" if address.period is default.period else address.period.value,
        "team": address.team,
        "provider": address.provider,
        "model": address.model,
        "modality": address.modality,
        "surface": address.surface or "",
        "task": address.task or "",
        "by": "" if address.by is default.by else address.by.value,
        "show": "" if address.measure is default.measure else address.measure.value,
    }
    return {name: str(value) for name, value in params.items() if value}


def _read(kind: type[_Term], text: str) -> _Term | None:
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise Unreadable(text) from error


def _id(text: str) -> str:
    provider, slash, name = text.partition("/")
    if text and not (provider and slash and name):
        raise Unreadable(text)
    return text
