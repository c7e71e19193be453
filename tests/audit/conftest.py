from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import Settings
from data.store import OwnerId
from tests.audit.log import Log
from tests.vault.conftest import Clock

OpenLog = Callable[[], Log]


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return Settings(home=home, database_url=store_url, kek_source="file")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_log(settings: Settings, clock: Clock) -> Iterator[OpenLog]:
    """Opens the log as another process would; all are closed with the test."""
    opened: list[Log] = []

    def open_one() -> Log:
        number = len(opened) + 1
        opened.append(Log(settings, clock, OwnerId(f"test-host-{number}", number, f"token-{number}")))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: OpenLog) -> Log:
    return open_log()
