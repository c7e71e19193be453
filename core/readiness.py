"""Whether this process can serve: the state of each part, for the health check."""

from __future__ import annotations

from collections.abc import Mapping

from core.audit.trail import Trail
from core.errors import GearboxError
from core.warm_up import WarmUp
from data.store import Store
from data.warehouse.writer import WarehouseWriter


def readiness_of(store: Store, writer: WarehouseWriter, trail: Trail, warming: WarmUp) -> Mapping[str, str]:
    """Each part's state, see `core.api.health`."""
    try:
        store.ping()
        problem = writer.status().last_error
    except GearboxError as error:
        return {"database": f"failed: {type(error).__name__}", "vault": "ready", **warming.states()}
    # Without the warehouse the chat works on and nothing is lost: the outbox keeps what it can't take.
    warehouse = f"degraded: {problem}" if problem else "ready"
    vault = "degraded: the audit log can't be kept safe, so keys are refused" if trail.refusing else "ready"
    return {"database": "ready", "vault": vault, "warehouse": warehouse, **warming.states()}
