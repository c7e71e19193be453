"""People, how they sign in, and what they prefer."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("display_name", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("email", HumanText),
    Column("roles", JSON),  # NULL: a member
    Column("roles_from", Text),  # "claim" or "admin"
    Column("deactivated_at", UtcDateTime),
    Column("last_seen_at", UtcDateTime),
    Column("forgotten_at", UtcDateTime),
)

identities = Table(
    "identities",
    metadata,
    # The only place that joins a person's opaque id to who they are elsewhere; forgetting deletes it.
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "user_id"),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("name"),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", Text, ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("joined_at", UtcDateTime, nullable=False),
    Index(None, "user_id"),
)

prompt_corrections = Table(
    "prompt_corrections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),  # of the prompt; its words are not kept
    Column("outputs", JSON, nullable=False),  # names of `Output`
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of what the browser holds; useless to who reads the table
    Column("user_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("origin_id", Text),
    Column("user_agent", HumanText),
    Column("mode", Text, nullable=False),
    Index(None, "user_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("name", HumanText, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("last4", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("token_hash"),
    Index(None, "user_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),  # "account:<id>" or "address:<address>"
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
)

# One row for each of what a rule can be about; none: no rule.
access_rules = Table(
    "access_rules",
    metadata,
    Column("owner_kind", Text, primary_key=True),  # "organisation", "team" or "user"
    Column("owner_id", Text, primary_key=True),  # empty for the organisation
    Column("thing", Text, primary_key=True),  # "models" or "tools"
    Column("patterns", JSON, nullable=False),  # an empty list: none may be used
    Column("set_by", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
