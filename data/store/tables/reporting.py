"""Books of what is no model call, and what people keep for the pages of numbers: questions, budgets, reports, rules."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, Integer, Table, Text, UniqueConstraint

from data.store.columns import ExactDecimal, HumanText, UtcDateTime
from data.store.tables.base import metadata

# Like `calls` these two are books: they outlive conversations and sessions, so their ids are plain ids.
tool_uses = Table(
    "tool_uses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("team_id", Text),
    Column("surface", Text, nullable=False),
    Column("conversation_id", Text),
    Column("turn_id", Text, nullable=False),
    Column("tool", HumanText, nullable=False),
    Column("origin", Text, nullable=False),  # "builtin", or the id of the server that brings it
    Column("effect", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seconds", Double),  # NULL: it was not run
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("team_id", Text),
    Column("mode", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

saved_queries = Table(
    "saved_queries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", HumanText, nullable=False),
    Column("kind", Text, nullable=False),  # "picked" or "sql"
    Column("body", HumanText, nullable=False),
    Column("chart", Text),  # JSON; NULL: as a table
    Column("is_shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "user_id"),
)

# Of a calendar month.
budgets = Table(
    "budgets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_kind", Text, nullable=False),  # "organisation", "team" or "user"
    Column("owner_id", Text, nullable=False),  # empty for the organisation
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    UniqueConstraint("owner_kind", "owner_id"),
)

report_schedules = Table(
    "report_schedules",
    metadata,
    Column("id", Text, primary_key=True),
    Column("team_id", Text),  # NULL: everybody
    Column("label", HumanText, nullable=False),
    Column("secret_id", Text, nullable=False),  # where it goes: an address with a password in it, sealed in the vault
    Column("weekday", Integer, nullable=False),  # 0 is Monday
    Column("hour", Integer, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_for", Text),  # the ISO date of the last period that was sent
    Column("sent_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("trouble", HumanText),  # why the last try failed, without the address
)

retention_rules = Table(
    "retention_rules",
    metadata,
    Column("kind", Text, primary_key=True),  # a table of the warehouse
    Column("team_id", Text, primary_key=True),  # empty: of all teams without a rule of their own
    Column("days", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)
