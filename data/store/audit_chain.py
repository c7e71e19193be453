"""This process's audit chain: links events into it, inside the transaction that they belong to.

Each writer process has a chain of its own, so that no two ever wait for, or fork, each other's; signed checkpoints join
them (`core.audit`). An event's body names the hash of the one before it, and the first one that of its chain's origin.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from data.store.origins import origin_id
from data.store.tables import audit_chains, audit_events
from data.values.audit import AuditEvent
from data.values.canonical import canonical_json

BODY_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Head:
    chain_id: str
    seq: int
    hash: bytes


def chain_origin(deployment_id: str, chain_id: str, owner: str) -> bytes:
    """What the first event of a chain names as the hash before it, 32 bytes; `owner` is the process that writes it."""
    return hashlib.sha256(f"gearbox.audit.chain\n{deployment_id}\n{chain_id}\n{owner}".encode()).digest()


class ChainWriter:
    """Collects the events of one transaction and links them as it commits. Only for the committer's thread."""

    def __init__(self, owner: str, deployment_id: str, clock: Callable[[], datetime]) -> None:
        self._owner = owner
        self._deployment_id = deployment_id
        self._clock = clock
        self._head: _Head | None = None
        self._next: _Head | None = None
        self._pending: list[AuditEvent] = []
        self._origins: dict[str, str] = {}
        self._new_origins: dict[str, str] = {}
        self.listeners: list[Callable[[Sequence[AuditEvent]], None]] = []
        """Told which events a transaction committed; must be quick."""

    def begin(self) -> None:
        """A transaction begins; what an earlier one collected without committing is forgotten."""
        self._pending.clear()
        self._new_origins.clear()
        self._next = None

    def append(self, event: AuditEvent) -> None:
        """Record an event in the transaction under way: it is on disk exactly when the rest of it is."""
        self._pending.append(event)

    def mark(self) -> int:
        """Where the collected events stand, for `rewind`."""
        return len(self._pending)

    def rewind(self, mark: int) -> None:
        """Forget the events of a job that was rolled back to its savepoint."""
        del self._pending[mark:]

    def write(self, connection: Connection) -> None:
        """Link and insert what was collected; the last thing before COMMIT."""
        if not self._pending:
            return
        now = self._clock()
        head = self._head or self._begun(connection, now)
        rows = []
        for event in self._pending:
            row = self._linked(head, event, self._origin(connection, event.address, now), now)
            rows.append(row)
            head = _Head(head.chain_id, row["seq"], row["hash"])
        try:
            connection.execute(insert(audit_events), rows)
        except IntegrityError:
            self._head = None  # somebody else wrote into this chain: leave it to verification, and begin another
            raise
        self._next = head

    def committed(self) -> None:
        """The transaction is on disk."""
        if self._next is not None:
            self._head = self._next
            committed = tuple(self._pending)
            for listener in self.listeners:
                listener(committed)
        self._origins |= self._new_origins
        self.begin()

    def uncertain(self) -> None:
        """Nobody knows whether the COMMIT happened: leave the chain as it may be, and begin another."""
        self._head = None
        self.begin()

    def _begun(self, connection: Connection, now: datetime) -> _Head:
        chain_id = uuid.uuid4().hex
        connection.execute(insert(audit_chains), {"id": chain_id, "owner": self._owner, "started_at": now})
        return _Head(chain_id, 0, chain_origin(self._deployment_id, chain_id, self._owner))

    def _origin(self, connection: Connection, address: str, now: datetime) -> str:
        if not address:
            return ""
        known = self._origins.get(address) or self._new_origins.get(address)
        if known is None:
            known = self._new_origins[address] = origin_id(connection, address, now)
        return known

    @staticmethod
    def _linked(head: _Head, event: AuditEvent, origin: str, now: datetime) -> dict[str, Any]:
        row: dict[str, Any] = {
            "chain_id": head.chain_id,
            "seq": head.seq + 1,
            "at": now,
            "actor_id": event.actor_id,
            "action": event.action.value,
            "outcome": event.outcome.value,
            "target": event.target,
            "operation": event.operation,
            "request_id": event.request_id,
            "surface": event.surface.value,
        }
        body = canonical_json(
            {
                "v": BODY_VERSION,
                "chain": head.chain_id,
                "seq": row["seq"],
                "prev": head.hash.hex(),
                "at": instant(now),
                "actor": event.actor_id,
                "action": event.action.value,
                "outcome": event.outcome.value,
                "target": event.target,
                "operation": event.operation,
                "request": event.request_id,
                "surface": event.surface.value,
                "session": event.session_id,
                "origin": origin,
                "details": dict(event.details),
            }
        )
        return {**row, "hash": hashlib.sha256(body.encode()).digest(), "body": body}


def instant(moment: datetime) -> str:
    """A moment as bodies spell it: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
