"""What calls came to, by days and by whatever tells them apart: what the Usage page shows.

Sums come from the rollups of whole days, and exactly (`data.analytics.by_day`). Nobody else's calls are told of fewer
than three people, see `data.analytics.apart`; nothing here knows a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from data.analytics.anomalies import WEEKS_AT_LEAST, WEEKS_AT_MOST, anomalies
from data.analytics.apart import apart, is_enough
from data.analytics.failing import failing
from data.analytics.movers import Mover, movers
from data.analytics.period import Period, span_before, span_of
from data.analytics.usage_asking import Asker, all_of, summed_by
from data.analytics.usage_month import month_of
from data.analytics.usage_values import (
    Active,
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
        self._that = self._up_to(self._day(self._before.start), self._before.end)

    def facts(self) -> UsageFacts:
        ask = self._ask
        now, before = (
            summed_by(ask.groups(part, window), "name")
            for part, window in (("groups", self._this), ("groups_before", self._that))
        )
        people = ask.people("people", self._this)
        totals = all_of(now.values())
        facts = UsageFacts(
            self._span, self._before.end, totals, None, _PRICED_IN, self._active(), (), (), (), False, (), (), None,
            self._options(), None, ask.ran,
        )  # fmt: skip
        if not totals.calls:
            return replace(facts, last_day=self._last())
        if not ask.tells(people):
            return replace(facts, totals=None)
        compares = before and ask.tells(ask.people("people_before", self._that))
        size = partial(Sums.of, measure=self._measure, currency=_main_currency(totals))
        groups, moved = self._groups(now, before if compares else None, size)
        series = self._days()
        buckets = self._buckets(series)
        days = self._watched(series)
        odd, failed = self._odd(series, days, buckets, size)
        return replace(
            facts,
            before=all_of(before.values()) if compares else None,
            currency=_main_currency(totals),
            buckets=buckets,
            odd=odd,
            failing=failed,
            is_watched=bool(days),
            groups=groups,
            movers=moved,
            month=month_of(series, self._now, self._zone, _main_currency(totals)),
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _up_to(self, first: date, until: datetime) -> Window:
        return Window(first, self._day(until), self._zone, until)

    def _options(self) -> Options:
        return Options({each: tuple(names) for each, names in self._ask.options(self._this).items()})

    def _active(self) -> Active | None:
        if self._ask.only_own:
            return None
        local, counts = self._now.astimezone(self._zone), []
        for length in (1, 7, 30):
            until = datetime.combine(local.date() - timedelta(days=length), local.time(), self._zone).astimezone(UTC)
            now = Window(local.date() - timedelta(days=length - 1), local.date(), self._zone)
            then = self._up_to(local.date() - timedelta(days=2 * length - 1), until)
            counts.append(
                (self._ask.active(f"active_{length}", now), self._ask.active(f"active_{length}_before", then))
            )
        return Active(*(now for now, _ in counts), *(before for _, before in counts))

    def _days(self) -> dict[date, Sums]:
        """Of enough days before the period, too, to tell what is usual."""
        first = min(self._this.first, self._today.replace(day=1)) - timedelta(days=7 * WEEKS_AT_MOST)
        return summed_by(self._ask.days("days", Window(first, self._today, self._zone)), "day")

    def _buckets(self, series: dict[date, Sums]) -> tuple[Bucket, ...]:
        hourly, edges = self._span.hourly, self._span.edges
        if hourly:
            found = summed_by(self._ask.hours("hours", self._span), "start")
            sums = {edge: found.get(edge.replace(tzinfo=None), Sums()) for edge in edges}
        else:
            sums = {edge: series.get(self._day(edge), Sums()) for edge in edges}
        if self._ask.only_own:
            return tuple(Bucket(edge, each) for edge, each in sums.items())
        if hourly:
            behind = self._ask.people_by_hour(self._span)
            people = {edge: behind.get(str(edge.replace(tzinfo=None)), []) for edge in edges if sums[edge].calls}
        else:
            behind = self._ask.people_by_day(self._this)
            people = {edge: behind.get(str(self._day(edge)), []) for edge in edges if sums[edge].calls}
        shown = apart(people, self._ask.viewer)
        return tuple(Bucket(edge, each if edge in shown or not each.calls else None) for edge, each in sums.items())

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
        self, now: dict[str, Sums], before: dict[str, Sums] | None, size: _Size
    ) -> tuple[tuple[Group, ...], tuple[Mover[str], ...]]:
        told, left = self._told("people_by_group", self._this, now)
        then, left_then = self._told("people_by_group_before", self._that, before or {})
        compares, before = before is not None, before or {}
        # Of a group that was not there before it is known that it came to nothing.
        known = {name for name in {*now, *before} if compares and (name not in before or name in then)}
        groups = [
            Group(name, 0, now[name], before.get(name, Sums()) if name in known else None)
            for name in sorted(told, key=lambda name: (-size(now[name]), name))
        ]
        rest = [name for name in now if name not in told]
        if rest and left:
            past = [before[name] for name in before if name not in told]
            groups.append(
                Group(None, len(rest), all_of(map(now.__getitem__, rest)), all_of(past) if left_then else None)
            )
        moved = {name for name in known if name not in now or name in told}
        return tuple(groups), movers(
            {name: size(now[name]) for name in now if name in moved},
            {name: size(before[name]) for name in before if name in moved},
            most=MOVERS,
        )

    def _told(self, part: str, window: Window, sums: Mapping[str, Sums]) -> tuple[frozenset[str], bool]:
        """The groups that may have a row, and whether the others may have one together."""
        if self._ask.only_own or not sums:
            return frozenset(sums), False
        people = self._ask.people_by(part, window, self._by, list(sums))
        shown = apart({each: people.get(each, []) for each in sums}, self._ask.viewer)
        left = {person for each in sums if each not in shown for person in people.get(each, [])}
        return shown, is_enough(left, self._ask.viewer)

    def _last(self) -> date | None:
        last = self._ask.last()
        return None if last is None else self._day(last)


def _main_currency(totals: Sums) -> str:
    """That of charts: dollars, where there are any, else what most was spent of."""
    if _PRICED_IN in totals.spend or not totals.spend:
        return _PRICED_IN
    return max(totals.spend, key=lambda currency: totals.spend[currency])
