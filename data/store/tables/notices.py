"""What the workspace tells everybody: announcements, who has put them away, and maintenance."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, Table, Text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

announcements = Table(
    "announcements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("words", HumanText, nullable=False),
    Column("kind", Text, nullable=False),  # "info", "success", "warning" or "critical"
    Column("roles", JSON, nullable=False),  # with no roles and no teams it is for everybody
    Column("team_ids", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),  # NULL: until somebody ends it
    Column("dismissible", Boolean, nullable=False),
    Column("wording", Integer, nullable=False),  # goes up with each change of the words
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "ends_at"),
)

announcement_dismissals = Table(
    "announcement_dismissals",
    metadata,
    Column("announcement_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("wording", Integer, nullable=False),  # the words that were put away
    Index(None, "user_id"),
)

maintenances = Table(
    "maintenances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("words", HumanText, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),  # expected; NULL: nobody knows
    Column("ends_itself", Boolean, nullable=False),
    Column("ended_at", UtcDateTime),  # by somebody
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
)
