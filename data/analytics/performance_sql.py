"""The queries behind the Performance page, by the names of their parts. Every value is a bound parameter.

`{usage}`, `{answers}` and `{fallbacks}` are places of whole days, read from the sums where those are true
(`data.analytics.by_day`); `{people}` is who is behind a group, and `{which}` the rows that tell of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from data.analytics.usage_values import NO_TEAM

_TEAM = f"coalesce(team_id, '{NO_TEAM}')"
# A filter that is null takes everything. The sums of speeds know neither tasks nor teams, and need not.
FITS_SPEED = """($provider IS NULL OR provider = $provider) AND ($model IS NULL OR model = $model)
      AND ($surface IS NULL OR surface = $surface)"""
FITS = f"""{FITS_SPEED}
      AND ($task IS NULL OR task = $task) AND ($team IS NULL OR {_TEAM} = $team)"""
NAME = "CASE $by WHEN 'provider' THEN provider ELSE provider || '/' || model END"
_IS_NOW = "day >= $first AS is_now"
_FAILURES = "coalesce(sum(calls) FILTER (status IN ('failed', 'unknown')), 0) AS failures"
_LONG = "modality = $chat AND cache IS DISTINCT FROM 'hit' AND input_tokens > list_min($above::BIGINT[])"

# S608: put together from the constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "totals": f"""
    SELECT {_IS_NOW}, sum(calls) AS calls, {_FAILURES},
           coalesce(sum(calls) FILTER (is_sample), 0) AS samples,
           sum(input_tokens) AS input_tokens, sum(cached_tokens) AS cached_tokens, sum(cache_hits) AS cache_hits,
           coalesce(sum(calls - cache_hits) FILTER (modality <> $chat), 0) AS not_chat,
           coalesce(sum(calls - cache_hits) FILTER (modality = $chat AND NOT has_tokens), 0) AS no_tokens,
           {{people}}
    FROM {{usage}}
    WHERE {FITS} AND {{which}}
    GROUP BY ALL
    """,  # noqa: S608
        "options": f"""
    SELECT provider, model, surface, task, team, sum(calls) AS calls, {{people}}
    FROM (SELECT *, {_TEAM} AS team FROM {{usage}})
    WHERE {{which}}
    GROUP BY GROUPING SETS ((provider), (provider, model), (surface), (task), (team))
    ORDER BY calls DESC, provider, model, surface, task, team
    """,  # noqa: S608
        "buckets": f"""
    SELECT day AS start, sum(calls) AS calls, {_FAILURES}, {{people}}
    FROM {{usage}}
    WHERE {FITS} AND {{which}}
    GROUP BY ALL ORDER BY start
    """,  # noqa: S608
        "groups": f"""
    SELECT {NAME} AS name, sum(calls) AS calls, {_FAILURES}, {{people}}
    FROM {{usage}}
    WHERE {FITS} AND {{which}}
    GROUP BY ALL ORDER BY calls DESC, name
    """,  # noqa: S608
        "errors": f"""
    SELECT CASE status WHEN 'unknown' THEN 'cut_off' ELSE coalesce(error_kind, 'unknown') END AS kind,
           sum(calls) AS calls, {{people}}
    FROM {{usage}}
    WHERE {FITS} AND status IN ('failed', 'unknown') AND {{which}}
    GROUP BY ALL ORDER BY calls DESC, kind
    """,  # noqa: S608
        "fallbacks": f"""
    SELECT stood_in_for AS failed, provider || '/' || model AS model_id, sum(calls) AS calls,
           sum(answered) AS answered, {{people}}
    FROM {{fallbacks}}
    WHERE {FITS} AND {{which}}
    GROUP BY ALL ORDER BY calls DESC, failed, model_id
    """,  # noqa: S608
        "useful": f"""
    SELECT is_now, model_id, currency, weight IS NOT NULL AS is_judged, sum(answers) AS answers,
           sum(answered) AS answered, coalesce(sum(answered) FILTER (by_fallback), 0) AS by_fallback,
           coalesce(sum(answers) FILTER (worth > 0.5 * weight), 0) AS useful,
           CASE WHEN currency IS NOT NULL THEN sum(cost_amount) END AS cost, {{people}}
    FROM (
        SELECT *, {_IS_NOW}, provider || '/' || model AS model_id,
               CASE WHEN len(signals) > 0 THEN list_sum(list_transform(signals, lambda signal:
                   ($weights::DOUBLE[])[list_position($signals::VARCHAR[], signal)])) END AS weight,
               CASE WHEN len(signals) > 0 THEN list_sum(list_transform(signals, lambda signal:
                   ($worths::DOUBLE[])[list_position($signals::VARCHAR[], signal)]
                   * ($weights::DOUBLE[])[list_position($signals::VARCHAR[], signal)])) END AS worth
        FROM {{answers}}
        WHERE {FITS} AND {{which}}
    )
    GROUP BY is_now, model_id, currency, is_judged ORDER BY answers DESC, model_id, currency
    """,  # noqa: S608
        "cache": f"""
    SELECT {_IS_NOW}, provider || '/' || model AS model_id, CASE WHEN priced_hits > 0 THEN currency END AS currency,
           sum(cache_asked) AS asked, sum(cache_hits) AS hits, sum(cache_hits - priced_hits) AS unpriced_hits,
           CASE WHEN sum(priced_hits) > 0 THEN sum(saved_amount) END AS saved, sum(cached_tokens) AS cached_tokens,
           {{people}}
    FROM {{usage}}
    WHERE {FITS} AND caching IS NOT NULL AND {{which}}
    GROUP BY 1, 2, 3 ORDER BY hits DESC, cached_tokens DESC, model_id
    """,  # noqa: S608
        "traffic": f"""
    SELECT provider || '/' || model AS model_id, currency, sum(calls) AS calls, sum(tokens_estimated) AS estimated,
           sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
           sum(cached_tokens) AS cached_tokens, CASE WHEN currency IS NOT NULL THEN sum(cost_amount) END AS cost,
           {{people}}
    FROM {{usage}}
    WHERE {FITS} AND modality = $chat AND has_tokens AND caching IS DISTINCT FROM 'hit' AND {{which}}
    GROUP BY model_id, currency ORDER BY calls DESC, model_id, currency
    """,  # noqa: S608
        "long_prompts": f"""
    SELECT provider || '/' || model AS model_id, CASE WHEN cost_amount IS NOT NULL THEN cost_currency END AS currency,
           len(list_filter($above::BIGINT[], lambda edge: input_tokens > edge)) AS tier,
           count(*) AS calls, count(*) FILTER (tokens_estimated) AS estimated,
           sum(input_tokens) AS input_tokens, sum(coalesce(output_tokens, 0)) AS output_tokens,
           sum(least(coalesce(cached_tokens, 0), input_tokens)) AS cached_tokens, sum(cost_amount) AS cost
    FROM model_calls
    WHERE ts >= $start AND ts < $end AND {_LONG}
      AND {FITS}
    GROUP BY ALL ORDER BY ALL
    """,  # noqa: S608
    }.items()
}
