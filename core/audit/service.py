"""What admins do with the audit log: look into it, have it verified, take it away. Page, API and CLI all ask here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import IO

from core.access.access import Access
from core.access.policy import Permission
from core.audit.export import Exported, Exporter, Format
from core.audit.report import ChainStatus, Report
from core.audit.trail import Trail
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, Detail
from data.values.audit_search import AuditCursor, AuditFilter, AuditPage

PAGE = 50
"""Events on one page, unless another number is asked for."""


class AuditService:
    """Every method needs `Permission.SEE_AUDIT` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(self, access: Access, trail: Trail, store: Store, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._trail = trail
        self._store = store
        self._clock = clock
        self._last: tuple[datetime, Report] | None = None

    def search(
        self, actor: Actor, wanted: AuditFilter, cursor: AuditCursor | None = None, limit: int = PAGE
    ) -> AuditPage:
        """The newest `limit` events that fit and are older than `cursor`."""
        self._access.require(actor, Permission.SEE_AUDIT)
        return self._store.audit.search(wanted, cursor, limit)

    def seek(self, actor: Actor, wanted: AuditFilter, cursor: AuditCursor, shares: int = 100) -> AuditCursor:
        """Look on from where a search stopped: the place from which the next search finds something.

        Looks at most at `shares` times what one search does (`data.store.audit_search.SHARE`), and gives the place that
        it came to when that was in vain.
        """
        self._access.require(actor, Permission.SEE_AUDIT)
        for _ in range(shares):
            page = self._store.audit.search(wanted, cursor, 1)
            if page.entries or page.older is None:
                break
            cursor = page.older
        return cursor

    def status(self, actor: Actor) -> ChainStatus:
        """How the log stands now; cheap."""
        self._access.require(actor, Permission.SEE_AUDIT)
        return self._trail.status()

    def verify_now(self, actor: Actor) -> Report:
        """Verify the whole log: about 25 µs an event. That it was done, and the verdict, are in the log.

        Raises:
            GearboxError: the database or the checkpoint file can't be read.
        """
        self._access.require(actor, Permission.SEE_AUDIT)
        report = self._trail.verify()
        self._store.audit.record(
            AuditEvent.by(
                actor,
                Action.AUDIT_VERIFY,
                AuditOutcome.DONE,
                ok=report.ok,
                events=report.events,
                findings=len(report.findings),
            )
        )
        self._last = self._clock(), report
        return report

    def last_verified(self, actor: Actor) -> tuple[datetime, Report] | None:
        """When this process verified the log last, and what it found."""
        self._access.require(actor, Permission.SEE_AUDIT)
        return self._last

    def export(
        self,
        actor: Actor,
        file: IO[bytes],
        format_: Format = "jsonl",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Exported:
        """Write the log from `since` to `until`, extended to the checkpoints around it, into a zip with its proof.

        Raises:
            AuditUnavailable: the export can't be written to the audit log first, so it is not made.
            StoreError: there is no checkpoint yet, or the database can't be read.
        """
        self._access.require(actor, Permission.SEE_AUDIT)
        operation = uuid.uuid4().hex
        self._tell(actor, AuditOutcome.INTENT, operation, format=format_)
        self._trail.checkpoint_now()
        try:
            exporter = Exporter(self._store, self._trail.public_key(), self._clock)
            exported = exporter.write(file, format_, since, until)
        except (GearboxError, OSError, OverflowError):
            self._tell(actor, AuditOutcome.FAILED, operation, format=format_)
            raise
        self._tell(
            actor, AuditOutcome.DONE, operation, events=exported.events, first=exported.first, last=exported.last
        )
        return exported

    def public_key(self, actor: Actor) -> bytes:
        """The public half of the key that signs the log, as PEM: what auditors verify exports with."""
        self._access.require(actor, Permission.SEE_AUDIT)
        return self._trail.public_key()

    def _tell(self, actor: Actor, outcome: AuditOutcome, operation: str, **details: Detail) -> None:
        event = AuditEvent.by(actor, Action.AUDIT_EXPORT, outcome, operation=operation)
        self._store.audit.record(replace(event, details=details))
