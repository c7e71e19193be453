"""Are the audit chains in one piece? A small check of these tests' own, independent of `core.audit`."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select

from data.store.audit_chain import chain_origin
from data.store.engine import make_engine
from data.store.tables import audit_chains, audit_events, deployment


def chain_faults(url: str) -> list[str]:
    """Where a chain forks, has a gap or does not follow from the event before; and chains without events."""
    engine = make_engine(url)
    with engine.begin() as connection:
        deployment_id = connection.execute(select(deployment.c.deployment_id)).scalar_one()
        events = connection.execute(select(audit_events).order_by(audit_events.c.chain_id, audit_events.c.seq)).all()
        owners = {row.id: row.owner for row in connection.execute(select(audit_chains))}
    engine.dispose()
    assert events
    faults = [f"{chain} has no events" for chain in owners.keys() ^ {event.chain_id for event in events}]
    heads: dict[str, tuple[int, bytes]] = {}
    for event in events:
        origin = chain_origin(deployment_id, event.chain_id, owners[event.chain_id])
        seq, before = heads.get(event.chain_id, (0, origin))
        body = json.loads(event.body)
        if (event.seq, body["seq"], body["prev"]) != (seq + 1, seq + 1, before.hex()):
            faults.append(f"{event.chain_id}:{event.seq} does not follow")
        if hashlib.sha256(event.body.encode()).digest() != event.hash:
            faults.append(f"{event.chain_id}:{event.seq} is not what its hash says")
        heads[event.chain_id] = (event.seq, event.hash)
    return faults
