"""The audit log as the vault's tests look at it."""

from __future__ import annotations

from sqlalchemy import select

from data.store import Store
from data.store.tables import audit_events


def events(store: Store, *actions: str) -> list[tuple[str, str]]:
    """(action, outcome) of every key event in the order they were told; of `actions` only, where any are given."""
    query = select(audit_events.c.action, audit_events.c.outcome).order_by(audit_events.c.seq)
    with store._database.read() as connection:
        rows = connection.execute(query).all()
    return [(row.action, row.outcome) for row in rows if row.action.startswith(actions or ("key.",))]
