"""An audit log as one process of these tests sees it, and another connection for whoever tampers with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.audit.trail import Trail
from core.config import Settings
from core.vault import Vault
from core.vault.ring import KekRing
from data.store import OwnerId, Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from tests.databases import open_store
from tests.vault.conftest import Clock, no_keyring


class RealClock(Clock):
    """The time of day."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Log:
    """See above."""

    settings: Settings
    clock: Clock
    owner: OwnerId = field(default_factory=lambda: OwnerId("test-host", 1, "first"))
    written: int = 0

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.settings.store_url, owner=self.owner, clock=self.clock)
        self.ring = KekRing.open(self.store, self.settings, self.clock, no_keyring)
        self.vault = Vault(self.store, self.ring, self.clock)
        self.trail = Trail.open(self.store, self.vault, self.settings, self.clock)

    @property
    def file(self) -> Path:
        return self.settings.checkpoint_file

    def write(self, count: int, *, by: str = "alice") -> None:
        for _ in range(count):
            number = self.written = self.written + 1
            self.store.audit.record(
                AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, by, f"setting:{number}", details={"n": number})
            )

    def close(self) -> None:
        self.trail.close()
        self.store.close()
