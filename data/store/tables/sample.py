"""What is known of sample data: the data itself is in the warehouse alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from data.store.columns import UtcDateTime
from data.store.tables.base import metadata

sample_seedings = Table(
    "sample_seedings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seed", BigInteger, nullable=False),
    Column("days", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("events", BigInteger, nullable=False),  # put into the outbox so far
)
