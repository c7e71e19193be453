"""The queries behind the Quality page, by the names of their parts. Every value is a bound parameter."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from data.analytics.sample import IS_SAMPLE, PEOPLE_BEHIND, REAL_PEOPLE
from data.warehouse.answers import in_force

PEOPLE_AT_LEAST = 3
"""Behind any number that is shown to somebody else."""

MOST_JUDGED = 20_000
"""Judged choices that are read for estimates, the newest ones."""

HEADS = f"""{PEOPLE_BEHIND} AS people,
           CASE WHEN {REAL_PEOPLE} = 0 THEN count(DISTINCT user_id)
                ELSE count(DISTINCT user_id) FILTER (user_id <> $viewer AND NOT {IS_SAMPLE}) END AS others"""


_IN_FORCE = in_force("ts < $end")
# What people showed, and that no answer came by the model's own fault: as the statistics count it that models are
# chosen by, see `data.store.routing_counting`.
_EVIDENCE = f"""(
            SELECT told.ts, told.model_id, told.signal, told.task, chosen.tasks
            FROM {_IN_FORCE} AS told LEFT JOIN routing_decisions AS chosen ON chosen.event_id = told.decision_id
            WHERE list_contains($signals, told.signal)
            UNION ALL
            SELECT failed.ts, failed.provider || '/' || failed.model, 'failed', failed.task, any_value(chosen.tasks)
            FROM (
                FROM model_calls
                WHERE ts < $end AND status = 'failed' AND list_contains($faults, error_kind) AND modality = $chat
                  AND (turn_id IS NOT NULL OR surface <> 'chat')
            ) AS failed
            LEFT JOIN routing_decisions AS chosen ON chosen.turn_id = coalesce(failed.turn_id, failed.event_id)
            GROUP BY failed.event_id, failed.ts, failed.provider, failed.model, failed.task
        )"""  # noqa: S608
_POLICYS = """(
        FROM routing_decisions
        WHERE ts >= $start AND ts < $end AND chooser = 'policy'
          AND event_id NOT IN (SELECT overrules FROM routing_decisions WHERE overrules IS NOT NULL)
    )"""

# S608: put together from the constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "totals": f"""
    SELECT (SELECT min(ts) FROM routing_decisions) AS first_at, {HEADS}
    FROM routing_decisions WHERE ts >= $start AND ts < $end
    """,  # noqa: S608
        "choices": """
    SELECT edge AS start,
           count(*) FILTER (chooser = 'policy') AS policy,
           count(*) FILTER (chooser = 'policy' AND explored) AS explored,
           count(*) FILTER (chooser <> 'policy') AS others
    FROM (FROM routing_decisions WHERE ts >= $start AND ts < $end) AS chosen
    ASOF JOIN (SELECT unnest($edges::TIMESTAMP[]) AS edge) AS buckets ON chosen.ts >= edge
    GROUP BY ALL ORDER BY start
    """,
        "shown": f"""
    SELECT model_id, share.key AS task, day, signal, sum(share.value) AS times
    FROM (
        SELECT model_id, signal,
               date_trunc(CASE WHEN ts >= $start THEN 'day' ELSE 'week' END, ts)::DATE AS day,
               unnest(map_entries(CASE WHEN tasks IS NULL OR tasks = '{{}}' THEN MAP {{task: 1.0}}
                                       ELSE from_json(tasks::JSON, '"MAP(VARCHAR, DOUBLE)"') END)) AS share
        FROM {_EVIDENCE}
    )
    GROUP BY ALL ORDER BY ALL
    """,  # noqa: S608
        "heads_by_cell": f"""
    SELECT model_id, task, {HEADS},
           CASE WHEN {REAL_PEOPLE} = 0 THEN list(first_at ORDER BY first_at)[{PEOPLE_AT_LEAST}]
                ELSE list(first_at ORDER BY first_at) FILTER (NOT {IS_SAMPLE})[{PEOPLE_AT_LEAST}] END AS third_at
    FROM (
        SELECT model_id, task, user_id, min(ts) AS first_at
        FROM {_IN_FORCE} WHERE list_contains($signals, signal)
        GROUP BY ALL
    )
    GROUP BY ALL
    """,  # noqa: S608
        "judged": f"""
    SELECT chosen.event_id, chosen.user_id, chosen.ts, chosen.task, chosen.chosen, chosen.explored,
           chosen.propensity, chosen.candidates,
           from_json(chosen.arms::JSON, '[{{"model": "VARCHAR", "quality": "DOUBLE", "n": "DOUBLE"}}]') AS arms,
           list(told.signal ORDER BY told.ts) AS signals
    FROM {_POLICYS} AS chosen
    JOIN {_IN_FORCE} AS told ON told.decision_id = chosen.event_id AND told.model_id = chosen.chosen
    WHERE list_contains($signals, told.signal)
    GROUP BY ALL ORDER BY chosen.ts DESC, chosen.event_id LIMIT {MOST_JUDGED}
    """,  # noqa: S608
        "costs": f"""
    SELECT arm.model AS model_id, count(*) AS choices, sum(chosen_cost) AS chosen, sum(arm.cost) AS always
    FROM (
        SELECT cost_estimate AS chosen_cost,
               unnest(from_json(arms::JSON, '[{{"model": "VARCHAR", "cost": "DECIMAL(38,15)"}}]')) AS arm
        FROM {_POLICYS} WHERE cost_estimate IS NOT NULL
    )
    WHERE arm.cost IS NOT NULL
    GROUP BY ALL ORDER BY choices DESC, model_id
    """,  # noqa: S608
        "sampled": f"""
    SELECT EXISTS (FROM routing_decisions WHERE ts >= $start AND ts < $end AND {IS_SAMPLE})
        OR EXISTS (FROM routing_feedback WHERE ts < $end AND {IS_SAMPLE})
        OR EXISTS (FROM model_calls WHERE ts < $end AND status = 'failed' AND {IS_SAMPLE}) AS sampled
    """,
        "comparisons": """
    SELECT user_id, model_id, signal, from_json(against::JSON, '["VARCHAR"]') AS against
    FROM routing_feedback
    WHERE ts >= $start AND ts < $end AND signal IN ('won', 'lost', 'tied')
    """,
    }.items()
}
