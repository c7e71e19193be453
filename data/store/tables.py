"""The tables of the state database, as this release knows them.

Enumerations are plain text without CHECK constraints, so that a release can add a member without a migration.
Rows point at users by opaque id and not by foreign key: sign-in may know people that this database has not met.
`calls` are the books: they outlive the conversation they belonged to, so their ids are plain ids too.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.store.columns import ExactDecimal, HumanText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# JSON and not JSONB: JSONB refuses an escaped NUL inside a string, and a model may well say one.
# SQLite gives an INTEGER primary key its row id; a BIGINT one stays NULL.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

deployment = Table(
    "deployment",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("deployment_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("schema_fingerprint", Text),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("display_name", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "user_id", "updated_at"),
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
    Index(None, "user_id", "started_at"),
    Index(
        "ix_calls_open",
        "started_at",
        sqlite_where=text("status = 'intent'"),
        postgresql_where=text("status = 'intent'"),
    ),
)

secrets = Table(
    "secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "owner_kind", "owner_id"),
)

secret_versions = Table(
    "secret_versions",
    metadata,
    Column("secret_id", Text, ForeignKey("secrets.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("blob", LargeBinary, nullable=False),
    Column("wrapped_dek", LargeBinary, nullable=False),
    Column("kek_id", Integer, nullable=False),
    Column("last4", HumanText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

keks = Table(
    "keks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("canary", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(
        "ux_keks_active",
        "state",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
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
    UniqueConstraint("user_id", "provider"),
)

model_listings = Table(
    "model_listings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("names", JSON, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Ids are never used twice, also after the newest rows were deleted: the drainer tells rows apart by id.
    sqlite_autoincrement=True,
)
