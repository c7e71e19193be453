"""An Explore service over a real warehouse, with a company's calls in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

import pytest

from core.access.access import Access
from core.explore import ExploreService, SavedQuestions
from core.explore.feeding import Feeding
from data.query import Desks
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.warehouse.exports import Exports
from data.warehouse.file import open_warehouse
from data.warehouse.writer import WarehouseWriter
from tests.databases import open_store
from tests.warehouse.books import NOW, Clock
from tests.warehouse.conftest import QUICK
from tests.warehouse.traffic import Traffic, busy

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
ADMIN = Actor("admin", frozenset({Role.ADMIN}))
MEMBER = Actor("member", frozenset({Role.MEMBER}))
KEY = "deployment-of-the-test"


@dataclass
class Place:
    """Everything that a question needs; closed with its fixture."""

    store: Store
    writer: WarehouseWriter
    exports: Exports
    desks: Desks
    feeding: Feeding
    service: ExploreService
    saved: SavedQuestions
    clock: Clock
    made: Traffic

    def seal(self) -> int:
        with self.writer.reader() as cursor:
            return self.exports.seal(cursor)


def place(folder: Path, made: Traffic, zone: tzinfo = UTC) -> Iterator[Place]:
    clock = Clock()
    folder.chmod(0o700)
    con = open_warehouse(folder / "warehouse.duckdb", NOW)
    if made.calls:
        made.write(con)
    con.close()
    store = open_store(f"sqlite:///{folder / 'gearbox.db'}", owner=OwnerId.current(), clock=clock)
    writer = WarehouseWriter(folder / "warehouse.duckdb", store.outbox, clock, pace=QUICK)
    writer.start()
    exports, desks, access = Exports(folder / "exports", KEY, zone, clock), Desks(), Access(store)
    feeding = Feeding(exports, writer, store, clock)
    service = ExploreService(
        access,
        feeding,
        desks,
        zone=zone,
        clock=clock,
    )
    yield Place(store, writer, exports, desks, feeding, service, SavedQuestions(access, store, clock), clock, made)
    desks.close()
    writer.close()
    store.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A company's forty days, the closed ones exported; read only."""
    for each in place(tmp_path_factory.mktemp("home"), busy(NOW, days=40)):
        each.seal()
        yield each


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Place]:
    """A few days, for tests that change them."""
    yield from place(tmp_path, busy(NOW, people=4, days=6, a_day=12))
