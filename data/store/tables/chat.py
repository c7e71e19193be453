"""Conversations, their turns, the books of model calls, and the servers that answer them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.store.columns import ExactDecimal, HumanText, UtcDateTime
from data.store.tables.base import metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("hidden_in", Text),  # the comparison that it is a side of, while lists don't show it
    # Deleted by a person who is held: kept until the hold ends. It is nobody's then, `user_id` is empty, so that no
    # query that asks whose a conversation is can ever show it.
    Column("deleted_by", Text),
    Column("deleted_at", UtcDateTime),
    Index(None, "user_id", "updated_at"),
    Index(
        None,
        "deleted_by",
        sqlite_where=text("deleted_by IS NOT NULL"),
        postgresql_where=text("deleted_by IS NOT NULL"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("turn_id", Text),
    Column("call_id", Text),
    Column("superseded_by", Text),
    UniqueConstraint("conversation_id", "seq"),
)

# What is no text in a conversation's messages, by its SHA-256. Of a conversation and not of a person: it goes with
# that, without a count of who still uses it, and whose it is needs no column of its own.
blobs = Table(
    "blobs",
    metadata,
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("preview", LargeBinary),  # a small picture of it, for pages
    Column("text", HumanText),  # what stands in it, for models that only read; NULL: it holds none
    Column("content", LargeBinary, nullable=False),  # last: SQLite reads a row up to the column that it is asked for
)

# What a model wrote of a blob, for models that can't take it as it is. Beside it and not in its row: there it would
# stand behind the bytes, and SQLite would read through all of them.
blob_descriptions = Table(
    "blob_descriptions",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("text", HumanText, nullable=False),
    Column("described_by", HumanText, nullable=False),  # the model's id
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["conversation_id", "digest"],
        ["blobs.conversation_id", "blobs.digest"],
        name="fk_blob_descriptions_conversation_id_blobs",
        ondelete="CASCADE",
    ),
    Index(None, "digest"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "conversation_id"),
    # At most one answer in progress per conversation, whatever the code believes.
    Index(
        "ux_turns_running",
        "conversation_id",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("conversation_id", Text),
    Column("turn_id", Text),
    Column("endpoint_id", Text, nullable=False),
    Column("provider", HumanText, nullable=False),
    Column("model", HumanText, nullable=False),
    Column("modality", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("chosen_by", Text, nullable=False),
    Column("key_owner", Text, nullable=False),
    Column("secret_id", Text),
    Column("started_at", UtcDateTime, nullable=False),
    Column("status", Text, nullable=False),
    Column("error_kind", Text),
    Column("ttft_ms", Double),
    Column("latency_ms", Double),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("tokens_estimated", Boolean),
    Column("cost_amount", ExactDecimal),
    Column("cost_currency", Text),
    Column("cost_basis", Text),
    Column("price_version", Text),
    Column("owner", Text),
    Column("is_test", Boolean),  # of a Test button; NULL: written by the release before 0003
    Column("quantity", ExactDecimal),  # of `unit`: what was used besides tokens
    Column("unit", Text),
    Column("cache", Text),  # "hit" or "miss" where Gearbox's own cache was asked
    Column("saved_amount", ExactDecimal),  # what a hit would have cost, in cost_currency
    Column("team_id", Text),  # the paying team, else the person's first; NULL: none, or from before 0024
    Index(None, "user_id", "started_at"),
    Index(  # what all rounds of a turn took; calls of programs belong to none
        None,
        "turn_id",
        sqlite_where=text("turn_id IS NOT NULL"),
        postgresql_where=text("turn_id IS NOT NULL"),
    ),
    Index(  # calls without a key need no entry
        None,
        "secret_id",
        "started_at",
        sqlite_where=text("secret_id IS NOT NULL"),
        postgresql_where=text("secret_id IS NOT NULL"),
    ),
    Index(
        "ix_calls_open",
        "started_at",
        sqlite_where=text("status = 'intent'"),
        postgresql_where=text("status = 'intent'"),
    ),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("label", HumanText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("wire", Text, nullable=False),
    Column("base_url", HumanText, nullable=False),
    Column("secret_id", Text),
    Column("created_at", UtcDateTime, nullable=False),
    # NULL: a person's own. Else "team" or "organisation", and `user_id` holds that kind with the owner's id.
    Column("owner_kind", Text),
    UniqueConstraint("user_id", "provider"),
)

model_listings = Table(
    "model_listings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("names", JSON, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("etag", Text),
    Column("contexts", JSON(none_as_null=True)),  # tokens by model; NULL: written by the release before 0011
)
