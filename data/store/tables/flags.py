"""Feature flags: as they are, their history, and when they were last asked for."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text, UniqueConstraint

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

# No row is ever deleted, and a version only grows: so their sum tells whether anything has changed.
flags = Table(
    "flags",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

# Appended to only. Two changes of one version can't both be kept.
flag_changes = Table(
    "flag_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", HumanText, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON, nullable=False),
    UniqueConstraint("key", "version", name="uq_flag_changes_key_version"),
    Index(None, "at"),
)

flag_uses = Table(
    "flag_uses",
    metadata,
    Column("key", Text, primary_key=True),
    Column("evaluated_at", UtcDateTime, nullable=False),
)
