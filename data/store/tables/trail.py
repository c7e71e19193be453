"""The audit log: chains of events, signed checkpoints over them, and who signs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from data.store.columns import UtcDateTime
from data.store.tables.base import metadata

origins = Table(
    "origins",
    metadata,
    # Where requests came from, by opaque id: the audit log names the id, and a person's addresses can be forgotten.
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("address"),
)

audit_chains = Table(
    "audit_chains",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),  # the process that writes it, and nobody else ever
    Column("started_at", UtcDateTime, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("chain_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    # What pages search by, copied from the body; verification compares the two.
    Column("actor_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "at"),
    Index(None, "actor_id", "at"),
    Index(None, "action", "at"),
    Index(None, "outcome", "at"),
    Index(None, "target", "at"),
    Index(None, "operation", "outcome"),
    Index(None, "request_id"),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("heads", Text, nullable=False),  # the chains that moved, which must lead to the root in the body
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
)

audit_keys = Table(
    "audit_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("secret_id", Text, nullable=False),  # the private half, sealed in the vault like a provider key
    Column("created_at", UtcDateTime, nullable=False),
)

audit_deliveries = Table(
    "audit_deliveries",
    metadata,
    # How far each place outside has got. Only a bookmark: what is really there, the places themselves say.
    Column("place", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", UtcDateTime),
    Column("failing_since", UtcDateTime),
    Column("problem", Text, nullable=False),
)

APPEND_ONLY = ("audit_chains", "audit_events", "audit_checkpoints", "audit_keys")
"""Tables whose rows nobody may change or delete; triggers of the migrations see to it."""
