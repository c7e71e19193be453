"""What a row of the warehouse comes to in each column of a rollup: said once, for the rollup and for its dirty days.

A relation of this module has the columns of its rollup, and one row for each call: `data.warehouse.rollups` adds these
up, `data.analytics.by_day` puts them beside what is summed already.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.daily import PEOPLE_KEPT

if TYPE_CHECKING:
    from data.warehouse.rollups import Run

ACCURACY = 0.02
"""By how much a quantile of a sketch may differ from the value that it stands for, as a share of that."""

GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
"""By how much each bin of a sketch is wider than the one before it."""

_STEP = math.log(GROWTH)

_LEAST = 0.001
"""Milliseconds; a sketch tells nothing smaller apart, and nothing that is measured here is."""

PEOPLE = {"people": "[user_id]"}
_TOKENS_USED = "coalesce(input_tokens, 0) + coalesce(output_tokens, 0)"
_COUNTS: dict[str, str] = {
    "calls": "1",
    "priced": "(cost_amount IS NOT NULL AND cache IS DISTINCT FROM 'hit')::BIGINT",
    "unpriced": f"(cost_basis = 'unpriced' AND (status <> 'failed' OR {_TOKENS_USED} > 0))::BIGINT",
    "estimated": "(cost_basis = 'estimated')::BIGINT",
    "tokens_estimated": "coalesce(tokens_estimated, false)::BIGINT",
    "cache_asked": "(cache IS NOT NULL)::BIGINT",
    "cache_hits": "coalesce(cache = 'hit', false)::BIGINT",
    "priced_hits": "coalesce(cache = 'hit' AND saved_amount IS NOT NULL, false)::BIGINT",
    "input_tokens": "coalesce(input_tokens, 0)",
    "output_tokens": "coalesce(output_tokens, 0)",
    "cached_tokens": "least(coalesce(cached_tokens, 0), coalesce(input_tokens, 0))",
    "reasoning_tokens": "coalesce(reasoning_tokens, 0)",
    "images": "CASE WHEN unit = 'image' THEN coalesce(quantity, 0) ELSE 0 END",
    "media_seconds": "CASE WHEN unit = 'second' THEN coalesce(quantity, 0) ELSE 0 END",
    "cost_amount": "CASE WHEN cache IS DISTINCT FROM 'hit' THEN coalesce(cost_amount, 0) ELSE 0 END",
    "saved_amount": "coalesce(saved_amount, 0)",
}
_MONEY = frozenset({"images", "media_seconds", "cost_amount", "saved_amount"})
_CURRENCY = "CASE WHEN cost_amount IS NOT NULL OR saved_amount IS NOT NULL THEN cost_currency END"
IS_SAMPLE = f"starts_with(user_id, '{SAMPLE_PREFIX}')"
_USAGE: dict[str, str] = {
    **{name: name for name in ("team_id", "surface", "provider", "model", "modality", "task", "chosen_by")},
    **{name: name for name in ("key_owner", "status", "error_kind")},
    "currency": _CURRENCY,
    "caching": "CASE WHEN cache IS NULL AND cached_tokens > 0 THEN 'provider' ELSE cache END",
    "has_tokens": "input_tokens IS NOT NULL",
    "is_sample": IS_SAMPLE,
    **PEOPLE,
    **_COUNTS,
}
_PERSON_KEYS = {**{name: name for name in ("user_id", "team_id", "surface", "modality")}, "currency": _CURRENCY}
_TIMES_KEYS = {name: name for name in ("team_id", "surface", "provider", "model", "task")}
_PERSON_COUNTS = {
    "calls": "1",
    "answered": "(status IN ('ok', 'stopped'))::BIGINT",
    "tokens": _TOKENS_USED,
    "cost_amount": _COUNTS["cost_amount"],
}
# Tokens a second: the tokens after the first one, over the time after it. Only what the provider counted says anything.
_SPEEDS = {
    "ttft_ms": "ttft_ms",
    "latency_ms": "CASE WHEN status = 'ok' AND cache IS DISTINCT FROM 'hit' THEN latency_ms END",
    "tokens_per_second": "CASE WHEN status = 'ok' AND NOT tokens_estimated AND output_tokens > 1 "
    "AND latency_ms > ttft_ms THEN (output_tokens - 1) * 1000 / (latency_ms - ttft_ms) END",
}
BINS = {measure: f"{measure}_bins" for measure in _SPEEDS}
"""Of each measure of speed the column of `times_daily` that has its bins."""


def bin_of(value: str) -> str:
    """The SQL that gives the bin of a sketch that a value is in; null for null, which `greatest` would pass over."""
    return f"CASE WHEN {value} IS NOT NULL THEN (ceil(ln(greatest({value}, {_LEAST})) / {_STEP!r}))::SMALLINT END"


_BINS = {BINS[name]: f"CASE WHEN {value} IS NULL THEN [] ELSE [{bin_of(value)}] END" for name, value in _SPEEDS.items()}
USAGE_MEASURES = tuple(PEOPLE | _COUNTS)
TIMES_MEASURES = tuple(_BINS)
PERSON_MEASURES = tuple(_PERSON_COUNTS)
SPEED_MEASURES = ("calls",)


def usage_rows(run: Run, where: str = "true", *, day: str = "", only: Collection[str] = ()) -> str:
    """Rows of a run as `usage_daily` has them, one for each call.

    Args:
        where: which of them.
        day: the SQL of another column `day` than the day.
        only: columns beside `day`; none: all of them.
    """
    return _rows(run, {name: value for name, value in _USAGE.items() if not only or name in only}, where, day)


def people_rows(run: Run, where: str = "true") -> str:
    """Rows of a run as `people_daily` has them, one for each call."""
    return _rows(run, _PERSON_KEYS | _PERSON_COUNTS, where)


def times_rows(run: Run, day: str = "") -> str:
    """Rows of a run as `times_daily` has them, one for each call; `day` as in `usage_rows`."""
    return _rows(run, _TIMES_KEYS | _BINS, "true", day)


def speed_rows(run: Run) -> str:
    """Rows of a run as `speed_daily` has them, one for each time that was taken."""
    bins = ", ".join(bin_of(value) for value in _SPEEDS.values())
    return (
        f"SELECT * FROM (SELECT {run.day()} AS day, surface, provider, model, unnest({list(_SPEEDS)}) AS measure, "  # noqa: S608
        f"unnest([{bins}]) AS bin, 1 AS calls FROM model_calls WHERE {run.within()}) WHERE bin IS NOT NULL"
    )


def _rows(run: Run, columns: Mapping[str, str], where: str, day: str = "") -> str:
    told = ", ".join(name if value == name else f"{value} AS {name}" for name, value in columns.items())
    return f"SELECT {day or run.day()} AS day, {told} FROM model_calls WHERE {run.within()} AND {where}"  # noqa: S608


def summed(measure: str) -> str:
    """What adds up a measure of rows of one call each."""
    if measure in PEOPLE:
        return f"list_sort(list(DISTINCT {measure}[1]))[:{PEOPLE_KEPT}] AS {measure}"
    if measure in _BINS:
        return f"coalesce(list_sort(list({measure}[1]) FILTER (len({measure}) > 0)), []) AS {measure}"
    return f"sum({measure})::{'DECIMAL(38,15)' if measure in _MONEY else 'BIGINT'} AS {measure}"
