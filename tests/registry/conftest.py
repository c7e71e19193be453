from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Settings
from data.store import Store
from tests.conftest import OpenTestStore
from tests.registry.house import RegistryHouse


@pytest.fixture
def store(open_test_store: OpenTestStore) -> Store:
    return open_test_store()


@pytest.fixture
def house(store: Store, tmp_path: Path) -> RegistryHouse:
    settings = Settings(home=tmp_path / "home", database_url="", kek_source="file", local_discovery=False)
    settings.home.mkdir()
    return RegistryHouse(store, settings)
