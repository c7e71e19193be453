from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from core.config import Settings
from core.vault import Vault
from data.store import OwnerId, Store
from tests.databases import open_store

PROCESS = OwnerId("test-host", 1, "test")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


class MemoryKeyring(KeyringBackend):
    """Stands in for an operating system's keyring, which no build machine has. Each test has its own."""

    priority = 0.1

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def no_keyring() -> KeyringBackend | None:
    return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url="", kek_source="file")


@pytest.fixture
def store(settings: Settings, clock: Clock) -> Iterator[Store]:
    opened = open_store(settings.store_url, owner=PROCESS, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def vault(store: Store, settings: Settings, clock: Clock) -> Vault:
    return Vault.open_or_create(store, settings, clock, no_keyring)
