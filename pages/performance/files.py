"""The Performance page's tables as files: amounts with all their digits, each beside its currency."""

from __future__ import annotations

from collections.abc import Iterable

from core.performance import WhatIf
from data.analytics.performance_values import Cached, PerformanceFacts, Useful
from pages.performance.words import others, times_row


def bucket_rows(facts: PerformanceFacts) -> list[dict[str, object]]:
    """The course of the period as a table."""
    return [
        {
            "From": each.start.astimezone(facts.span.zone).isoformat(timespec="minutes"),
            "Calls": each.speed.calls,
            "Failed": each.speed.failures,
            **times_row("First token, ms", each.speed.ttft, 1),
            **times_row("Whole answer, ms", each.speed.whole, 1),
            **times_row("Tokens/s", each.speed.rate, 1),
        }
        for each in facts.buckets
        if each.speed is not None
    ]


def useful_figures(rows: Iterable[Useful]) -> list[dict[str, object]]:
    """What a useful answer cost."""
    return [
        {
            "Model": _model(each.model_id, each.rest),
            "Currency": each.currency,
            "A useful answer": each.cost / each.useful if each.cost is not None and each.useful else None,
            "n": each.judged,
            "Useful": each.useful,
            "Cost of the n": each.cost,
        }
        for each in rows
    ]


def cache_figures(rows: Iterable[Cached]) -> list[dict[str, object]]:
    """What caches did, by model and currency of what was saved."""
    return [
        {
            "Model": _model(each.model_id, each.rest),
            "Currency": each.currency,
            "Asked": each.asked,
            "Answered": each.hits,
            "Saved": each.saved,
            "Without a price": each.unpriced_hits,
            "Tokens cached by the provider": each.cached_tokens,
        }
        for each in rows
    ]


def instead_figures(what_if: WhatIf) -> list[dict[str, object]]:
    """What each model's traffic would have cost elsewhere."""
    return [
        {
            "Traffic of": _model(each.model_id, each.rest),
            "At the prices of": what_if.model_id,
            "Currency": what_if.price.currency,
            "Calls": each.calls,
            "Tokens in": each.input_tokens,
            "Tokens out": each.output_tokens,
            "There": each.there,
            "With a known cost": each.compared,
            "They cost": each.actual if each.compared else None,
            "There, of these": each.compared_there if each.compared else None,
        }
        for each in what_if.rows
    ]


def _model(model_id: str | None, rest: int) -> str:
    return others(rest, "models") if model_id is None else model_id
