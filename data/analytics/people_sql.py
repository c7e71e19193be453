"""The queries behind the People page, by the names of their parts. Every value is a bound parameter.

`{days}` is the place of whole days, read from the rollup where that is true (`data.analytics.by_day`). A week begins on
Monday, in the zone that those days are of.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from data.analytics.people_values import Feature, Step
from data.analytics.sample import IS_SAMPLE
from data.values.calls import CHAT, ChosenBy
from data.values.operations import OperationKind
from data.values.routing import Signal
from data.values.tool_calls import ToolState

_TEAM = "($team IS NULL OR team_id = $team)"
_IN_PERIOD = f"ts >= $start AND ts < $end AND {_TEAM}"
# Of rows that are one for each person: counting different ones takes many times as long.
_WHO = f"""count(*) AS everybody, count(*) FILTER (NOT {IS_SAMPLE}) AS real_people,
           count(*) FILTER (NOT {IS_SAMPLE} AND user_id <> $viewer) AS real_others"""
_WEEK = "date_trunc('week', day)::DATE"
# Kinds of content; what only programs ask for, such as vectors, is none.
_CONTENTS: Mapping[str, str] = {
    "texts": f"modality = '{CHAT}'",
    "pictures": f"modality IN ('{OperationKind.IMAGE}', '{OperationKind.IMAGE_EDIT}')",
    "speech": f"modality = '{OperationKind.SPEECH}'",
    "transcripts": f"modality = '{OperationKind.TRANSCRIPTION}'",
    "films": f"modality = '{OperationKind.VIDEO}'",
}

_STEPS: Mapping[Step, str] = {
    Step.CAME: "true",
    Step.CHATTED: "chat",
    Step.AGAIN: "weeks >= 2",
    Step.TOOLS: "tools",
    Step.SEVERAL: "contents >= 2",
}
_FEATURES: Mapping[Feature, str] = {each: each.value for each in Feature}


def _counted(name: str, condition: str) -> str:
    return (
        f"count(*) FILTER ({condition}) AS {name},\n           "
        f"count(*) FILTER (({condition}) AND NOT {IS_SAMPLE}) AS {name}_real"
    )


def _any_of(conditions: Mapping[str, str]) -> str:
    return ",\n               ".join(f"bool_or({condition}) AS {name}" for name, condition in conditions.items())


def _all_counts() -> str:
    so_far, counts = [], []
    for step, condition in _STEPS.items():
        so_far.append(condition)
        counts.append(_counted(f"step_{step}", " AND ".join(so_far)))
    counts += [_counted(f"use_{feature}", condition) for feature, condition in _FEATURES.items()]
    return ",\n           ".join(counts)


# S608: put together from the constants above; every value is a bound parameter.
SQL: Mapping[str, str] = {
    name: dedent(text).strip()
    for name, text in {
        "teams": """
    SELECT team_id, list(DISTINCT user_id) AS people
    FROM (
        SELECT team_id, user_id FROM {days}
        UNION ALL
        SELECT team_id, user_id FROM sign_ins WHERE ts >= $start AND ts < $end
    )
    GROUP BY team_id ORDER BY count(DISTINCT user_id) DESC, team_id
    """,
        "people": f"""
    WITH weekly AS (
        SELECT user_id, {_WEEK} AS week, bool_or(surface = 'chat') AS chat, bool_or(surface = 'api') AS api,
               {_any_of({name: f"{what} AND answered > 0" for name, what in _CONTENTS.items()})}
        FROM {{days}} WHERE {_TEAM} GROUP BY user_id, week
    ), called AS (
        SELECT user_id, count(*) FILTER (chat) AS weeks, {_any_of({name: name for name in ("chat", "api", *_CONTENTS)})}
        FROM weekly GROUP BY user_id
    ), chosen AS (
        SELECT user_id, bool_or(chosen_by = '{ChosenBy.AUTO}') AS auto,
               bool_or(chosen_by = '{ChosenBy.PERSON}') AS picked
        FROM model_calls WHERE {_IN_PERIOD} AND surface = 'chat' GROUP BY user_id
    ), tooled AS (
        SELECT user_id, true AS tools FROM tool_calls
        WHERE {_IN_PERIOD} AND status = '{ToolState.DONE}' GROUP BY user_id
    ), judged AS (
        SELECT user_id, bool_or(signal IN ('{Signal.THUMB_UP}', '{Signal.THUMB_DOWN}')) AS thumbs,
               bool_or(signal IN ('{Signal.WON}', '{Signal.LOST}', '{Signal.TIED}')) AS compared
        FROM routing_feedback WHERE ts >= $start AND ts < $end GROUP BY user_id
    ), came AS (
        SELECT user_id FROM sign_ins WHERE {_IN_PERIOD}
        UNION
        SELECT user_id FROM called
    ), persons AS (
        SELECT user_id, coalesce(weeks, 0) AS weeks,
               {" + ".join(f"coalesce({each}, false)::INTEGER" for each in _CONTENTS)} AS contents,
               {", ".join(f"coalesce({each}, false) AS {each}" for each in Feature)}
        FROM came LEFT JOIN called USING (user_id) LEFT JOIN chosen USING (user_id)
             LEFT JOIN tooled USING (user_id) LEFT JOIN judged USING (user_id)
    )
    SELECT {_WHO}, count(*) FILTER ({IS_SAMPLE}) AS samples,
           {_all_counts()}
    FROM persons
    """,  # noqa: S608
        "active": f"""
    WITH days AS (
        SELECT DISTINCT day, user_id FROM {{days}} WHERE {_TEAM}
    ), persons AS (
        SELECT stretch, user_id, count(*) AS days
        FROM (
            SELECT unnest($stretches::VARCHAR[]) AS stretch, unnest($firsts::DATE[]) AS first_day,
                   unnest($lasts::DATE[]) AS last_day
        ) AS stretches JOIN days ON day BETWEEN first_day AND last_day
        GROUP BY stretch, user_id
    )
    SELECT stretch, {_WHO}, sum(days)::BIGINT AS person_days FROM persons GROUP BY stretch
    """,  # noqa: S608
        "buckets": f"""
    SELECT start, {_WHO}
    FROM (SELECT DISTINCT date_trunc($rhythm, day)::DATE AS start, user_id FROM {{days}} WHERE {_TEAM})
    GROUP BY start ORDER BY start
    """,  # noqa: S608
        "cohorts": f"""
    WITH weeks AS (
        SELECT DISTINCT user_id, {_WEEK} AS week FROM {{days}} WHERE surface = 'chat' AND {_TEAM}
    ), begun AS (
        SELECT user_id, min(week) AS cohort FROM weeks GROUP BY user_id
    )
    SELECT cohort, (week - cohort) // 7 AS later, {_WHO}
    FROM weeks JOIN begun USING (user_id)
    WHERE cohort >= $first_week AND week < $this_week
    GROUP BY cohort, later ORDER BY cohort, later
    """,  # noqa: S608
    }.items()
}
