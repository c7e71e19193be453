"""A long audit log, verified offline and paged through: part of `bench.vault`."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from bench import audit_log, vault_audit_search
from core.audit import standalone
from core.audit.export import Exporter
from core.audit.trail import Trail
from core.config import Settings
from core.vault import Vault
from core.vault.ring import KekRing
from data.store import OwnerId, open_store
from data.store.engine import make_engine

T = TypeVar("T")
_COMMITS = 50  # of each of four replicas between two checkpoints, so 1,000 events
_PAGE = 50
_PAGES = 200


class _LogClock:
    """Goes with the log: an event that is older than the last checkpoint would be found to be inserted."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC) - timedelta(days=366)

    def __call__(self) -> datetime:
        return self.at


def run(settings: Settings, events: int) -> None:
    """Fill a log with its checkpoints, verify it in the database and as an export, and page through it."""
    url, clock = settings.store_url, _LogClock()
    store = open_store(url, owner=OwnerId.current(), clock=clock)
    try:
        vault = Vault(store, KekRing.open(store, settings, clock, lambda: None), clock)
        trail = Trail.open(store, vault, settings, clock)

        def committed(at: datetime) -> None:
            clock.at = at
            trail.checkpoint_now()

        _, seconds = _timed(lambda: audit_log.fill(url, events, commits=_COMMITS, committed=committed))
        print(f"audit log: {events:,} events with their checkpoints, made in {seconds:.0f} s")
        hashed, bare = _timed(lambda: _hashed(url))
        report = trail.verify()
        assert report.ok, report.findings
        assert report.covered == report.events == hashed
        print(f"  read and hashed only      {bare:>6.2f} s  the baseline")
        print(
            f"  verified in the database  {report.seconds:>6.2f} s  {report.seconds / bare:.1f}x, "
            f"{report.chains} chains, {report.checkpoints:,} checkpoints, all whole and covered"
        )
        path, key = settings.home / "audit.zip", trail.public_key()
        with path.open("wb") as file:
            _, seconds = _timed(lambda: Exporter(store, key, clock).write(file, "jsonl", None, None))
        print(f"  exported                  {seconds:>6.2f} s  {path.stat().st_size / 2**20:.0f} MiB")
        _stand_alone(path, key, bare)
    finally:
        store.close()
    _settle(url)
    _search(url)


def _stand_alone(path: Path, key: bytes, bare: float) -> None:
    verified, seconds = _timed(lambda: standalone.verify(path, key))
    print(f"  verified from the export  {seconds:>6.2f} s  {seconds / bare:.1f}x, {verified.events:,} events")


def _settle(url: str) -> None:
    """What PostgreSQL does by itself within a minute, and a year's log has behind it."""
    engine = make_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE audit_events"))
    engine.dispose()


def _search(url: str) -> None:
    times, rows = vault_audit_search.run(url), _row_times(url)
    print(f"audit page: {times.queries:,} queries of {_PAGE} events")
    print(f"  {_PAGE} rows by their key      {1000 * rows:>6.1f} ms  the baseline (p95)")
    print(f"  a page, p50               {1000 * times.p50:>6.1f} ms")
    print(f"  a page, p95               {1000 * times.p95:>6.1f} ms  {times.p95 / rows:.0f}x")
    print(f"  the slowest kind, p95     {1000 * times.slowest_p95:>6.1f} ms  {times.slowest}")


def _hashed(url: str) -> int:
    """Read every event and hash it: what no verification can do without."""
    engine, count = make_engine(url), 0
    with engine.connect().execution_options(stream_results=True) as connection:
        for (body,) in connection.execute(text("SELECT body FROM audit_events ORDER BY chain_id, seq")):
            hashlib.sha256(body.encode()).digest()
            count += 1
    engine.dispose()
    return count


def _row_times(url: str) -> float:
    """p95 in seconds of reading a page's number of rows that lie beside each other."""
    engine, times = make_engine(url), []
    with engine.connect() as connection:
        chain = connection.execute(text("SELECT chain_id FROM audit_events LIMIT 1")).scalar_one()
        rows = text("SELECT * FROM audit_events WHERE chain_id = :chain AND seq > :seq ORDER BY seq LIMIT :page")
        for number in range(_PAGES):
            began = time.perf_counter()
            connection.execute(rows, {"chain": chain, "seq": number * _PAGE, "page": _PAGE}).all()
            times.append(time.perf_counter() - began)
    engine.dispose()
    return statistics.quantiles(times, n=20)[18]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began
