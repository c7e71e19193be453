"""Asks the Performance page's questions of the warehouse, and notes each statement with what it ran with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from data.analytics.apart import apart, folded, is_enough
from data.analytics.asking import rows as asked
from data.analytics.by_day import NO_MORE, PEOPLE_BEHIND, SOME_BEHIND, Days, days_of, is_sure, quantiles
from data.analytics.performance_sql import FITS, FITS_SPEED, NAME, SQL
from data.analytics.performance_values import Filters, Grouping, Options, Times
from data.analytics.period import Span
from data.learning.routing.reward import WORTH
from data.values.calls import CHAT
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]
Speeds = Mapping[Any, Mapping[str, Times]]
"""By what calls are told apart, and by the measure."""

# Weighed as the statistics weigh it that models are chosen and graded by; a thumb that was taken back says nothing.
_WORTHS = {signal.value: worth for signal, worth in WORTH.items() if worth is not None}
_COMPARED = frozenset({"totals", "useful", "cache"})
"""Parts that tell of the period before, too, in the same statement."""
_ANSWERS = {"answers": "answered", "by_fallback": "by_fallback", "to_judge": "answers"}
"""What the totals call the sums of `answers_daily`."""
_SHARES = (0.5, 0.95, 0.99, 0.05, 0.01)
_HIGH, _LOW = (0, 1, 2), (0, 3, 4)


class Asker:
    """Who asks, on one cursor, about a period and the one before it. `ran` holds each statement by its part's name."""

    def __init__(
        self, con: DuckDBPyConnection, spans: tuple[Span, Span], filters: Filters, by: Grouping, viewer: str
    ) -> None:
        span, before = spans
        self._con, self._span, self.viewer = con, span, viewer
        self.ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._now, self._whole, self._cut = _days(con, span, before)
        self._is_coarse = filters.task is None and filters.team is None
        self._parameters: dict[str, Any] = {
            "start": naive_utc(span.start),
            "end": naive_utc(span.end),
            "first": self._now.first,
            **asdict(filters),
            "by": by.value,
            "chat": CHAT,
            "signals": list(_WORTHS),
            "worths": [worth.quality for worth in _WORTHS.values()],
            "weights": [worth.weight for worth in _WORTHS.values()],
        }
        self._kept: dict[str, Rows] = {}

    def _run(self, part: str, statement: str, **more: Any) -> Rows:
        parameters = self._parameters | more
        self.ran[part] = statement, {key: value for key, value in parameters.items() if f"${key}" in statement}
        return asked(self._con, statement, parameters)

    def rows(self, part: str, *key: str) -> Rows:
        """The rows of a part, each with people behind it; it runs once.

        Args:
            key: the columns that tell its rows apart.
        """
        if part not in self._kept:
            is_short = self._span.hourly  # then all of it is calls, one person each, and SOME_BEHIND is never sure
            rows = self._run(part, self._statement(part, PEOPLE_BEHIND if is_short else SOME_BEHIND, "true"))
            unsure = [row for row in rows if not is_sure(row["people"]) and row.get("is_judged", True)]
            if unsure and not is_short:
                few = self._run(f"{part}_people", self._statement(part, PEOPLE_BEHIND, NO_MORE))
                people = {tuple(row[name] for name in key): row["people"] for row in few}
                for row in unsure:
                    row["people"] = people[tuple(row[name] for name in key)]
            self._kept[part] = rows
        return self._kept[part]

    def _statement(self, part: str, people: str, which: str) -> str:
        days = self._cut if part in _COMPARED else self._now
        answers = self._whole.answers if part in _COMPARED else self._now.answers
        statement = SQL[part].replace("{people}", people).replace("{which}", which)
        by_hour = part == "buckets" and self._span.hourly
        usage = days.hours_for(statement) if by_hour else days.usage_for(statement)
        return statement.format(usage=usage, answers=answers, fallbacks=days.fallbacks)

    def totals(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Sums of the period, and of the one before it; None where there are no calls."""
        found = {row["is_now"]: row | dict.fromkeys(_ANSWERS, 0) for row in self.rows("totals", "is_now")}
        for row in self._answers():
            for name, column in _ANSWERS.items():
                if (sums := found.get(row["is_now"])) is not None:
                    sums[name] += row[column]
        return found.get(True), found.get(False)

    def _answers(self) -> Rows:
        return self.rows("useful", "is_now", "model_id", "currency", "is_judged")

    def _judged(self, *, is_now: bool) -> Rows:
        """Answers that something was shown of, by model and currency."""
        names = {"model_id": "model_id", "currency": "currency", "judged": "answers", "useful": "useful"}
        names |= {"cost": "cost", "people": "people"}
        found = (row for row in self._answers() if row["is_judged"] and row["is_now"] is is_now)
        return [{name: row[column] for name, column in names.items()} for row in found]

    def _cached(self, *, is_now: bool) -> Rows:
        """What caches did, by model and currency."""
        return _of(self.rows("cache", "is_now", "model_id", "currency"), is_now=is_now)

    def folded(self, part: str, *key: str, beside: Sequence[str] = ()) -> Rows:
        """The rows of a part that may be told apart, and the rest together; of the period alone."""
        by_model = {"useful": self._judged, "cache": self._cached}
        rows = by_model[part](is_now=True) if part in by_model else self.rows(part, *key, *beside)
        return folded(rows, self.viewer, key=key, beside=beside)

    def whole(self, part: str, *, is_now: bool) -> Rows:
        """The rows of all models together, by currency; none where they are of too few people."""
        rows = (self._judged if part == "useful" else self._cached)(is_now=is_now)
        everybody = {person for row in rows for person in row["people"]}
        if not is_enough(everybody, self.viewer):
            return []
        alike = [{**row, "model_id": None, "people": everybody} for row in rows]
        return folded(alike, self.viewer, key=("model_id",), beside=("currency",))

    def options(self) -> Options:
        """What there is to filter by, without what only one or two people used."""
        rows = self.rows("options", "provider", "model", "surface", "task", "team")

        def values(name: str) -> tuple[str, ...]:
            groups = {_named(row): row["people"] for row in rows if _set_of(row) == name}
            return tuple(sorted(apart(groups, self.viewer)))

        return Options(*map(values, ("provider", "model", "surface", "task", "team")))

    def long_prompts(self, above: Sequence[int]) -> Rows:
        """Chats with prompts above any of these lengths, by the model, the currency, and how many they are above."""
        if not above:
            return []
        if "long_prompts" not in self._kept:
            self._kept["long_prompts"] = self._run("long_prompts", SQL["long_prompts"], above=list(above))
        return self._kept["long_prompts"]

    def speeds(self) -> Speeds:
        """Of the period (True), and of the one before it."""
        return self._quantiles("speed", self._whole, "day >= $first", "part")

    def speeds_by_bucket(self, shown: Sequence[Any]) -> Speeds:
        """Of these days, or hours."""
        start = "TIMESTAMP" if self._span.hourly else "DATE"
        which = f"CASE WHEN list_contains($shown_edges::{start}[], part) THEN part END"
        return self._quantiles("speed_by_bucket", self._now, "day", which, shown_edges=list(shown))

    def speeds_by_group(self, shown: Sequence[str]) -> Speeds:
        """Of these groups, and with None of the others together."""
        which = "CASE WHEN list_contains($shown_groups::VARCHAR[], part) THEN part END"
        return self._quantiles("speed_by_group", self._now, NAME, which, shown_groups=list(shown))

    def _quantiles(self, name: str, days: Days, part: str, which: str, **more: Any) -> Speeds:
        """By `which` of the parts, where `part` says which a row is of; few bins are left of many rows at first."""
        speed, fits = (days.speed, FITS_SPEED) if self._is_coarse else (days.speed_by_all, FITS)
        if name == "speed_by_bucket" and self._span.hourly:
            speed, fits = days.speed_by_hour(), FITS
        binned = f"SELECT {part} AS part, measure, bin, sum(calls) AS calls FROM {speed}\n    WHERE {fits} GROUP BY ALL"  # noqa: S608
        told = f"(SELECT {which} AS part, measure, bin, calls FROM (\n    {binned}\n    ))"  # noqa: S608
        found: dict[Any, dict[str, Times]] = {}
        for row in self._run(name, quantiles(told, _SHARES, ("part", "measure")), **more):
            at = _LOW if row["measure"] == "tokens_per_second" else _HIGH
            times = Times(int(row["n"]), *(row["quantiles"][place] for place in at))
            found.setdefault(row["part"], {})[row["measure"]] = times
        return found


def _days(con: DuckDBPyConnection, span: Span, before: Span) -> tuple[Days, Days, Days]:
    """Of the period; of both; and of both up to the time of day that it is.

    Only sums are compared up to that: quantiles and shares of a whole day are as good, and need no row of that day.
    """
    first, until = span.start.astimezone(span.zone).date(), before.end.astimezone(span.zone)
    last = span.edges[-1].astimezone(span.zone).date()
    now = days_of(con, first, last, span.zone)
    both = days_of(con, before.start.astimezone(span.zone).date(), last, span.zone)
    return now, both, replace(both, cut=until.date(), until=before.end)


def _of(rows: Rows, *, is_now: bool) -> Rows:
    return [{name: value for name, value in row.items() if name != "is_now"} for row in rows if row["is_now"] is is_now]


def _set_of(row: Mapping[str, Any]) -> str:
    """By which column an option is one."""
    return next(name for name in ("model", "provider", "surface", "task", "team") if row[name] is not None)


def _named(row: Mapping[str, Any]) -> str:
    name = _set_of(row)
    return f"{row['provider']}/{row['model']}" if name == "model" else str(row[name])
