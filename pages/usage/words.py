"""What the Usage page says: names, amounts and changes as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from data.analytics.movers import Mover
from data.analytics.period import Period
from data.analytics.usage import RecentCall, Spend
from data.analytics.usage_values import Bucket, Dimension, Group, Measure, OddDay, Sums, UsageFacts
from data.values.actor import Surface
from pages.figures.words import SURFACES
from pages.usage_words import NONE, NOT_PRICED, cost, count, duration, money

DIMENSIONS = {
    Dimension.MODEL: "Model",
    Dimension.PROVIDER: "Provider",
    Dimension.TEAM: "Team",
    Dimension.MODALITY: "Modality",
    Dimension.TASK: "Task",
    Dimension.SURFACE: "Asked in",
}
MEASURES = {Measure.CALLS: "Calls", Measure.TOKENS: "Tokens", Measure.COST: "Cost"}
_BEFORE = {
    Period.TODAY: "yesterday by this time",
    Period.WEEK: "the 7 days before",
    Period.MONTH: "the 30 days before",
    Period.QUARTER: "the 90 days before",
}
_THINGS = {Dimension.MODALITY: "modalities", Dimension.SURFACE: "places"}


def named(dimension: Dimension, value: str, teams: Mapping[str, str]) -> str:
    """What a value of a dimension is called."""
    if dimension is Dimension.TEAM:
        return teams.get(value, "A team that is gone")
    if dimension is Dimension.SURFACE:
        return SURFACES[Surface(value)] if value in set(Surface) else value
    return value.capitalize() if dimension in {Dimension.TASK, Dimension.MODALITY} else value


def group_name(group: Group, dimension: Dimension, teams: Mapping[str, str]) -> str:
    """What stands in the first column."""
    if group.name is not None:
        return named(dimension, group.name, teams)
    things = _THINGS.get(dimension, f"{dimension.value}s")
    return f"{group.rest} other {things}" if group.rest > 1 else "All others"


def amount(sums: Sums, measure: Measure, currency: str) -> str:
    """How much, with ≈ where it rests on estimates."""
    if measure is Measure.COST:
        if currency not in sums.spend:
            return NOT_PRICED if sums.unpriced else NONE
        return cost((Spend(currency, sums.spend[currency]),), estimated=sums.estimated > 0)
    if measure is Measure.TOKENS:
        return ("≈ " if sums.tokens_estimated else "") + count(sums.tokens)
    return count(sums.calls)


def told(value: float | Decimal, measure: Measure, currency: str) -> str:
    """A number of a measure."""
    if measure is Measure.COST:
        return money(Spend(currency, Decimal(value) if isinstance(value, Decimal) else Decimal(f"{value:.6f}")))
    return count(round(value))


def spend(amounts: Mapping[str, Decimal], *, estimated: bool = False) -> str:
    """What was spent, each currency for itself."""
    return cost([Spend(currency, each) for currency, each in amounts.items()], estimated=estimated)


def before(period: Period) -> str:
    """With what a period is compared."""
    return _BEFORE[period]


def change(now: float | Decimal, then: float | Decimal, compared: str) -> str:
    """+12% against the 7 days before."""
    within = compared if compared.startswith("yesterday") else f"in {compared}"
    if not then:
        return f"none {within}" if now else f"as {within}"
    percent = 100 * (float(now) / float(then) - 1)
    if abs(percent) < 0.5:
        return f"as much as {within}"
    if percent >= 1000:
        return f"{1 + percent / 100:,.0f} times as much as {within}"
    return f"{percent:+.0f}% against {compared}".replace("-", "−")


def odd(day: OddDay, measure: Measure, currency: str) -> str:
    """Thursday 12 November: 640, usual would have been 120 to 180."""
    found = day.found
    low, high, value = (told(each, measure, currency) for each in (found.low, found.high, found.value))
    return f"{weekday(day.day)}: {value}; {low} to {high} would have been usual."


def failing(day: OddDay) -> str:
    """Thursday 12 November: 31% failed; 1% to 4% would have been usual."""
    found = day.found
    return f"{weekday(day.day)}: {found.value:.0%} failed; {usual_share(day)} would have been usual."


def usual_share(day: OddDay) -> str:
    """1% to 4%."""
    return f"{day.found.low:.0%} to {day.found.high:.0%}"


def weekday(day: date) -> str:
    """Thursday 12 November."""
    return f"{day:%A} {day.day} {day:%B}"


def short(day: date) -> str:
    """12 November."""
    return f"{day.day} {day:%B}"


def group_rows(facts: UsageFacts, dimension: Dimension, teams: Mapping[str, str]) -> list[dict[str, object]]:
    """The groups for the table."""
    return [
        {
            DIMENSIONS[dimension]: group_name(each, dimension, teams),
            "Calls": each.now.calls,
            "Tokens in": each.now.input_tokens,
            "Tokens out": each.now.output_tokens,
            "Cost": spend(each.now.spend, estimated=each.now.estimated > 0) if each.now.spend else _unpriced(each.now),
            "Failed": each.now.failures,
            "Calls before": None if each.before is None else each.before.calls,
            "Cost before": None if each.before is None else spend(each.before.spend) if each.before.spend else NONE,
        }
        for each in facts.groups
    ]


def _unpriced(sums: Sums) -> str:
    return NOT_PRICED if sums.unpriced else NONE


def group_figures(facts: UsageFacts, dimension: Dimension, teams: Mapping[str, str]) -> list[dict[str, object]]:
    """The groups for a file: amounts with all their digits, a row for each currency."""
    return [
        {
            DIMENSIONS[dimension]: group_name(group, dimension, teams),
            "Calls": group.now.calls,
            "Failed": group.now.failures,
            "Tokens in": group.now.input_tokens,
            "Tokens out": group.now.output_tokens,
            "Currency": currency,
            "Cost": group.now.spend.get(currency or ""),
            "Calls before": None if group.before is None else group.before.calls,
            "Cost before": None if group.before is None else group.before.spend.get(currency or ""),
        }
        for group in facts.groups
        for currency in sorted({*group.now.spend, *(group.before.spend if group.before else ())}) or [None]
    ]


def bucket_figures(facts: UsageFacts) -> list[dict[str, object]]:
    """The course of the period for a file; hours and days of too few people are left out."""
    return [_bucket(each, facts) for each in facts.buckets if each.sums is not None]


def _bucket(bucket: Bucket, facts: UsageFacts) -> dict[str, object]:
    sums = bucket.sums or Sums()
    return {
        "From": bucket.start.astimezone(facts.span.zone).isoformat(timespec="minutes"),
        "Calls": sums.calls,
        "Failed": sums.failures,
        "Tokens in": sums.input_tokens,
        "Tokens out": sums.output_tokens,
        "Currency": facts.currency,
        "Cost": sums.spend.get(facts.currency),
    }


def mover_rows(
    moved: Iterable[Mover[str]], dimension: Dimension, measure: Measure, currency: str, teams: Mapping[str, str]
) -> list[dict[str, object]]:
    """What changed most."""
    return [
        {
            DIMENSIONS[dimension]: named(dimension, each.key, teams),
            "Change": ("+" if each.change > 0 else "−") + told(abs(each.change), measure, currency),
            "Now": told(each.now, measure, currency),
            "Before": told(each.before, measure, currency),
            "In percent": "new" if each.ratio is None else f"{100 * each.ratio:+.0f}%".replace("-", "−"),
        }
        for each in moved
    ]


def mover_figures(
    moved: Iterable[Mover[str]], dimension: Dimension, measure: Measure, currency: str, teams: Mapping[str, str]
) -> list[dict[str, object]]:
    """What changed most, for a file."""
    what = f"Cost in {currency}" if measure is Measure.COST else MEASURES[measure]
    return [
        {DIMENSIONS[dimension]: named(dimension, each.key, teams), "Of": what, "Now": each.now, "Before": each.before}
        for each in moved
    ]


def recent_row(call: RecentCall, when: str) -> dict[str, object]:
    """One of the last calls."""
    tokens = None if call.input_tokens is None else call.input_tokens + (call.output_tokens or 0)
    ended = f"failed: {call.error_kind.replace('_', ' ')}" if call.error_kind else call.status
    return {
        "Time": when,
        "Model": f"{call.provider}/{call.model}",
        "Ended": "from the cache" if call.cache == "hit" else ended,
        "Tokens": NONE if tokens is None else ("≈ " if call.tokens_estimated else "") + f"{tokens:,}",
        "Cost": cost((call.cost,), estimated=call.cost_basis == "estimated") if call.cost else NOT_PRICED,
        "First token": duration(call.ttft_ms),
        "Whole answer": duration(call.latency_ms),
    }
