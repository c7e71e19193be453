from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data.store import OwnerId, Store
from data.warehouse.writer import Pace, WarehouseWriter
from tests.databases import open_store
from tests.warehouse.books import Clock

QUICK = Pace(poll=0.2, settle=0.02, first_retry=0.05, last_retry=0.2)

StartWriter = Callable[..., WarehouseWriter]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def warehouse_path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def store(sqlite_url: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(sqlite_url, owner=OwnerId.current(), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def start_writer(warehouse_path: Path, clock: Clock) -> Iterator[StartWriter]:
    """Starts writers on the test's file; they are closed with the test."""
    started: list[WarehouseWriter] = []

    def start(store: Store, **options: Any) -> WarehouseWriter:
        writer = WarehouseWriter(warehouse_path, store.outbox, clock, **{"pace": QUICK, **options})
        started.append(writer)
        writer.start()
        return writer

    yield start
    for writer in started:
        writer.close()


@pytest.fixture
def writer(store: Store, start_writer: StartWriter) -> WarehouseWriter:
    return start_writer(store)
