"""What the Performance page says: times, shares and amounts as an analyst reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from core.performance import Instead, WhatIf
from data.analytics.performance_values import Cached, Errors, Fallback, Group, Grouping, Sums, Times, Useful
from data.analytics.usage import Spend
from pages.usage_words import NONE, NOT_PRICED, cost, count, duration, money

_ERRORS = {
    "auth": "The provider refused the key",
    "key_expired": "The key had expired",
    "key_locked": "The key was locked",
    "key_unusable": "The key could not be used",
    "address_refused": "The address may not be called",
    "rate_limit": "Too many requests for the provider",
    "bad_request": "The request was refused",
    "not_found": "No such model there",
    "unreachable": "Not reachable",
    "timeout": "Took too long",
    "stream_cut": "The answer broke off",
    "bad_response": "The answer was not readable",
    "provider": "The provider failed",
    "internal": "Gearbox failed",
    "cut_off": "Gearbox ended meanwhile",
}
_UNNAMED = {Grouping.MODEL: "models", Grouping.PROVIDER: "providers"}


def speed(rate: float | None) -> str:
    """85/s, and below ten with a digit more."""
    return NONE if rate is None else f"{rate:,.0f}/s" if rate >= 9.95 else f"{rate:.1f}/s"


def share(part: float, whole: float) -> str:
    """3.6%; nothing of nothing is no share."""
    if not whole:
        return NONE
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "< 0.1%"
    return f"{percent:.1f}%" if 0 < percent < 99.95 else f"{percent:.0f}%"


def three(times: Times, words: Any = duration) -> str:
    """What 95 and 99 of a hundred calls kept to."""
    return f"{_whole(f'p95 {words(times.p95)}')} · {_whole(f'p99 {words(times.p99)}')}"


def change(now: float | None, before: float | None) -> str:
    """+12%, against the period before; empty where there is nothing to compare."""
    if now is None or not before:
        return ""
    percent = 100 * (now / before - 1)
    return f"{percent:+.0f}%" if abs(percent) >= 0.5 else "as much"


def before(told: str, moved: str = "") -> str:
    """The line about the period before."""
    return f"before: {_whole(told)}" + (f" ({moved})" if moved else "")


def _whole(told: str) -> str:
    """The same, and no line ends in it."""
    return told.replace(" ", "\u00a0")


def error(kind: str | None, rest: int = 0) -> str:
    """Why calls failed, in words; a newer release's kind as it is called."""
    return others(rest, "reasons") if kind is None else _ERRORS.get(kind, kind.replace("_", " ").capitalize())


def others(number: int, things: str) -> str:
    """The row of what may not be told apart."""
    return f"{number} other {things if number > 1 else things.removesuffix('s')}"


def group_name(group: Group, by: Grouping) -> str:
    """What stands in the first column."""
    return others(group.groups, _UNNAMED[by]) if group.name is None else group.name


def group_rows(groups: Iterable[Group], by: Grouping) -> list[dict[str, object]]:
    """Speed and errors of models or providers as numbers, for the table."""
    return [
        {
            by.value.capitalize(): group_name(group, by),
            "Calls": group.speed.calls,
            "Failed": round(100 * group.speed.failures / group.speed.calls, 2),
            **times_row("First token", group.speed.ttft, 0),
            **times_row("Whole answer", group.speed.whole, 0),
            **times_row("Tokens/s", group.speed.rate, 1),
        }
        for group in groups
    ]


def times_row(name: str, times: Times, digits: int) -> dict[str, object]:
    """The three quantiles, each in a column."""
    values = {"p50": times.p50, "p95": times.p95, "p99": times.p99}
    return {f"{name} {q}": None if value is None else round(value, digits) for q, value in values.items()}


def error_rows(errors: Iterable[Errors], calls: int) -> list[dict[str, object]]:
    """Why calls failed."""
    return [
        {"Reason": error(each.kind, each.rest), "Calls": each.calls, "Of all calls": share(each.calls, calls)}
        for each in errors
    ]


def fallback_rows(fallbacks: Iterable[Fallback]) -> list[dict[str, object]]:
    """Who stood in for whom."""
    return [
        {
            "Failed before": others(each.rest, "pairs") if each.rest else each.failed or "not asked, or not known",
            "Stood in": "" if each.rest else each.model_id,
            "Calls": each.calls,
            "Answered": each.answered,
        }
        for each in fallbacks
    ]


