from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import OpenTestStore
from tests.keys.house import Clock, KeyHouse
from tests.keys.provider import Provider, running_provider


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(open_test_store: OpenTestStore, tmp_path: Path, clock: Clock) -> Iterator[KeyHouse]:
    """On SQLite and on PostgreSQL."""
    opened = KeyHouse(open_test_store(clock=clock), tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running
