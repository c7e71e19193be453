"""Sealed keys, their versions, and the KEKs that seal them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

secrets = Table(
    "secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("head", LargeBinary),  # authenticates which versions there are, and their states
    Column("head_kek_id", Integer),
    Column("user_sealed", Boolean),
    Index(None, "owner_kind", "owner_id"),
    Index(None, "head_kek_id"),
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
    Column("grace_until", UtcDateTime),  # of a version that a newer one has replaced
    Column("revoked_at", UtcDateTime),
    Index(None, "kek_id"),
)

user_seals = Table(
    "user_seals",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("secret_id", Text, nullable=False),  # of the system secret that holds the seal
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
    Column("wrapped", LargeBinary),  # the KEK itself, sealed by a KMS that keeps the key to it
    Index(
        "ux_keks_active",
        "state",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
)

kek_rotations = Table(
    "kek_rotations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("from_kek", Integer, nullable=False),
    Column("to_kek", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)
