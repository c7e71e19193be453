"""One prompt to several models, and what the person said of the answers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

comparisons = Table(
    "comparisons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", HumanText, nullable=False),
    Column("is_blind", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verdict", Text),
    Column("winner", Text),  # a conversation's id; it may be deleted since
    Column("judged_at", UtcDateTime),
    Index(None, "user_id", "created_at"),
)

comparison_sides = Table(
    "comparison_sides",
    metadata,
    Column("comparison_id", Text, ForeignKey("comparisons.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("model_id", HumanText, nullable=False),
    Index(None, "conversation_id", unique=True),
)
