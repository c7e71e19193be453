from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.store import Store
from tests.access.house import Clock, House, build_house
from tests.conftest import OpenTestStore

Build = Callable[..., House]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def build(store: Store, clock: Clock, tmp_path: Path) -> Build:
    """Builds what guards Gearbox, with the operator's settings."""

    def build_one(**settings: object) -> House:
        return build_house(store, clock, tmp_path, **settings)

    return build_one
