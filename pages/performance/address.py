"""What the page's address says: the period, the filters and what is looked at. It is what gets shared.

An address may come from anybody and from any release: one that says something that can't be read shows the default
view, and that is told. Half of what somebody meant would pass for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from core.performance import Question
from data.analytics.performance_values import Filters, Grouping
from data.analytics.period import Period
from data.values.actor import Surface
from data.values.tasks import Task
from pages.figures.place import Unreadable

_LONGEST = 200
_Term = TypeVar("_Term", bound=StrEnum)


class Measure(StrEnum):
    """What the chart over time and the one of models show."""

    TTFT = "first-token"
    WHOLE = "whole-answer"
    RATE = "tokens-per-second"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Address:
    """A view of the page. An empty text or None filters nothing; `model` and `what_if` are ids, `provider/name`."""

    period: Period = Period.MONTH
    provider: str = ""
    model: str = ""
    surface: Surface | None = None
    task: Task | None = None
    team: str = ""
    by: Grouping = Grouping.MODEL
    measure: Measure = Measure.TTFT
    what_if: str = ""

    @property
    def question(self) -> Question:
        """What the view is made of."""
        provider, _, name = self.model.partition("/")
        filters = Filters(provider or self.provider or None, name or None, self.surface, self.task, self.team or None)
        return Question(self.period, filters, self.by, self.what_if or None)

    @property
    def filters(self) -> tuple[str, ...]:
        """What is filtered by; a model says its provider."""
        return tuple(each for each in (self.model or self.provider, self.surface, self.task, self.team) if each)


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
        provider=one("provider"),
        model=_id(one("model")),
        surface=_read(Surface, one("surface")),
        task=_read(Task, one("task")),
        team=one("team"),
        by=_read(Grouping, one("by")) or Grouping.MODEL,
        measure=_read(Measure, one("show")) or Measure.TTFT,
        what_if=_id(one("instead")),
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
        "provider": address.provider,
        "model": address.model,
        "surface": address.surface or "",
        "task": address.task or "",
        "team": address.team,
        "by": "" if address.by is default.by else address.by.value,
        "show": "" if address.measure is default.measure else address.measure.value,
        "instead": address.what_if,
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
