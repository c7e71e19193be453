from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config import Settings
from core.providers.catalog import Catalogue
from core.vault import Vault
from data.store import OwnerId, Store
from tests.databases import open_store

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(clock)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url="", kek_source="file", sandbox=True, local_discovery=False)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings.store_url, owner=OwnerId("test-host", 1, "test"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def vault(store: Store, settings: Settings) -> Vault:
    return Vault.open_or_create(store, settings, clock, lambda: None)
