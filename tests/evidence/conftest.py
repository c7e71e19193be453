from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Settings
from tests.evidence.house import SETTINGS, House
from tests.vault.conftest import Clock


@pytest.fixture
def house(tmp_path: Path, store_url: str) -> Iterator[House]:
    """A deployment in which something happened."""
    home = tmp_path / "home"
    home.mkdir()
    made = House(Settings(home=home, database_url=store_url, kek_source="file", **SETTINGS), Clock())
    made.live()
    yield made
    made.log.close()
