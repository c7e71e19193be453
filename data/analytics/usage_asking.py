"""Asks the Usage page's questions of the warehouse, and notes each statement with what it ran with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.analytics import usage_sql
from data.analytics.apart import apart, is_enough
from data.analytics.asking import rows as asked
from data.analytics.period import Span
from data.analytics.usage_sql import NAMES, PEOPLE_KNOW
from data.analytics.usage_values import Dimension, Filters, Question, Sums
from data.analytics.usage_windows import Window
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]
_PROBED = 2  # days: nearly every group has enough people in these, and then the other days need not be read


class Asker:
    """Who asks, on one cursor and with the same filters. `ran` holds each statement by the name of its part."""

    def __init__(self, con: DuckDBPyConnection, question: Question, viewer: str, *, only_own: bool) -> None:
        self.viewer, self.only_own = viewer, only_own
        self.ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._con, self._by = con, question.by
        self._parameters: dict[str, Any] = {
            **asdict(question.filters), "user_id": viewer if only_own else None, "names": None,
        }  # fmt: skip
        filters = question.filters
        self._summed = not (filters.provider or filters.model or filters.task)

    def _rows(self, part: str, statement: str, **more: Any) -> Rows:
        parameters = self._parameters | more
        used = {key: value for key, value in parameters.items() if f"${key}" in statement}
        # The names are of groups that may have to be kept back.
        self.ran[part] = statement, {key: value for key, value in used.items() if key != "names"}
        return asked(self._con, statement, used)

    def _usage(self, window: Window) -> str:
        return window.usage(self._con, own=self.only_own)

    def groups(self, part: str, window: Window) -> Rows:
        """What each group came to."""
        return self._rows(part, usage_sql.groups(self._usage(window), self._by))

    def days(self, part: str, window: Window) -> Rows:
        """What each day came to."""
        return self._rows(part, usage_sql.days(self._usage(window)))

    def hours(self, part: str, span: Span) -> Rows:
        """What each hour came to."""
        return self._rows(part, usage_sql.hours(own=self.only_own), **_edges(span))

    def options(self, window: Window) -> dict[Dimension, list[str]]:
        """What there is to filter by, without what only one or two people used."""
        row = self._rows("options", usage_sql.options(self._usage(window)))[0]
        found = {each: list(row[each.value] or ()) for each in Dimension}
        if self.only_own:
            return found
        shown = {}
        for dimension, names in found.items():
            people = self.people_by(f"people_by_{dimension}", window, dimension, names, of_all=True)
            told = apart({name: people.get(name, []) for name in names}, self.viewer)
            shown[dimension] = [name for name in names if name in told]
        return shown

    def last(self) -> datetime | None:
        """When the last call was; None: there never was one."""
        found: datetime | None = self._rows("last", usage_sql.LAST)[0]["ts"]
        return found and found.replace(tzinfo=UTC)

    def tells(self, people: Collection[str]) -> bool:
        """Whether what these people did may be shown."""
        return self.only_own or is_enough(people, self.viewer)

    def active(self, part: str, window: Window) -> int:
        """How many people there were."""
        return int(self._rows(part, usage_sql.active(self._people(window), summed=self._summed))[0]["people"])

    def people(self, part: str, window: Window) -> list[str]:
        """Some of those behind all of it: all of them where they are few."""
        if self.only_own:
            return [self.viewer]
        statement = usage_sql.people_of(self._people(window), summed=self._summed)
        return list(self._rows(part, statement)[0]["people"] or ())

    def people_by_day(self, window: Window) -> dict[str, list[str]]:
        """Some of those behind each day, by its ISO date."""
        return self._people_by("people_by_day", self._people(window), "day::VARCHAR", summed=self._summed)

    def people_by_hour(self, span: Span) -> dict[str, list[str]]:
        """Some of those behind each hour, by its naive UTC start."""
        joined = (
            "((FROM model_calls WHERE ts >= $start AND ts < $end) AS calls\n"
            "      ASOF JOIN (SELECT unnest($edges::TIMESTAMP[]) AS edge) AS hours ON calls.ts >= edge)"
        )
        return self._people_by("people_by_hour", joined, "edge::VARCHAR", summed=False, **_edges(span))

    def people_by(
        self, part: str, window: Window, by: Dimension, names: Collection[str], *, of_all: bool = False
    ) -> dict[str, list[str]]:
        """Some of the people behind each of these groups; all of them where they are few.

        Args:
            of_all: whatever is filtered by.
        """
        fitting = dict.fromkeys(_FILTERS) if of_all else {}
        if by in PEOPLE_KNOW and (of_all or self._summed):
            return self._people_by(part, window.people(self._con), NAMES[by], summed=True, **fitting)
        # Only the rows know. Of groups that have enough people in the last days the others need not be looked at.
        found = self._people_by(part, window.newest(_PROBED).callers(), NAMES[by], summed=False, **fitting)
        unsure = [name for name in names if not self._is_sure(found.get(name, []))]
        if unsure:
            rows = self._people_by(part, window.callers(), NAMES[by], summed=False, names=unsure, **fitting)
            found |= rows
        return found

    def _is_sure(self, people: Collection[str]) -> bool:
        """Whether there are enough, whoever else there may be."""
        return is_enough(people, self.viewer) and set(people) != {self.viewer}

    def _people(self, window: Window) -> str:
        return window.people(self._con) if self._summed else window.callers()

    def _people_by(self, part: str, relation: str, name: str, *, summed: bool, **more: Any) -> dict[str, list[str]]:
        rows = self._rows(part, usage_sql.people_by(relation, name, summed=summed), **more)
        return {str(row["name"]): list(row["people"] or ()) for row in rows}


def _edges(span: Span) -> dict[str, Any]:
    return {
        "start": naive_utc(span.start), "end": naive_utc(span.end), "edges": [naive_utc(edge) for edge in span.edges]
    }  # fmt: skip


_COUNTED = tuple(field.name for field in fields(Sums) if field.name not in {"spend", "saved"})
_FILTERS = tuple(field.name for field in fields(Filters))
_ZERO = {name: getattr(Sums(), name) for name in _COUNTED}


def summed_by(rows: Rows, key: str) -> dict[Any, Sums]:
    """Rows of one group each and currency, as sums by group; in the order of their first appearance."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        own = found.setdefault(row[key], {"spend": {}, "saved": {}})
        for name in _COUNTED:
            if name in row:
                own[name] = own.get(name, 0) + row[name]
        for name, column in (("spend", "cost"), ("saved", "saved")):
            if row["currency"] is not None and row.get(column):
                own[name][row["currency"]] = row[column]
    return {name: Sums(**own) for name, own in found.items()}


def all_of(sums: Iterable[Sums]) -> Sums:
    """The sum of them."""
    every = list(sums)
    told: dict[str, Any] = {name: sum((getattr(each, name) for each in every), _ZERO[name]) for name in _COUNTED}
    for name in ("spend", "saved"):
        amounts: dict[str, Decimal] = {}
        for each in every:
            for currency, amount in getattr(each, name).items():
                amounts[currency] = amounts.get(currency, Decimal()) + amount
        told[name] = amounts
    return Sums(**told)
