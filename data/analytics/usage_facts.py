"""What calls came to, by days and by whatever tells them apart: what the Usage page shows.

Sums come from the rollups of whole days, and exactly (`data.analytics.by_day`). Nobody else's calls are told of fewer
than three people, see `data.analytics.apart`; nothing here knows a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from data.analytics.anomalies import WEEKS_AT_LEAST, WEEKS_AT_MOST, anomalies
from data.analytics.failing import failing
from data.analytics.movers import Mover, movers
from data.analytics.period import Period, span_before, span_of
from data.analytics.usage_asking import Asker, Done, all_of
from data.analytics.usage_month import month_of
from data.analytics.usage_values import (
    Bucket,
    Group,
    Measure,
    OddDay,
    Options,
    Question,
    Sums,
    UsageFacts,
)
from data.analytics.usage_windows import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOVERS = 6
_PRICED_IN = "USD"
_Size = Callable[[Sums], Decimal]


def usage_facts(
    con: DuckDBPyConnection,
    period: Period,
    question: Question,
    *,
    now: datetime,
    zone: tzinfo,
    viewer: str,
    only_own: bool,
) -> UsageFacts:
    """Run the queries.

    Args:
        con: a cursor of `WarehouseWriter.reader`.
        zone: the workspace's.
        viewer: who looks: what is their own alone may be shown to them.
        only_own: count nobody else's calls.
    """
    return _Page(Asker(con, question, viewer, only_own=only_own), period, question, now, zone).facts()


class _Page:
    def __init__(self, asker: Asker, period: Period, question: Question, now: datetime, zone: tzinfo) -> None:
        self._ask, self._by, self._measure = asker, question.by, question.measure
        self._now, self._zone = now, zone
        self._span, self._before = span_of(period, now, zone), span_before(period, now, zone)
        self._today = now.astimezone(zone).date()
        self._this = Window(self._day(self._span.start), self._today, zone)
        cut = self._day(self._before.end)
        self._both = Window(self._day(self._before.start), self._today, zone, cut, self._before.end)

    def facts(self) -> UsageFacts:
        ask = self._ask
        now, before = ask.groups(self._both, self._this.first)
        totals = all_of(each.sums for each in now.values())
        active = None if ask.only_own else ask.active(self._now, self._zone)
        facts = UsageFacts(
            self._span, self._before.end, totals, None, _PRICED_IN, active, (), (), (), False, (), (), None,
            self._options(), None, ask.ran,
        )  # fmt: skip
        if not totals.calls:
            return replace(facts, last_day=self._last())
        if not ask.tells(now.values()):
            return replace(facts, totals=None)
        compares = bool(before) and ask.tells(before.values())
        size = partial(Sums.of, measure=self._measure, currency=_main_currency(totals))
        groups, moved = self._groups(now, before if compares else None, size)
        series = self._days()
        buckets = self._buckets(series)
        sums = {day: each.sums for day, each in series.items()}
        days = self._watched(sums)
        odd, failed = self._odd(sums, days, buckets, size)
        return replace(
            facts,
            before=all_of(each.sums for each in before.values()) if compares else None,
            currency=_main_currency(totals),
            buckets=buckets,
            odd=odd,
            failing=failed,
            is_watched=bool(days),
            groups=groups,
            movers=moved,
            month=month_of(sums, self._now, self._zone, _main_currency(totals)),
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _options(self) -> Options:
        return Options({each: tuple(names) for each, names in self._ask.options(self._this).items()})

    def _days(self) -> dict[date, Done]:
        """Of enough days before the period, too, to tell what is usual."""
        first = min(self._this.first, self._today.replace(day=1)) - timedelta(days=7 * WEEKS_AT_MOST)
        return self._ask.days(Window(first, self._today, self._zone), self._this.first)

    def _buckets(self, series: Mapping[date, Done]) -> tuple[Bucket, ...]:
        if self._span.hourly:
            hours = self._ask.hours(self._span)
            found = {edge: hours.get(edge.replace(tzinfo=None)) for edge in self._span.edges}
        else:
            found = {edge: series.get(self._day(edge)) for edge in self._span.edges}
        shown = self._ask.apart({edge: done for edge, done in found.items() if done})
        return tuple(
            Bucket(edge, Sums() if done is None else done.sums if edge in shown else None)
            for edge, done in found.items()
        )

    def _watched(self, series: dict[date, Sums]) -> list[date]:
        """Days that are over, up to eight weeks before the period; none where those before it are too few to judge."""
        if self._span.hourly:
            return []
        first = max(min(series), self._this.first - timedelta(days=7 * WEEKS_AT_MOST))
        days = [first + timedelta(days=number) for number in range((self._today - first).days)]
        return days if len(days) > 7 * WEEKS_AT_LEAST else []

    def _odd(
        self, series: dict[date, Sums], days: Sequence[date], buckets: Sequence[Bucket], size: _Size
    ) -> tuple[tuple[OddDay, ...], tuple[OddDay, ...]]:
        """Those days of the period that stand out, and those on which unusually many calls failed."""
        sums, last = [series.get(day, Sums()) for day in days], (self._today - self._this.first).days
        least = 0.0 if self._measure is Measure.COST else 1.0
        odd = anomalies([float(size(each)) for each in sums], last=last, least=least)
        failed = failing([each.failures for each in sums], [each.calls for each in sums], last=last)
        hidden = {self._day(each.start) for each in buckets if each.sums is None}
        found = [[OddDay(days[each.index], each) for each in some] for some in (odd, failed)]
        told = [tuple(each for each in some if each.day not in hidden) for some in found]
        return told[0], told[1]

    def _groups(
        self, now: Mapping[str, Done], before: Mapping[str, Done] | None, size: _Size
    ) -> tuple[tuple[Group, ...], tuple[Mover[str], ...]]:
        compares, before = before is not None, before or {}
        told, then = self._ask.apart(now), self._ask.apart(before)
        # Of a group that was not there before it is known that it came to nothing.
        known = {name for name in {*now, *before} if compares and (name not in before or name in then)}
        groups = [
            Group(name, 0, now[name].sums, _sums(before, name) if name in known else None)
            for name in sorted(told, key=lambda name: (-size(now[name].sums), name))
        ]
        rest = [each for name, each in now.items() if name not in told]
        if rest and self._ask.tells(rest):
            past = [each for name, each in before.items() if name not in told]
            # What is left of the sum is that of groups which have a row now and had too few people then.
            left = [each for name, each in before.items() if name in told - then]
            tells = compares and all(not some or self._ask.tells(some) for some in (past, left))
            sums = all_of(each.sums for each in past) if tells else None
            groups.append(Group(None, len(rest), all_of(each.sums for each in rest), sums))
        moved = {name for name in known if name not in now or name in told}
        return tuple(groups), movers(
            {name: size(now[name].sums) for name in now if name in moved},
            {name: size(before[name].sums) for name in before if name in moved},
            most=MOVERS,
        )

    def _last(self) -> date | None:
        last = self._ask.last()
        return None if last is None else self._day(last)


def _main_currency(totals: Sums) -> str:
    """That of charts: dollars, where there are any, else what most was spent of."""
    if _PRICED_IN in totals.spend or not totals.spend:
        return _PRICED_IN
    return max(totals.spend, key=lambda currency: totals.spend[currency])


def _sums(groups: Mapping[str, Done], name: str) -> Sums:
    return groups[name].sums if name in groups else Sums()
