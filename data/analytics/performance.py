"""How fast, how reliably and at what price models answered: the typed queries behind the Performance page.

Times in and out are aware UTC, durations milliseconds, amounts decimals in their own currency. Quantiles are of raw
calls, interpolated (DuckDB's `quantile_cont`). Nothing here is about fewer than three people, see
`data.analytics.apart`; nothing here knows a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

from data.analytics.apart import apart, enough, folded, is_enough
from data.analytics.asking import rows as asked
from data.analytics.performance_sql import SQL
from data.analytics.performance_values import (
    Bucket,
    Cached,
    Errors,
    Fallback,
    Filters,
    Group,
    Grouping,
    Options,
    PerformanceFacts,
    Speed,
    Sums,
    Times,
    Totals,
    Traffic,
    Useful,
)
from data.analytics.period import Span
from data.learning.routing.reward import WORTH
from data.values.calls import CHAT
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def performance_facts(
    con: DuckDBPyConnection,
    span: Span,
    before: Span,
    filters: Filters,
    *,
    by: Grouping,
    viewer: str,
    above: Sequence[int] | None = None,
) -> PerformanceFacts:
    """Run the queries.

    Args:
        con: a cursor of the warehouse.
        span: the period. What people showed of an answer counts up to its end.
        before: what it is compared with.
        viewer: who looks: what is their own alone may be shown to them.
        above: the lengths of prompts, in tokens, above which the model in question has other prices; None: the traffic
            is not asked for.
    """
    now = _Asker(con, span, filters, by, viewer)
    sums = now.sums()
    facts = PerformanceFacts(
        span, now.is_empty, now.options(), sums, _Asker(con, before, filters, by, viewer).sums(),
        (), (), (), (), (), (), (), now.ran,
    )  # fmt: skip
    if sums is None:
        return facts
    return PerformanceFacts(
        facts.span,
        facts.is_empty,
        facts.options,
        sums,
        facts.before,
        buckets=now.buckets(),
        groups=now.groups(),
        errors=tuple(Errors(**row) for row in now.folded("errors", "kind")),
        fallbacks=tuple(Fallback(**row) for row in now.folded("fallbacks", "failed", "model_id")),
        useful=tuple(Useful(**row) for row in now.folded("useful", "model_id", beside=("currency",))),
        cached=tuple(Cached(**row) for row in now.folded("cache", "model_id", beside=("currency",))),
        traffic=() if above is None else now.traffic(above),
        ran=now.ran,
    )


# Weighed as the statistics weigh it that models are chosen and graded by; a thumb that was taken back says nothing.
_WORTHS = {signal.value: worth for signal, worth in WORTH.items() if worth is not None}


class _Asker:
    """Asks about one stretch of time, and notes each query with what it ran with."""

    def __init__(self, con: DuckDBPyConnection, span: Span, filters: Filters, by: Grouping, viewer: str) -> None:
        self._con, self._span, self._viewer = con, span, viewer
        self.ran: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.is_empty = True
        self._parameters: dict[str, Any] = {
            "start": naive_utc(span.start),
            "end": naive_utc(span.end),
            **asdict(filters),
            "viewer": viewer,
            "by": by.value,
            "chat": CHAT,
            "edges": [naive_utc(edge) for edge in span.edges],
            "signals": list(_WORTHS),
            "worths": [worth.quality for worth in _WORTHS.values()],
            "weights": [worth.weight for worth in _WORTHS.values()],
        }
        self._kept: dict[str, list[dict[str, Any]]] = {}

    def rows(self, name: str, **more: Any) -> list[dict[str, Any]]:
        """The rows of one query; a query runs once."""
        if name not in self._kept:
            parameters = self._parameters | more
            self._kept[name] = asked(self._con, SQL[name], parameters)
            used = {key: value for key, value in parameters.items() if f"${key}" in SQL[name]}
            self.ran[name] = SQL[name], used
        return self._kept[name]

    def folded(self, name: str, *key: str, beside: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The rows of one query that may be told apart, and the rest together."""
        return folded(self.rows(name), self._viewer, key=key, beside=beside)

    def sums(self) -> Sums | None:
        """The stretch as a whole."""
        row = self.rows("totals")[0] | self.rows("answers")[0]
        people, others = row.pop("people"), row.pop("others")
        self.is_empty = people == 0
        if not enough(people, others):
            return None
        speed = _speed(row)
        totals = Totals(**{name: row[name] for name in Totals.__slots__ if name != "speed"}, speed=speed)
        return Sums(
            totals,
            tuple(Useful(**row) for row in self._whole("useful")),
            tuple(Cached(**row) for row in self._whole("cache")),
        )

    def _whole(self, name: str) -> list[dict[str, Any]]:
        """The rows of all models together, by currency."""
        rows = self.rows(name)
        if not is_enough({person for row in rows for person in row["people"]}, self._viewer):
            return []
        everybody = {person for row in rows for person in row["people"]}
        alike = [{**row, "model_id": None, "people": everybody} for row in rows]
        return folded(alike, self._viewer, key=("model_id",), beside=("currency",))

    def options(self) -> Options:
        """What there is to filter by, without what only one or two people used."""
        rows = self.rows("options")

        def values(name: Any) -> tuple[str, ...]:
            groups: dict[str, set[str]] = {}
            for row in rows:
                groups.setdefault(name(row), set()).update(row["people"])
            return tuple(sorted(apart(groups, self._viewer)))

        return Options(
            values(lambda row: row["provider"]),
            values(lambda row: f"{row['provider']}/{row['model']}"),
            values(lambda row: row["surface"]),
            values(lambda row: row["task"]),
            values(lambda row: row["team"]),
        )

    def buckets(self) -> tuple[Bucket, ...]:
        """The course of the period."""
        shown = apart({row["start"]: row["people"] for row in self.rows("people_by_bucket")}, self._viewer)
        found = {row["start"].replace(tzinfo=UTC): row for row in self.rows("buckets", shown_edges=sorted(shown))}
        return tuple(Bucket(edge, _speed(found[edge]) if edge in found else None) for edge in self._span.edges)

    def groups(self) -> tuple[Group, ...]:
        """Models or providers beside each other."""
        people = {row["name"]: row["people"] for row in self.rows("people_by_group")}
        shown = apart(people, self._viewer)
        left = {person for name, each in people.items() if name not in shown for person in each}
        rows = self.rows("groups", shown_groups=sorted(shown), with_rest=is_enough(left, self._viewer))
        return tuple(Group(row["name"], row["groups"], _speed(row)) for row in rows)

    def traffic(self, above: Sequence[int]) -> tuple[Traffic, ...]:
        """Tokens of chats."""
        rows = self.rows("traffic", above=list(above))
        found = folded(rows, self._viewer, key=("model_id",), beside=("tier", "currency"))
        return tuple(Traffic(**row) for row in found)


def _speed(row: Mapping[str, Any]) -> Speed:
    ttft, whole, rate = (Times(row[f"{name}_n"], *(row[name] or ())) for name in ("ttft", "whole", "rate"))
    return Speed(row["calls"], row["failures"], ttft, whole, rate)
