"""Servers that bring tools, what admins trust of them, which tools are off, and who allowed what."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Table, Text, UniqueConstraint

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

tool_servers = Table(
    "tool_servers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("label", HumanText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("command", JSON, nullable=False),
    Column("variables", JSON, nullable=False),  # names only: the values are sealed in the vault
    Column("url", Text, nullable=False),
    Column("secret_id", Text),
    Column("team_id", Text),  # NULL: everybody's
    Column("is_on", Boolean, nullable=False),
    Column("listed", JSON(none_as_null=True)),
    Column("listed_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("name"),
)

trusted_tools = Table(
    "trusted_tools",
    metadata,
    Column("server_id", Text, ForeignKey("tool_servers.id", ondelete="CASCADE"), primary_key=True),
    Column("tool", Text, primary_key=True),
    Column("described", JSON, nullable=False),
    Column("reads", Boolean, nullable=False),
    Column("trusted_at", UtcDateTime, nullable=False),
)

tools_off = Table(
    "tools_off",
    metadata,
    Column("name", Text, primary_key=True),  # as models call it
    Column("changed_at", UtcDateTime, nullable=False),
)

tool_rules = Table(
    "tool_rules",
    metadata,
    Column("tool", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

tool_consents = Table(
    "tool_consents",
    metadata,
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("tool", Text, primary_key=True),
    Column("approval", Text, nullable=False),
    Column("untrusted", JSON, nullable=False),  # digests and ids of what others wrote, never a word of it
    Column("given_at", UtcDateTime, nullable=False),
)
