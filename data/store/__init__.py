"""The state database: conversations, turns, keys, preferences and the outbox, on SQLite or PostgreSQL.

Pages and services open it once with `open_store` and use the repositories of `Store`.
"""

from __future__ import annotations

from data.store.inspection import SchemaState, describe_drift, is_empty, schema_state
from data.store.lease import OwnerId
from data.store.store import Store, looked_at, open_store

__all__ = [
    "OwnerId",
    "SchemaState",
    "Store",
    "describe_drift",
    "is_empty",
    "looked_at",
    "open_store",
    "schema_state",
]
