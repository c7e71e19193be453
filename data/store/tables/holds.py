"""Legal holds, what is kept only because of them, and receipts of forgetting."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Table, Text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

holds = Table(
    "holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scope", Text, nullable=False),  # "person", "team" or "everybody"
    Column("subject_id", Text, nullable=False),  # empty: everybody
    Column("matter", HumanText, nullable=False),
    Column("reason", HumanText, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("released_by", Text),
    Column("released_at", UtcDateTime),
)

# Whom a hold is on, one by one: who leaves a team that is held stays here.
hold_people = Table(
    "hold_people",
    metadata,
    Column("hold_id", Text, ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "user_id"),
)

# What an edit or a deletion would have destroyed of a person who is held, where the row itself has to go.
held_versions = Table(
    "held_versions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),  # of the conversation, the message, the comparison, ...
    Column("body", JSON, nullable=False),
    Column("until", UtcDateTime, nullable=False),  # when another version took its place, or none
    Index(None, "user_id", "until"),
)

forget_receipts = Table(
    "forget_receipts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("policy", Text, nullable=False),  # what becomes of the rows in the warehouse
    Column("counts", JSON, nullable=False),  # what was removed, by kind
    Index(None, "at"),
)
