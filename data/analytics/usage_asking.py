"""Asks the Usage page's questions of the warehouse, and notes each statement with what it ran with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from data.analytics import usage_sql
from data.analytics.apart import apart, is_enough
from data.analytics.asking import rows as asked
from data.analytics.by_day import is_sure
from data.analytics.period import Span
from data.analytics.usage_values import Active, Dimension, Question, Sums
from data.analytics.usage_windows import Window
from data.values.sample import is_sample
from data.warehouse.dirty import dirty_days
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]
_Key = TypeVar("_Key", bound=Hashable)
_STRETCHES = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Done:
    """What some calls came to, and ids of people behind them: all where they are few, else enough to know that."""

    sums: Sums
    people: frozenset[str]


class Asker:
    """Who asks, on one cursor and with the same filters. `ran` holds each statement by the name of its part."""

    def __init__(self, con: DuckDBPyConnection, question: Question, viewer: str, *, only_own: bool) -> None:
        self.viewer, self.only_own = viewer, only_own
        self.ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._con, self._by = con, question.by
        self._dirty = dirty_days(con)
        self._parameters: dict[str, Any] = {**asdict(question.filters), "user_id": viewer if only_own else None}
        filters = question.filters
        self._summed = not (filters.provider or filters.model or filters.task)

    def _rows(self, part: str, statement: str, **more: Any) -> Rows:
        parameters = self._parameters | more
        used = {key: value for key, value in parameters.items() if f"${key}" in statement}
        self.ran[part] = statement, used
        return asked(self._con, statement, used)

    def _over(self, window: Window, part: str, statement: str) -> Rows:
        relation = window.usage(statement, self._dirty, own=self.only_own)
        return self._rows(part, statement.replace(usage_sql.DAYS, relation))

    def groups(self, window: Window, first: date) -> tuple[dict[str, Done], dict[str, Done]]:
        """What each group came to, from a day on and before it."""
        rows = self._over(window, "groups", usage_sql.groups(self._by, first))
        fully = partial(self._over, window, "people_by_group", usage_sql.people_by_group(self._by, first))
        people = self._behind(rows, ("is_now", "name"), fully)
        now, before = (
            {
                name: Done(sums, people[is_now, name])
                for name, sums in summed_by((row for row in rows if row["is_now"] is is_now), "name").items()
            }
            for is_now in (True, False)
        )
        return now, before

    def days(self, window: Window, shown: date) -> dict[date, Done]:
        """What each day came to; those before `shown` need not say who is behind them."""
        rows = self._over(window, "days", usage_sql.days())
        people = {day: some for (day,), some in _together(rows, ("day",)).items()}
        unsure = [day for day, some in people.items() if day >= shown and not _is_sure(some)]
        if unsure and not self.only_own:
            few = Window(min(unsure), max(unsure), window.zone)
            every = _together(self._over(few, "people_by_day", usage_sql.people_by_day()), ("day",))
            people |= {day: every[(day,)] for day in unsure}
        return {day: Done(sums, people[day]) for day, sums in summed_by(rows, "day").items()}

    def hours(self, span: Span) -> dict[datetime, Done]:
        """What each hour came to, by its naive UTC start."""
        rows = self._rows("hours", usage_sql.hours(own=self.only_own), **_edges(span))
        people = _together(rows, ("start",))
        return {start: Done(sums, people[(start,)]) for start, sums in summed_by(rows, "start").items()}

    def options(self, window: Window) -> dict[Dimension, list[str]]:
        """What there is to filter by, without what only one or two people used."""
        keys = tuple(f"{dimension}_name" for dimension in Dimension)
        rows = self._over(window, "options", usage_sql.options())
        fully = partial(self._over, window, "people_by_option", usage_sql.people_by_option())
        people = self._behind(rows, keys, fully)
        shown = {}
        for place, dimension in enumerate(Dimension):
            behind = {key[place]: some for key, some in people.items() if key[place] is not None}
            told = frozenset(behind) if self.only_own else apart(behind, self.viewer)
            shown[dimension] = sorted(told)
        return shown

    def active(self, now: datetime, zone: tzinfo) -> Active:
        """How many people there were up to this moment, and before each stretch up to the same time of its last day."""
        local, today = now.astimezone(zone), now.astimezone(zone).date()
        cuts, stretches = [], {}
        for name, days in _STRETCHES.items():
            cut, begun = _ago(today, days), _ago(today, 2 * days)
            until = datetime.combine(cut, local.time(), zone).astimezone(UTC)
            cuts.append(Window(cut, cut, zone, cut, until).callers())
            stretches[name] = f"NOT is_cut AND day > DATE '{cut}'"
            before = f"day > DATE '{begun}' AND day < DATE '{cut}'"
            stretches[f"{name}_before"] = f"if(is_cut, day = DATE '{cut}', {before})"
        window = Window(_ago(today, 59), today, zone)
        whole = window.people(self._dirty) if self._summed else window.callers()
        relation = usage_sql.with_cuts(whole, cuts, summed=self._summed)
        return Active(**self._rows("active", usage_sql.active(relation, stretches, summed=self._summed))[0])

    def last(self) -> datetime | None:
        """When the last call was; None: there never was one."""
        found: datetime | None = self._rows("last", usage_sql.LAST)[0]["ts"]
        return found and found.replace(tzinfo=UTC)

    def tells(self, some: Iterable[Done]) -> bool:
        """Whether what all of this came to may be shown."""
        return self.only_own or is_enough({person for each in some for person in each.people}, self.viewer)

    def apart(self, groups: Mapping[_Key, Done]) -> frozenset[_Key]:
        """Those that may be told apart; of two with as many people behind them the one of fewer calls is left out."""
        if self.only_own:
            return frozenset(groups)
        ordered = sorted(groups, key=lambda each: -groups[each].sums.calls)
        return apart({each: groups[each].people for each in ordered}, self.viewer)

    def _behind(
        self, rows: Rows, keys: tuple[str, ...], fully: Callable[[], Rows]
    ) -> dict[tuple[Any, ...], frozenset[str]]:
        """The people of each group; `fully` asks for all of those who may be too few."""
        found = _together(rows, keys)
        unsure = {key for key, people in found.items() if not _is_sure(people)}
        if unsure and not self.only_own:
            every = _together(fully(), keys)
            found |= {key: every[key] for key in unsure if key in every}
        return found


def _together(rows: Rows, keys: tuple[str, ...]) -> dict[tuple[Any, ...], frozenset[str]]:
    people: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        people.setdefault(tuple(row[key] for key in keys), set()).update(row["people"])
    return {key: frozenset(some) for key, some in people.items()}


def _is_sure(people: Collection[str]) -> bool:
    """Whether these are enough, whoever else there is; made-up ones are where there are no others."""
    return is_sure([each for each in people if not is_sample(each)] or people)


def _ago(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _edges(span: Span) -> dict[str, Any]:
    return {
        "start": naive_utc(span.start), "end": naive_utc(span.end), "edges": [naive_utc(edge) for edge in span.edges]
    }  # fmt: skip


_COUNTED = tuple(field.name for field in fields(Sums) if field.name not in {"spend", "saved"})
_ZERO = {name: getattr(Sums(), name) for name in _COUNTED}


def summed_by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[Any, Sums]:
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
