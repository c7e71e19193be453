"""What admins say of models: which are off, and which exist that no list has. And what models do and refuse."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Table, Text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

model_overrides = Table(
    "model_overrides",
    metadata,
    Column("model_id", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("described", JSON(none_as_null=True)),
    Column("changed_at", UtcDateTime, nullable=False),
)

# Endpoints of a provider's kind are no rows of `endpoints`, so their ids are plain ids here.
model_refusals = Table(
    "model_refusals",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("feature", Text, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

# What was tried on purpose or seen in use; what a server's list says stands beside the list.
model_facts = Table(
    "model_facts",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("capability", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("holds", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("evidence", HumanText, nullable=False),
)

feature_rules = Table(
    "feature_rules",
    metadata,
    Column("feature", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),  # both empty: everybody's; one of them: a person's or a team's
    Column("team_id", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
