"""What every part of an evidence export is written from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from core.config import Settings
from core.vault.ring import KekRing
from data.store import Store


@dataclass(frozen=True)
class Sources:
    """Where it is read, at which moment, and which period its logs cover: from `since`, before `until`."""

    store: Store
    ring: KekRing
    settings: Settings
    now: datetime
    since: datetime | None = None
    until: datetime | None = None

    @cached_property
    def names(self) -> dict[str, str]:
        """People's names by id; those who were forgotten have none."""
        return {person.id: person.display_name for person in self.store.users.all() if person.forgotten_at is None}

    def days(self, since: datetime) -> int:
        """Whole days from `since` to the moment of the export."""
        return (self.now - since).days
