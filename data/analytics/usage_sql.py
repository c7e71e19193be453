"""The statements behind the Usage page, over a relation of `data.analytics.usage_windows`. Values are parameters."""

from __future__ import annotations

from data.analytics.sample import IS_SAMPLE
from data.analytics.usage_values import NO_TEAM, Dimension
from data.analytics.usage_windows import FITS, FITS_PEOPLE, OWN

NAMES = {
    Dimension.MODEL: "provider || '/' || model",
    Dimension.PROVIDER: "provider",
    Dimension.TEAM: f"coalesce(team_id, '{NO_TEAM}')",
    Dimension.MODALITY: "modality",
    Dimension.TASK: "task",
    Dimension.SURFACE: "surface",
}
"""What a group is called by."""

PEOPLE_KNOW = frozenset({Dimension.TEAM, Dimension.SURFACE, Dimension.MODALITY})
"""What `people_daily` tells apart."""

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
# Real people first: made-up ones hide nobody, and eight are more than enough to know.
_SOME = f"""list_concat(min(user_id, 8) FILTER (NOT {IS_SAMPLE}), min(user_id, 8) FILTER ({IS_SAMPLE})) AS people"""


# S608 in all of these: put together from constants of ours; every value is a bound parameter.
def groups(relation: str, by: Dimension) -> str:
    """What each group came to, by currency."""
    return f"SELECT {NAMES[by]} AS name, currency,\n       {_SUMS}\nFROM {relation}\nWHERE {FITS}\nGROUP BY ALL"


def days(relation: str) -> str:
    """What each day came to, by currency."""
    return f"SELECT day, currency,\n       {_COURSE}\nFROM {relation}\nWHERE {FITS}\nGROUP BY ALL ORDER BY day"


def hours(*, own: bool) -> str:
    """What each hour came to, from the rows."""
    whose = f"\n      AND {OWN}" if own else ""
    return f"""SELECT edge AS start, CASE WHEN cost_amount IS NOT NULL THEN cost_currency END AS currency,
       count(*) AS calls, count(*) FILTER (status = 'failed') AS failures,
       coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
       coalesce(sum(cost_amount) FILTER (cache IS DISTINCT FROM 'hit'), 0) AS cost
FROM (
    FROM model_calls WHERE ts >= $start AND ts < $end
      AND {FITS}{whose}
) AS calls
ASOF JOIN (SELECT unnest($edges::TIMESTAMP[]) AS edge) AS hours ON calls.ts >= edge
GROUP BY ALL ORDER BY start"""  # noqa: S608


def options(relation: str) -> str:
    """What there is to filter by."""
    names = ", ".join(f"list(DISTINCT {name} ORDER BY {name}) AS {dimension}" for dimension, name in NAMES.items())
    return f"SELECT {names}\nFROM {relation}"


def people_of(relation: str, *, summed: bool) -> str:
    """Some of the people of whom all of it is."""
    who = f"SELECT DISTINCT user_id FROM {relation}\n      WHERE {FITS_PEOPLE if summed else FITS}"  # noqa: S608
    return f"SELECT {_SOME}\nFROM ({who})"


def people_by(relation: str, name: str, *, summed: bool) -> str:
    """Some of the people of each group, of those in `$names` where that is set."""
    who = (
        f"SELECT DISTINCT {name} AS name, user_id FROM {relation}\n      WHERE {FITS_PEOPLE if summed else FITS}\n"  # noqa: S608
        f"      AND ($names IS NULL OR list_contains($names::VARCHAR[], ({name})::VARCHAR))"
    )
    return f"SELECT name, {_SOME}\nFROM ({who})\nGROUP BY name"


def active(relation: str, *, summed: bool) -> str:
    """How many different people there were."""
    return f"SELECT count(DISTINCT user_id) AS people\nFROM {relation}\nWHERE {FITS_PEOPLE if summed else FITS}"


LAST = f"SELECT max(ts) AS ts FROM model_calls WHERE $user_id IS NULL OR {OWN}"  # noqa: S608
