"""Are the triggers there that make the audit log append-only?

The migrations make them, so that not even our own mistakes change an event. Whoever owns the database can drop them:
a start refuses a database without them, and what was done meanwhile the chains and the signed checkpoints tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

_LIVE = {
    # One that refuses nothing, or only sometimes, is none.
    "sqlite": "SELECT tbl_name || ' ' || name FROM sqlite_master WHERE type = 'trigger' "
    "AND sql LIKE '%RAISE(ABORT%' AND (name LIKE '%_guard_replace' OR sql NOT LIKE '% WHEN %')",
    # 'O': fires in ordinary sessions; anything else is a trigger that somebody switched off.
    "postgresql": "SELECT tgrelid::regclass::text || ' ' || tgname FROM pg_trigger "
    "WHERE NOT tgisinternal AND tgenabled = 'O'",
}
_GUARDS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("rows", "truncate")}


def unguarded(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Those of `tables` that lack one of their triggers, or have it switched off."""
    dialect = connection.dialect.name
    live = set(connection.execute(text(_LIVE[dialect])).scalars())
    return [table for table in tables if not {f"{table} {table}_guard_{guard}" for guard in _GUARDS[dialect]} <= live]
