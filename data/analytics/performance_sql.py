"""The queries behind the Performance page, by the names of their parts. Every value is a bound parameter."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from data.analytics.quality_sql import HEADS, in_force
from data.analytics.sample import IS_SAMPLE
from data.analytics.usage_values import NO_TEAM

_TEAM = f"coalesce(team_id, '{NO_TEAM}')"
# A filter that is null takes everything. Of a speed: the tokens after the first one, over the time after it; only
# tokens that the provider counted say anything about that.
_CALLS = f"""(
        SELECT *, provider || '/' || model AS model_id,
               CASE WHEN status = 'ok' AND cache IS DISTINCT FROM 'hit' THEN latency_ms END AS whole_ms,
               CASE WHEN status = 'ok' AND NOT tokens_estimated AND output_tokens > 1 AND latency_ms > ttft_ms
                    THEN (output_tokens - 1) * 1000 / (latency_ms - ttft_ms) END AS tokens_per_second
        FROM model_calls
        WHERE ts >= $start AND ts < $end
          AND ($provider IS NULL OR provider = $provider) AND ($model IS NULL OR model = $model)
          AND ($surface IS NULL OR surface = $surface) AND ($task IS NULL OR task = $task)
          AND ($team IS NULL OR {_TEAM} = $team)
    )"""  # noqa: S608 - the constant above
_SPEED = """count(*) AS calls,
           count(*) FILTER (status IN ('failed', 'unknown')) AS failures,
           count(ttft_ms) AS ttft_n, quantile_cont(ttft_ms, [0.5, 0.95, 0.99]) AS ttft,
           count(whole_ms) AS whole_n, quantile_cont(whole_ms, [0.5, 0.95, 0.99]) AS whole,
           count(tokens_per_second) AS rate_n, quantile_cont(tokens_per_second, [0.5, 0.05, 0.01]) AS rate"""
# Nobody shows anything of an answer before it is there: older feedback is of answers before the period.
_IN_FORCE = in_force("ts >= $start AND ts < $end")
_PEOPLE = "list(DISTINCT user_id) AS people"
_BUCKETS = "(SELECT unnest($edges::TIMESTAMP[]) AS edge)"
_CHAT_TOKENS = "modality = $chat AND input_tokens IS NOT NULL AND cache IS DISTINCT FROM 'hit'"
# A call without an amount has the currency that is there by default.
_CURRENCY = "CASE WHEN cost_amount IS NOT NULL THEN cost_currency END"
# What a failed call used nothing of has no price and needs none.
_UNPRICED = """(cost_basis = 'unpriced'
                       AND (status <> 'failed' OR coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0))"""

# S608: put together from the constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "totals": f"""
    SELECT {HEADS},
           count(*) FILTER ({IS_SAMPLE}) AS samples,
           coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(cached_tokens), 0) AS cached_tokens,
           count(*) FILTER (cache = 'hit') AS cache_hits,
           count(*) FILTER (cache IS DISTINCT FROM 'hit' AND modality <> $chat) AS not_chat,
           count(*) FILTER (cache IS DISTINCT FROM 'hit' AND modality = $chat AND input_tokens IS NULL) AS no_tokens,
           {_SPEED}
    FROM {_CALLS}
    """,  # noqa: S608
        "answers": f"""
    WITH calls AS NOT MATERIALIZED {_CALLS}
    SELECT (SELECT count(DISTINCT coalesce(turn_id, event_id)) FROM calls WHERE status = 'ok') AS answers,
           (SELECT count(DISTINCT coalesce(turn_id, event_id))
            FROM calls WHERE status = 'ok' AND chosen_by = 'fallback') AS by_fallback,
           (SELECT count(*) FROM (SELECT DISTINCT coalesce(turn_id, event_id), provider, model
                                  FROM calls WHERE status IN ('ok', 'stopped'))) AS to_judge
    """,  # noqa: S608
        "options": f"""
    SELECT provider, model, surface, task, {_TEAM} AS team, {_PEOPLE}
    FROM model_calls WHERE ts >= $start AND ts < $end
    GROUP BY ALL ORDER BY count(*) DESC, provider, model, surface, task, team
    """,  # noqa: S608
        "people_by_bucket": f"""
    SELECT edge AS start, {_PEOPLE}
    FROM {_CALLS} AS calls ASOF JOIN {_BUCKETS} AS hours_or_days ON calls.ts >= edge
    GROUP BY ALL ORDER BY start
    """,  # noqa: S608
        "buckets": f"""
    SELECT edge AS start,
           {_SPEED}
    FROM {_CALLS} AS calls ASOF JOIN {_BUCKETS} AS hours_or_days ON calls.ts >= edge
    WHERE list_contains($shown_edges::TIMESTAMP[], edge)
    GROUP BY ALL ORDER BY start
    """,  # noqa: S608
        "people_by_group": f"""
    SELECT CASE $by WHEN 'provider' THEN provider ELSE model_id END AS name, {_PEOPLE}
    FROM {_CALLS}
    GROUP BY ALL ORDER BY count(*) DESC, name
    """,  # noqa: S608
        "groups": f"""
    SELECT name, count(DISTINCT grouped) AS groups,
           {_SPEED}
    FROM (
        SELECT *, CASE WHEN list_contains($shown_groups::VARCHAR[], grouped) THEN grouped END AS name
        FROM (SELECT *, CASE $by WHEN 'provider' THEN provider ELSE model_id END AS grouped FROM {_CALLS})
    )
    WHERE $with_rest OR name IS NOT NULL
    GROUP BY name ORDER BY name IS NULL, calls DESC, name
    """,  # noqa: S608
        "errors": f"""
    SELECT CASE status WHEN 'unknown' THEN 'cut_off' ELSE coalesce(error_kind, 'unknown') END AS kind,
           count(*) AS calls, {_PEOPLE}
    FROM {_CALLS}
    WHERE status IN ('failed', 'unknown')
    GROUP BY ALL ORDER BY calls DESC, kind
    """,  # noqa: S608
        "fallbacks": f"""
    SELECT failed, model_id, count(*) AS calls, count(*) FILTER (status = 'ok') AS answered, {_PEOPLE}
    FROM (
        SELECT again.event_id, again.user_id, again.model_id, again.status,
               arg_max(first.provider || '/' || first.model, first.ts) AS failed
        FROM {_CALLS} AS again
        LEFT JOIN model_calls AS first
               ON first.turn_id = again.turn_id AND first.ts <= again.ts AND first.status = 'failed'
              AND first.ts >= $start - INTERVAL 1 DAY AND first.ts < $end
              AND (first.provider, first.model) IS DISTINCT FROM (again.provider, again.model)
        WHERE again.chosen_by = 'fallback'
        GROUP BY ALL
    )
    GROUP BY ALL ORDER BY calls DESC, failed, model_id
    """,  # noqa: S608
        "useful": f"""
    WITH judged AS (
        SELECT turn_id, model_id, sum(worth * weight) / sum(weight) AS quality
        FROM {_IN_FORCE}
        JOIN (SELECT unnest($signals) AS signal, unnest($worths) AS worth, unnest($weights) AS weight) USING (signal)
        GROUP BY ALL
    ), answers AS (
        SELECT turn_id, model_id, any_value(user_id) AS user_id,
               sum(cost_amount) AS cost, max({_CURRENCY}) AS currency,
               NOT bool_or({_UNPRICED}) AND min({_CURRENCY}) = max({_CURRENCY}) AS priced
        FROM (SELECT * REPLACE (coalesce(turn_id, event_id) AS turn_id) FROM {_CALLS}) AS calls
        SEMI JOIN judged USING (turn_id, model_id)
        GROUP BY turn_id, model_id HAVING bool_or(status IN ('ok', 'stopped'))
    )
    SELECT model_id, CASE WHEN priced THEN currency END AS currency,
           count(*) AS judged, count(*) FILTER (quality > 0.5) AS useful, sum(cost) FILTER (priced) AS cost, {_PEOPLE}
    FROM answers JOIN judged USING (turn_id, model_id)
    GROUP BY ALL ORDER BY judged DESC, model_id, currency
    """,  # noqa: S608
        "cache": f"""
    SELECT model_id, CASE WHEN saved_amount IS NOT NULL THEN cost_currency END AS currency,
           count(*) FILTER (cache IS NOT NULL) AS asked, count(*) FILTER (cache = 'hit') AS hits,
           count(*) FILTER (cache = 'hit' AND saved_amount IS NULL) AS unpriced_hits,
           sum(saved_amount) AS saved, coalesce(sum(cached_tokens), 0) AS cached_tokens, {_PEOPLE}
    FROM {_CALLS}
    WHERE cache IS NOT NULL OR cached_tokens > 0
    GROUP BY ALL ORDER BY hits DESC, cached_tokens DESC, model_id
    """,  # noqa: S608
        "traffic": f"""
    SELECT model_id, len(list_filter($above::BIGINT[], lambda edge: input_tokens > edge)) AS tier,
           {_CURRENCY} AS currency,
           count(*) AS calls, count(*) FILTER (tokens_estimated) AS estimated,
           sum(input_tokens) AS input_tokens, sum(coalesce(output_tokens, 0)) AS output_tokens,
           sum(least(coalesce(cached_tokens, 0), input_tokens)) AS cached_tokens,
           sum(cost_amount) AS cost, {_PEOPLE}
    FROM {_CALLS}
    WHERE {_CHAT_TOKENS}
    GROUP BY ALL ORDER BY calls DESC, model_id, tier, currency
    """,  # noqa: S608
    }.items()
}
