"""What has to happen to stored keys without anybody asking: dates come, and graces end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import KeyTampered, NotFound, SecretChanged
from core.vault.changes import Change, Changes
from core.vault.envelope import Kek
from core.vault.head import Proven
from core.vault.owners import GEARBOX
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.secrets import SealedSecret, SecretOwner, SecretRecord

if TYPE_CHECKING:
    from data.store import Store

EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)
_LEASE = "vault-sweep"


class Sweep:
    """Books what became of keys, once each, whichever process comes first. Blocking.

    Nothing waits for it: an expired or outlived version is refused from its moment on.
    """

    def __init__(self, store: Store, changes: Changes, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._changes = changes
        self._clock = clock
        self._adopted = False

    def step(self) -> None:
        """What has to be done every minute, and once before it. Raises GearboxError; the next time it is done."""
        if not self._adopted:
            self.adopt()
            self._adopted = True
        self.run()

    def run(self) -> None:
        """Mark versions whose grace is over as revoked, and tell the audit log of those that expired."""
        if not self._store.leases.acquire(_LEASE, EVERY):
            return  # another process is at it
        try:
            for record in self._store.secrets.due(self._clock()):
                self._guarded(record, self._settle)
        finally:
            self._store.leases.release(_LEASE)

    def adopt(self) -> None:
        """Give heads to the secrets of the release that wrote none, those that are what it wrote."""
        for record in self._store.secrets.headless():
            self._guarded(record, self._give_head)

    def _settle(self, record: SecretRecord) -> None:
        secret_id = record.owner.secret_id
        self._changes.apply(GEARBOX, Action.KEY_REVOKE, secret_id, _anybodys, self._end_of_grace)
        proven, now = self._changes.proven(secret_id, _anybodys), self._clock()
        expired = [
            _expired(each) for each in proven.record.versions if not each.is_revoked(now) and each.is_expired(now)
        ]
        told = self._store.secrets.told(event.operation for event in expired)
        for event in expired:
            if event.operation not in told:
                self._store.secrets.tell_once(event)

    def _end_of_grace(self, proven: Proven, _kek: Kek) -> Change | None:
        now, versions = self._clock(), proven.record.versions
        over = {each.binding.version for each in versions if each.is_revoked(now) and each.revoked_at is None}
        if not over:
            return None
        after = [replace(each, revoked_at=now) if each.binding.version in over else each for each in versions]
        return Change(after, {"version": max(over), "reason": "end of grace"})

    def _give_head(self, record: SecretRecord) -> None:
        def decide(proven: Proven, _kek: Kek) -> Change | None:
            return None if proven.record.head else Change(proven.record.versions, {"head": True})

        self._changes.apply(GEARBOX, Action.KEY_SEAL, record.owner.secret_id, _anybodys, decide)

    def _guarded(self, record: SecretRecord, work: Callable[[SecretRecord], None]) -> None:
        secret_id = record.owner.secret_id
        try:
            work(record)
        except (NotFound, SecretChanged):
            return  # its owner was faster; if anything is left to do, the next sweep does it
        except KeyTampered:
            # It opens for nobody. That it was found is told once, not every minute.
            found = AuditEvent.by(
                GEARBOX,
                Action.KEY_EXPIRE,
                AuditOutcome.FAILED,
                target=secret_target(secret_id),
                operation=f"tampered:{secret_id}",
                reason=KeyTampered.__name__,
            )
            if not self._store.secrets.told([found.operation]):
                self._store.secrets.tell_once(found)
                _log.error("The record of the key %s is not what Gearbox wrote.", secret_id)


def _anybodys(_owner: SecretOwner) -> None:
    """Gearbox looks after everybody's."""


def _expired(sealed: SealedSecret) -> AuditEvent:
    binding = sealed.binding
    until = binding.expires_at.isoformat() if binding.expires_at else ""
    return AuditEvent.by(
        GEARBOX,
        Action.KEY_EXPIRE,
        AuditOutcome.DONE,
        target=secret_target(binding.secret_id),
        operation=f"expired:{binding.secret_id}:{binding.version}:{until}",
        provider=binding.provider,
        owner=binding.owner_kind.value,
        version=binding.version,
        expires_at=until,
    )
