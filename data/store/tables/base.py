"""What every other table stands on: the metadata, this deployment, leases, and the outbox."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, MetaData, Table, Text

from data.store.columns import UtcDateTime

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

leases = Table(
    "leases",
    metadata,
    # One process at a time does what is named here.
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
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
