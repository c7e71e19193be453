"""What admins say of models: which are off, and which exist that no list has."""

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
