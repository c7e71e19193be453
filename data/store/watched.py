"""What alerts look at in the state database: how often things were done, and which keys end."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from data.store.database import Database
from data.store.new_places import Places
from data.store.tables import audit_chains, audit_events, secret_versions, secrets
from data.values.audit import Action, AuditOutcome
from data.values.calls import KeyOwner


@dataclass(frozen=True, slots=True)
class EndingKey:
    """The newest version of a provider key, and when it ends."""

    secret_id: str
    owner: KeyOwner
    provider: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """The last time that the audit log was verified, and how many findings there were."""

    at: datetime
    findings: int


class Watched:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.places = Places(database)

    def acted(self, actions: Collection[Action], outcome: AuditOutcome, since: datetime) -> Mapping[str, int]:
        """How often each person did one of these since then, as the audit log has it."""
        counted = (
            select(audit_events.c.actor_id, func.count())
            .where(
                audit_events.c.action.in_([action.value for action in actions]),
                audit_events.c.at >= since,
                audit_events.c.outcome == outcome.value,
            )
            .group_by(audit_events.c.actor_id)
        )
        with self._database.read() as connection:
            return {actor: int(count) for actor, count in connection.execute(counted)}

    def ending(self, after: datetime, before: datetime) -> list[EndingKey]:
        """Keys in use whose newest version ends in this time, the first to end first."""
        newest = (
            select(secret_versions.c.secret_id, func.max(secret_versions.c.version).label("version"))
            .group_by(secret_versions.c.secret_id)
            .subquery()
        )
        found = (
            select(secrets.c.id, secrets.c.owner_kind, secret_versions.c.provider, secret_versions.c.expires_at)
            .join(secret_versions, secret_versions.c.secret_id == secrets.c.id)
            .join(
                newest,
                (newest.c.secret_id == secret_versions.c.secret_id) & (newest.c.version == secret_versions.c.version),
            )
            .where(
                secrets.c.owner_kind != KeyOwner.SYSTEM.value,
                secret_versions.c.revoked_at.is_(None),
                secret_versions.c.expires_at > after,
                secret_versions.c.expires_at <= before,
            )
            .order_by(secret_versions.c.expires_at, secrets.c.id)
        )
        with self._database.read() as connection:
            return [EndingKey(row[0], KeyOwner(row[1]), row[2], row[3]) for row in connection.execute(found)]

    def verified(self) -> Verified | None:
        """The last verification that is in the audit log; None: there was none."""
        newest = (
            select(audit_events.c.at, audit_events.c.body)
            .where(audit_events.c.action == Action.AUDIT_VERIFY.value)
            .order_by(audit_events.c.at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(newest).first()
        if row is None:
            return None
        try:
            findings = json.loads(row.body)["details"]["findings"]
        except (ValueError, LookupError, TypeError):
            findings = 1  # somebody changed the row
        return Verified(row.at, findings if isinstance(findings, int) else 1)

    def audited_since(self) -> datetime | None:
        """When the audit log began; None: it has not."""
        with self._database.read() as connection:
            return connection.execute(select(func.min(audit_chains.c.started_at))).scalar()
