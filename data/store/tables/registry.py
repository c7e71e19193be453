"""What admins say of models: which are off, and which exist that no list has. And what models refuse."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Table, Text

from data.store.columns import UtcDateTime
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