def useful_rows(rows: Iterable[Useful]) -> list[dict[str, object]]:
    """What a useful answer cost."""
    return [
        {
            "Model": others(each.rest, "models") if each.model_id is None else each.model_id,
            "A useful answer": per_useful((each,)),
            "n": each.judged,
            "Useful": each.useful,
            "Useful share": share(each.useful, each.judged),
            "Cost of the n": NOT_PRICED if each.currency is None else _amount(each.currency, each.cost),
        }
        for each in rows
    ]


def per_useful(rows: Sequence[Useful]) -> str:
    """The cost of a useful answer in each currency; “–” where none was found useful."""
    priced = [each for each in rows if each.currency is not None]
    if not priced:
        return NOT_PRICED
    costs = [Spend(each.currency or "", (each.cost or Decimal()) / each.useful) for each in priced if each.useful]
    return " + ".join(map(money, costs)) if costs else NONE


def cache_rows(rows: Iterable[Cached]) -> list[dict[str, object]]:
    """What caches did, a row for each model."""
    models: dict[tuple[str | None, int], list[Cached]] = {}
    for each in rows:
        models.setdefault((each.model_id, each.rest), []).append(each)
    return [
        {
            "Model": others(rest, "models") if model_id is None else model_id,
            "Asked": sum(each.asked for each in found),
            "Answered": sum(each.hits for each in found),
            "Saved": cost(saved(found)) if any(each.hits for each in found) else NONE,
            "Without a price": sum(each.unpriced_hits for each in found),
            "Tokens cached there": sum(each.cached_tokens for each in found),
        }
        for (model_id, rest), found in models.items()
    ]


def saved(rows: Iterable[Cached]) -> tuple[Spend, ...]:
    """What hits would have cost, each currency for itself."""
    sums: dict[str, Decimal] = {}
    for each in rows:
        if each.currency is not None and each.saved is not None:
            sums[each.currency] = sums.get(each.currency, Decimal()) + each.saved
    return tuple(Spend(currency, amount) for currency, amount in sums.items())


def instead_rows(what_if: WhatIf) -> list[dict[str, object]]:
    """What each model's traffic would have cost elsewhere."""
    currency = what_if.price.currency
    return [
        {
            "Traffic of": others(each.rest, "models") if each.model_id is None else each.model_id,
            "Calls": each.calls,
            "Tokens in": each.input_tokens,
            "Tokens out": each.output_tokens,
            "There": _amount(currency, each.there),
            "With a known cost": each.compared,
            "They cost": _amount(currency, each.actual) if each.compared else NOT_PRICED,
            "There, of these": _amount(currency, each.compared_there) if each.compared else NONE,
        }
        for each in what_if.rows
    ]


def verdict(what_if: WhatIf) -> str:
    """What it comes to; the amounts are not escaped for Markdown."""
    total, currency = what_if.total, what_if.price.currency
    said = (
        f"{_amount(currency, total.there)} for {count(total.calls)} calls with {count(total.input_tokens)} tokens in "
        f"and {count(total.output_tokens)} out."
    )
    if not total.compared:
        return f"{said} What they cost is not known in {currency} of any."
    moved = _dearer(total)
    which = "they" if total.compared == total.calls else f"{count(total.compared)} of them, whose cost is known,"
    return (
        f"{said} As it was, {which} cost {_amount(currency, total.actual)}; there they would have come to "
        f"{_amount(currency, total.compared_there)}{moved}."
    )


def _dearer(total: Instead) -> str:
    if not total.actual:
        return ""
    ratio = total.compared_there / total.actual
    if ratio >= Decimal("1.95"):
        return f", {ratio:.1f} times as much"
    percent = 100 * (ratio - 1)
    return f", {abs(percent):.0f}% {'more' if percent > 0 else 'less'}"


def _amount(currency: str, amount: Decimal | None) -> str:
    return NOT_PRICED if amount is None else money(Spend(currency, amount))


def useful_share(sums: Sums | None) -> tuple[int, int]:
    """Of a period: answers that were judged, and useful ones among them."""
    rows = sums.useful if sums else ()
    return sum(each.judged for each in rows), sum(each.useful for each in rows)
