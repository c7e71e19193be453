from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.house import SUNDAY, Replica, opened
from tests.reports.places import Webhook
from tests.warehouse.books import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(SUNDAY)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as hook:
        yield hook


@pytest.fixture
def replica(sqlite_url: str, tmp_path: Path, clock: Clock) -> Iterator[Replica]:
    with opened(sqlite_url, tmp_path / "home", clock) as one:
        yield one
