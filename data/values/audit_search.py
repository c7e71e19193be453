"""What is asked of the audit log, and what comes back: filters, and pages from the newest event to the oldest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.values.actor import Surface
from data.values.audit import Action, AuditOutcome, AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events are wanted: those that fit every field that is set.

    Args:
        text: an id, or (part of) a person's name: everything by or about it. Anything else: events that contain it.
        actor_ids, actions, outcomes, surfaces: any of these; empty for all. UNKNOWN finds intents without outcome, too.
        target, operation, request_id: exactly this one; empty for all.
        since: not before this moment.
        until: before this moment.
        folded: leave out intents whose outcome is in the log as well, so that an operation is one entry.
    """

    text: str = ""
    actor_ids: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    outcomes: tuple[AuditOutcome, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    target: str = ""
    operation: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class AuditCursor:
    """A place in the log, newest first: what comes after it is older."""

    at: datetime
    chain_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event as a person looks at it."""

    record: AuditRecord
    outcome: str
    """How it stands: the event's own outcome, or `unknown` for an intent that none followed."""
    address: str
    """Where it came from; empty where there was no network between, or where the address was forgotten."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events, newest first.

    Args:
        older: where the next page begins; None at the end of the log.
        sought_until: set when the search stopped before it had `limit` events, because it had looked at its share:
            everything from then on was looked at, and `older` goes on from there.
        names: names of the people among the actors, by id; those who were forgotten have none.
    """

    entries: tuple[AuditEntry, ...]
    older: AuditCursor | None
    sought_until: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)
