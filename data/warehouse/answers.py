"""Answers, what one model gave in one turn, as sums of the days that they were given on; and who stood in for whom.

What people show of an answer may come later than its day: then that day is dirty again (`data.warehouse.dirty`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.values.calls import ChosenBy
from data.values.routing import Signal
from data.warehouse.measures import IS_SAMPLE, PEOPLE

if TYPE_CHECKING:
    from data.warehouse.rollups import Run

ANSWER_MEASURES = (*PEOPLE, "answers", "answered", "cost_amount")
FALLBACK_MEASURES = (*PEOPLE, "calls", "answered")
TURN = "coalesce(turn_id, event_id)"
"""A call of no turn is one of its own."""

_CURRENCY = "CASE WHEN cost_amount IS NOT NULL THEN cost_currency END"
# What a failed call used nothing of has no price and needs none.
_UNPRICED = """cost_basis = 'unpriced'
               AND (status <> 'failed' OR coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0)"""


def in_force(condition: str) -> str:
    """What was shown of answers that still stands, of feedback that fits.

    Of a kind the last one on an answer counts; a thumb that was taken back is the last of its kind and says nothing.
    """
    return f"""(
        FROM routing_feedback WHERE {condition}
        QUALIFY row_number() OVER (
            PARTITION BY turn_id, model_id,
                CASE WHEN signal LIKE 'thumb%' THEN 'thumb'
                     WHEN signal IN ('won', 'lost', 'tied') THEN 'compared' ELSE signal END
            ORDER BY ts DESC, event_id DESC) = 1
    )"""


def answer_rows(run: Run) -> str:
    """Rows of a run as `answers_daily` has them, one for each answer."""
    calls = f"SELECT *, {TURN} AS turn FROM model_calls WHERE {run.within()}"  # noqa: S608
    # Nobody shows anything of an answer before its day.
    shown = in_force(f"ts >= {run.begins()} AND turn_id IN (SELECT {TURN} FROM model_calls WHERE {run.within()})")  # noqa: S608
    return f"""SELECT answers.day, team_id, surface, provider, model, task, by_fallback, currency,
       coalesce(signals, []) AS signals, {IS_SAMPLE} AS is_sample, [user_id] AS people, 1 AS answers,
       is_ok::BIGINT AS answered, cost_amount
FROM (
    SELECT {run.day()} AS day, turn, provider, model, any_value(user_id) AS user_id,
           arg_max_null(team_id, ts) AS team_id, arg_max(surface, ts) AS surface, arg_max(task, ts) AS task,
           arg_max(chosen_by, ts) FILTER (status IN ('ok', 'stopped')) = '{ChosenBy.FALLBACK}' AS by_fallback,
           bool_or(status = 'ok') AS is_ok,
           CASE WHEN NOT bool_or({_UNPRICED}) AND min({_CURRENCY}) = max({_CURRENCY}) THEN max({_CURRENCY}) END
               AS currency,
           coalesce(sum(cost_amount), 0) AS cost_amount
    FROM ({calls}) AS calls
    GROUP BY ALL HAVING bool_or(status IN ('ok', 'stopped'))
) AS answers LEFT JOIN (
    SELECT asked.day, turn_id, model_id, list_sort(list(signal)) AS signals
    FROM {shown} AS told JOIN (SELECT DISTINCT {run.day()} AS day, turn FROM ({calls})) AS asked
      ON turn = turn_id AND told.ts >= {run.begins("asked.day")}
    WHERE signal <> '{Signal.THUMB_TAKEN_BACK}' GROUP BY ALL
) AS shown ON shown.day = answers.day AND turn_id = turn AND model_id = provider || '/' || model"""  # noqa: S608 - names and times of ours


def fallback_rows(run: Run) -> str:
    """Rows of a run as `fallbacks_daily` has them, one for each call of a model that stood in."""
    failed = f"SELECT *, {run.day()} AS day FROM model_calls WHERE {run.within()} AND status = 'failed'"  # noqa: S608
    return f"""SELECT day, team_id, surface, provider, model, task, stood_in_for, {IS_SAMPLE} AS is_sample,
       [user_id] AS people, 1 AS calls, (status = 'ok')::BIGINT AS answered
FROM (
    SELECT {run.day("again.ts")} AS day, again.event_id, again.user_id, again.team_id, again.surface, again.provider,
           again.model, again.task, again.status,
           arg_max(failed.provider || '/' || failed.model, failed.ts) AS stood_in_for
    FROM model_calls AS again LEFT JOIN ({failed}) AS failed
      ON failed.turn_id = again.turn_id AND failed.day = {run.day("again.ts")} AND failed.ts <= again.ts
     AND (failed.provider <> again.provider OR failed.model <> again.model)
    WHERE {run.within("again.ts")} AND again.chosen_by = '{ChosenBy.FALLBACK}'
    GROUP BY ALL
)"""  # noqa: S608
