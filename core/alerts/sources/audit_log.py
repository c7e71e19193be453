"""The audit log: whether checkpoints are signed in time, and whether the chains hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.alerts.sources.source import Parts
from core.vault.owners import GEARBOX
from data.values.alerts import Observation
from data.values.audit import Action, AuditEvent, AuditOutcome

VERIFY_EVERY = timedelta(days=1)


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """Whether the log is signed in time, as a source. Raises StoreError."""
    status, now = parts.trail.status(), parts.clock()
    since = [place.failing_since for place in status.places if place.failing_since]
    if status.pending and status.checkpoint_at is not None:
        since.append(status.checkpoint_at)
    late = max(((now - each).total_seconds() for each in since), default=0.0)
    words = f"The audit log has not been signed and carried outside for {late:,.0f} seconds"
    return {"audit-late": [Observation("", max(late, 0.0), f"{words}; {status.pending:,} events wait.")]}


def verified(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """Whether the chains hold, as a source; verifies the whole log where nobody has for a day: 25 µs an event.

    Raises:
        GearboxError: the database or the file outside can't be read.
    """
    watched, now = parts.store.watched, parts.clock()
    last, began = watched.verified(), watched.audited_since()
    known_since = last.at if last else began
    if known_since is not None and now - known_since >= VERIFY_EVERY:
        report = parts.trail.verify()
        parts.store.audit.record(
            AuditEvent.by(
                GEARBOX,
                Action.AUDIT_VERIFY,
                AuditOutcome.DONE,
                ok=report.ok,
                events=report.events,
                findings=len(report.findings),
            )
        )
        last = watched.verified()
    if last is None:
        return {"audit-broken": []}
    words = f"The last verification of the audit log, on {last.at:%Y-%m-%d %H:%M} UTC, has {last.findings:,} findings."
    return {"audit-broken": [Observation("", last.findings, words)]}
