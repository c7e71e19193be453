from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config import Settings
from core.vault import Vault
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.store import OwnerId, Store, open_store
from tests.rotation.places import Place

Open = Callable[[], Place]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return Settings(home=home, database_url=store_url, kek_source="file")


@pytest.fixture
def opened(settings: Settings) -> Iterator[Open]:
    """Opens the database as another process would; all are closed with the test."""
    stores: list[Store] = []

    def open_one() -> Place:
        owner = OwnerId("test-host", len(stores) + 1, f"token-{len(stores)}")
        store = open_store(settings.store_url, owner=owner, clock=now)
        stores.append(store)
        ring = KekRing.open(store, settings, now, lambda: None)
        return Place(store, ring, Vault(store, ring, now), KekRotator(store, ring, now, sleep=lambda _seconds: None))

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def here(opened: Open) -> Place:
    return opened()
