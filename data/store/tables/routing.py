"""Which model was chosen and why, what people showed of answers, and what all that adds up to."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, Table, Text, text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

# Books, as calls are: they outlive the conversation, but not what they tell of its words (the fingerprints).
routing_decisions = Table(
    "routing_decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),  # or the id of a program's call, which has no turn
    Column("decided_at", UtcDateTime, nullable=False),
    Column("task", Text, nullable=False),
    Column("tasks", JSON, nullable=False),  # probabilities
    Column("chosen", HumanText, nullable=False),
    Column("chooser", Text, nullable=False),
    Column("explored", Boolean, nullable=False),
    Column("team_ids", JSON, nullable=False),
    Column("weighed", JSON, nullable=False),  # candidates, and what counted; with the version of its format
    Column("policy", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("overrules", Text),
    Column("overruled_by", Text),  # in the same turn: the person wanted another model before it answered
    Column("fingerprint", Text, nullable=False),
    Column("propensity", Double),
    Index(None, "user_id", "decided_at"),
    Index(  # one is in force, whatever the code believes
        "ux_routing_decisions_in_force",
        "turn_id",
        unique=True,
        sqlite_where=text("overruled_by IS NULL"),
        postgresql_where=text("overruled_by IS NULL"),
    ),
    Index(
        "ix_routing_decisions_without_propensity",
        "decided_at",
        sqlite_where=text("propensity IS NULL AND chooser = 'policy'"),
        postgresql_where=text("propensity IS NULL AND chooser = 'policy'"),
    ),
)

routing_feedback = Table(
    "routing_feedback",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("decision_id", Text),
    Column("model_id", HumanText, nullable=False),
    Column("task", Text, nullable=False),
    Column("signal", Text, nullable=False),
    Column("kind", Text, nullable=False),  # of a kind the last one counts
    Column("against", JSON, nullable=False),
    Column("reason", Text),
    Column("words", HumanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("adds", JSON, nullable=False),  # exactly what it added, to be taken back
    Column("replaced_by", Text),
    Index(
        "ux_routing_feedback_in_force",
        "turn_id",
        "model_id",
        "kind",
        unique=True,
        sqlite_where=text("replaced_by IS NULL"),
        postgresql_where=text("replaced_by IS NULL"),
    ),
    Index(None, "user_id", "at"),
)

routing_tallies = Table(
    "routing_tallies",
    metadata,
    Column("level", Text, primary_key=True),
    Column("scope_id", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("model_id", HumanText, primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("weight", BigInteger, nullable=False),
    Column("quality", BigInteger, nullable=False),
    Column("square", BigInteger, nullable=False),
    Column("priced", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("timed", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),  # the version of all of them that this row is from
    Index(None, "changed"),
)

# From when on a person's own experience counts. What was before stays in the books, and in what all have in common.
routing_resets = Table(
    "routing_resets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "user_id", "at"),
)

routing_state = Table(
    "routing_state",
    metadata,
    # One row, once anything was counted.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("whole_from", BigInteger, nullable=False),  # rows were deleted: whoever knows less reads all of them again
)
