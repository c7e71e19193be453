"""Questions to begin with."""

from __future__ import annotations

from data.analytics.period import Period
from data.analytics.picking import Picked, Subject

PICKED: tuple[tuple[str, Picked], ...] = (
    ("Which models cost the most in the last 30 days?", Picked(measures=("cost_usd", "calls"), dimensions=("model",))),
    (
        "How many people use it, week by week?",
        Picked(measures=("people",), dimensions=("week",), period=Period.QUARTER),
    ),
    ("Which teams ask for which tasks?", Picked(measures=("calls",), dimensions=("team", "task"))),
    (
        "At which hours do calls fail?",
        Picked(measures=("failed_percent", "calls"), dimensions=("hour",)),
    ),
    (
        "Which tools are used, and how often do they fail?",
        Picked(Subject.TOOLS, ("calls", "failed_percent", "people"), ("tool",)),
    ),
)

SQL: tuple[tuple[str, str], ...] = (
    (
        "Cost of each team, month by month",
        "SELECT\n    date_trunc('month', day) AS month,\n    teams.name AS team,\n    sum(cost_usd) AS cost\n"
        "FROM model_calls\nLEFT JOIN teams USING (team_id)\nGROUP BY ALL\nORDER BY month, cost DESC",
    ),
    (
        "The slowest tenth of each model",
        "SELECT\n    model_id,\n    count(*) AS calls,\n    quantile_cont(latency_ms, 0.9) / 1000 AS seconds\n"
        "FROM model_calls\nWHERE status = 'ok'\nGROUP BY ALL\nHAVING calls >= 20\nORDER BY seconds DESC",
    ),
    (
        "Conversations with the most calls",
        "SELECT\n    conversation_id,\n    count(*) AS calls,\n    sum(tokens) AS tokens,\n    sum(cost_usd) AS cost\n"
        "FROM model_calls\nWHERE conversation_id IS NOT NULL\nGROUP BY ALL\nORDER BY calls DESC\nLIMIT 50",
    ),
    (
        "Thumbs for each model",
        "SELECT\n    model_id,\n    count(*) FILTER (signal = 'thumb_up') AS up,\n"
        "    count(*) FILTER (signal = 'thumb_down') AS down\nFROM routing_feedback\nGROUP BY ALL\nORDER BY up DESC",
    ),
)
