"""Where requests came from, by opaque id."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, select

from data.store.columns import insert_new
from data.store.tables import origins


def origin_id(connection: Connection, address: str, now: datetime) -> str:
    """The id of an address, made at first sight.

    Two processes may meet an address at the same moment: the one that comes second takes the other's id.
    """
    query = select(origins.c.id).where(origins.c.address == address)
    known: str | None = connection.execute(query).scalar()
    if known is None:
        insert_new(
            connection, origins, {"id": uuid.uuid4().hex, "address": address, "first_seen_at": now}, key=["address"]
        )
        known = connection.execute(query).scalar_one()
    return known
