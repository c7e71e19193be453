"""The statements behind the Usage page, over a relation of `data.analytics.usage_windows`. Values are parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from data.analytics.by_day import NO_MORE, PEOPLE_BEHIND, SOME_BEHIND
from data.analytics.usage_values import NO_TEAM, Dimension
from data.analytics.usage_windows import FITS, FITS_PEOPLE, OWN
from data.warehouse.daily import PEOPLE_KEPT

NAMES = {
    Dimension.MODEL: "provider || '/' || model",
    Dimension.PROVIDER: "provider",
    Dimension.TEAM: f"coalesce(team_id, '{NO_TEAM}')",
    Dimension.MODALITY: "modality",
    Dimension.TASK: "task",
    Dimension.SURFACE: "surface",
}
"""What a group is called by."""

_NAMED = ", ".join(f"{name} AS {dimension}_name" for dimension, name in NAMES.items())

_SUMS = """sum(calls) AS calls, coalesce(sum(calls) FILTER (status = 'failed'), 0) AS failures,
       coalesce(sum(calls) FILTER (status = 'unknown'), 0) AS unknown,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(tokens_estimated) AS tokens_estimated, sum(unpriced) AS unpriced, sum(estimated) AS estimated,
       sum(cache_asked) AS cache_asked, sum(cache_hits) AS cache_hits,
       coalesce(sum(calls) FILTER (is_sample), 0) AS samples,
       sum(images) AS images, sum(media_seconds) AS media_seconds,
       sum(cost_amount) AS cost, sum(saved_amount) AS saved"""
_COURSE = """sum(calls) AS calls, coalesce(sum(calls) FILTER (status = 'failed'), 0) AS failures,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(tokens_estimated) AS tokens_estimated, sum(unpriced) AS unpriced, sum(estimated) AS estimated,
       sum(cost_amount) AS cost"""


DAYS = "{days}"
"""The place of a relation of `data.analytics.usage_windows` in a statement, by whose columns it is chosen."""


# S608 in all of these: put together from constants of ours; every value is a bound parameter.
def groups(by: Dimension, first: date) -> str:
    """What each group came to, by currency, and some of the people behind it: from a day on and before it."""
    return (
        f"SELECT {_now(first)}, {NAMES[by]} AS name, currency,\n       {_SUMS},\n       {SOME_BEHIND}\n"
        f"FROM {DAYS}\nWHERE {FITS}\nGROUP BY ALL"
    )


def people_by_group(by: Dimension, first: date) -> str:
    """All people of each group that has few."""
    return (
        f"SELECT {_now(first)}, {NAMES[by]} AS name,\n       {PEOPLE_BEHIND}\nFROM {DAYS}\n"
        f"WHERE {FITS}\n      AND {NO_MORE}\nGROUP BY ALL"
    )


def _now(first: date) -> str:
    return f"day >= DATE '{first}' AS is_now"


def days() -> str:
    """What each day came to, by currency, and some of the people behind it."""
    return (
        f"SELECT day, currency,\n       {_COURSE},\n       {SOME_BEHIND}\n"
        f"FROM {DAYS}\nWHERE {FITS}\nGROUP BY ALL ORDER BY day"
    )


def people_by_day() -> str:
    """All people of each day that has few."""
    return f"SELECT day,\n       {PEOPLE_BEHIND}\nFROM {DAYS}\nWHERE {FITS}\n      AND {NO_MORE}\nGROUP BY ALL"


def hours(*, own: bool) -> str:
    """What each hour came to, by currency, and the people behind it: from the rows."""
    whose = f"\n      AND {OWN}" if own else ""
    return f"""SELECT edge AS start, CASE WHEN cost_amount IS NOT NULL THEN cost_currency END AS currency,
       count(*) AS calls, count(*) FILTER (status = 'failed') AS failures,
       coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
       coalesce(sum(cost_amount) FILTER (cache IS DISTINCT FROM 'hit'), 0) AS cost,
       list(DISTINCT user_id) AS people
FROM (
    FROM model_calls WHERE ts >= $start AND ts < $end
      AND {FITS}{whose}
) AS calls
ASOF JOIN (SELECT unnest($edges::TIMESTAMP[]) AS edge) AS hours ON calls.ts >= edge
GROUP BY ALL ORDER BY start"""  # noqa: S608


def options() -> str:
    """What there is to filter by: in each row one value of one dimension, and some of the people behind it."""
    return _options(f"{_NAMED}, is_sample, arg_max(people, len(people)) AS people\n    FROM {DAYS}", SOME_BEHIND)


def people_by_option() -> str:
    """All people behind each such value that few used."""
    some = f"list_distinct(flatten(list(people)))[:{PEOPLE_KEPT}] AS people"
    return _options(f"{_NAMED}, is_sample, {some}\n    FROM {DAYS}\n    WHERE {NO_MORE}", PEOPLE_BEHIND)


def _options(alike: str, people: str) -> str:
    # Most rows differ by the day alone: put together first, a few hundred are left to be gone through six times.
    sets = ", ".join(f"({dimension}_name)" for dimension in NAMES)
    return (
        f"SELECT {', '.join(f'{dimension}_name' for dimension in NAMES)},\n       {people}\n"
        f"FROM (\n    SELECT {alike}\n    GROUP BY ALL\n)\nGROUP BY GROUPING SETS ({sets})"
    )


def with_cuts(whole: str, cuts: Iterable[str], *, summed: bool) -> str:
    """Whole days, and beside them the callers of some up to a time."""
    columns = "day, user_id, team_id, surface, modality" + ("" if summed else ", provider, model, task")
    parts = [f"SELECT {columns}, false AS is_cut FROM {whole}"]  # noqa: S608
    parts += [f"SELECT {columns}, true AS is_cut FROM {each}" for each in cuts]  # noqa: S608
    return "(" + "\n     UNION ALL ".join(parts) + ")"


def active(relation: str, stretches: Mapping[str, str], *, summed: bool) -> str:
    """How many different people there were in each stretch, which is a condition."""
    conditions = ",\n           ".join(f"bool_or({when}) AS in_{name}" for name, when in stretches.items())
    counts = ", ".join(f"count(*) FILTER (in_{name}) AS {name}" for name in stretches)
    return f"""SELECT {counts}
FROM (
    SELECT user_id,
           {conditions}
    FROM {relation}
    WHERE {FITS_PEOPLE if summed else FITS}
    GROUP BY user_id
)"""  # noqa: S608


LAST = f"SELECT max(ts) AS ts FROM model_calls WHERE $user_id IS NULL OR {OWN}"  # noqa: S608
