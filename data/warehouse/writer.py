"""The one thread that owns the warehouse file: it drains the outbox and lends cursors to readers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.errors import GearboxError, WarehouseBusy, WarehouseError
from data.values.holds import Held
from data.warehouse.drain import apply
from data.warehouse.erasing import Retention
from data.warehouse.file import in_words, open_warehouse
from data.warehouse.rollups import keep_zone, refresh

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data.store.outbox import Outbox
    from data.values.retention import RetentionRule

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WarehouseStatus:
    """How the warehouse is doing. `last_error` and `remedy` are empty while it is well.

    Times are UTC. `unread_rows` are events this release could not read; they are kept in `unread_events`.
    """

    last_drained_at: datetime | None
    rows_waiting: int
    oldest_waiting: datetime | None
    last_error: str
    remedy: str
    unread_rows: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to drain, in seconds.

    `settle` is how long a wake waits for more rows: draining after each single turn would compete with the
    turns themselves for the database's write lock.
    """

    poll: float = 5.0
    settle: float = 1.0
    first_retry: float = 1.0
    last_retry: float = 30.0


class WarehouseWriter:
    """Drains the outbox into DuckDB, exactly once, and survives whatever is wrong with the file.

    Args:
        path: the DuckDB file; created with the first start.
        outbox: the store's outbox.
        clock: the time in UTC.
        pace: how often to drain.
        batch_rows: most rows in one transaction of the warehouse; in the database they are deleted in smaller ones.
        zone: whose days the rollups and the pages of numbers are of: the workspace's.
        rules, held: how long rows are kept, and whose however old; asked after each pass, so that they hold at once.
    """

    def __init__(
        self,
        path: Path,
        outbox: Outbox,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        pace: Pace | None = None,
        batch_rows: int = 30_000,
        zone: tzinfo = UTC,
        rules: Callable[[], Sequence[RetentionRule]] = tuple,
        held: Callable[[], Held] = Held,
    ) -> None:
        self.zone = zone
        self._retention = Retention(rules, held)
        self._path = path
        self._outbox = outbox
        self._clock = clock
        self._pace = pace or Pace()
        self._batch_rows = batch_rows
        self._change = threading.Condition()  # guards every field below
        self._told = ""  # the trouble that the log has; only the writer's thread looks
        self._con: DuckDBPyConnection | None = None
        self._error: GearboxError | None = None
        self._drained_at: datetime | None = None
        self._unread = 0
        self._passes_begun = 0
        self._passes_ended = 0
        self._failures = 0
        self._woken = self._hurried = self._stopping = self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="warehouse-writer", daemon=True)

    def start(self) -> None:
        """Begin. Opening the file, and the imports that takes, happen on the writer's thread."""
        self._thread.start()

    def wake(self) -> None:
        """Say that rows were added. Returns at once; they are drained within `pace.settle`."""
        with self._change:
            self._woken = True
            self._change.notify_all()

    def flush(self, timeout: float) -> bool:
        """Drain now and wait, at most `timeout` seconds, for what waits at this moment. False if that failed."""
        with self._change:
            if self._failures or not self._thread.is_alive():
                return False  # waiting out a retry would not make it better
            wanted = self._passes_begun + 1
            self._hurried = True
            self._change.notify_all()
            self._change.wait_for(lambda: self._passes_ended >= wanted or self._failures, timeout)
            return self._passes_ended >= wanted and not self._failures

    def status(self) -> WarehouseStatus:
        """How it is doing now; asks the store how many rows wait."""
        rows, oldest = self._outbox.lag()
        with self._change:
            error = self._error
            return WarehouseStatus(
                last_drained_at=self._drained_at,
                rows_waiting=rows,
                oldest_waiting=oldest,
                last_error=str(error) if error else "",
                remedy=error.remedy if error else "",
                unread_rows=self._unread,
            )

    @contextmanager
    def reader(self, timeout: float = 5.0) -> Iterator[DuckDBPyConnection]:
        """A cursor for reading, from any thread: all its statements see the warehouse as it is at the first of them.

        Args:
            timeout: seconds to wait for the file to be opened, right after the start.

        Raises:
            WarehouseError: the file can't be opened or the query failed.
        """
        with self._change:
            self._change.wait_for(lambda: self._con or self._error or self._stopping, timeout)
            if self._con is None:
                raise (
                    _again(self._error)
                    if self._error
                    else WarehouseError("The usage warehouse is not open.", "Try again in a moment.")
                )
            cursor = self._con.cursor()
        import duckdb

        try:
            cursor.begin()  # else a day that is summed meanwhile would be counted from its rows and from the rollup
            yield cursor
        except duckdb.Error as error:
            raise in_words(error, self._path) from error
        finally:
            cursor.close()

    def close(self, timeout: float = 10.0) -> None:
        """Drain what waits, checkpoint and close the file. After `timeout` seconds the rest stays in the outbox."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        if self._thread.ident is None:
            return
        self._thread.join(timeout)
        with self._change:
            self._abandoned = True
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._change:
                self._passes_begun += 1
                self._woken = self._hurried = False
                last = self._stopping
            error = self._drain()
            with self._change:
                self._passes_ended = self._passes_begun
                self._failures = self._failures + 1 if error else 0
                self._error = error
                if error is None:
                    self._drained_at = self._clock()
                self._change.notify_all()
                if last:
                    break
                self._pause()
        self._close_file(checkpoint=True)

    def _pause(self) -> None:
        """Wait, holding the condition, until the next pass is due."""
        if self._failures:
            delay = min(self._pace.first_retry * 2 ** (self._failures - 1), self._pace.last_retry)
            self._change.wait_for(lambda: self._stopping, delay)
            return
        if self._change.wait_for(lambda: self._woken or self._hurried or self._stopping, self._pace.poll):
            self._change.wait_for(lambda: self._hurried or self._stopping, self._pace.settle)

    def _drain(self) -> GearboxError | None:
        """One pass over everything that waits; the error that ended it, if any."""
        try:
            con = self._opened()
            while True:
                rows = self._outbox.batch(self._batch_rows)
                complete = len(rows) < self._batch_rows
                if rows:
                    began = time.perf_counter()
                    done = apply(con, rows, complete=complete, now=self._clock(), zone=self.zone)
                    self._outbox.delete([row.id for row in rows])
                    _log.debug("%s in %.0f ms", done, (time.perf_counter() - began) * 1000)
                    if done.unread:
                        self._unread += done.unread
                        _log.warning("%d outbox rows could not be read; kept in unread_events", done.unread)
                if self._told:
                    self._told = ""
                    _log.info("The usage warehouse is written again.")
                with self._change:
                    over = complete or self._abandoned
                if over:
                    self._retention.apply(con, self._clock(), self.zone)
                    refresh(con, self.zone, self._clock())
                    return None
        # The last line of this thread: whatever happens, the rows are still in the outbox, the next pass
        # tries again, and status() says why. Also catches the store's own errors, whose types live in data.store.
        except Exception as error:  # noqa: BLE001
            failed = self._failed(error)
            self._tell(failed, error)
            return failed

    def _tell(self, failed: GearboxError, error: Exception) -> None:
        """Say what is wrong once, however often it is tried again: the status goes on saying it."""
        if str(failed) == self._told:
            return
        self._told = str(failed)
        if isinstance(failed, WarehouseBusy):  # no fault: a second process on one home folder
            _log.warning(
                "%s Calls of this process are kept in the database, where the other one counts them, too; the Usage "
                "page of this one stays as it is until it gets the file. It keeps trying, and says so no more.",
                failed,
            )
        else:
            _log.warning("Draining the outbox failed, rows stay in the database: %s", failed, exc_info=error)

    def _opened(self) -> DuckDBPyConnection:
        if self._con is None:
            con = open_warehouse(self._path, self._clock())
            keep_zone(con, self.zone)
            counted = con.execute("SELECT count(*) FROM unread_events").fetchone()
            with self._change:
                self._con, self._unread = con, counted[0] if counted else 0
                self._change.notify_all()
        return self._con

    def _failed(self, error: Exception) -> GearboxError:
        import duckdb

        if isinstance(error, GearboxError):
            return error
        if isinstance(error, duckdb.Error | OSError):
            # These put the file or DuckDB's hold of it in doubt (plain Error is a checksum that does not match):
            # open it anew. After any other error the readers can go on.
            if type(error) in (duckdb.Error, duckdb.FatalException, duckdb.InternalException, duckdb.IOException):
                self._close_file(checkpoint=False)
            return in_words(error, self._path)
        return WarehouseError(
            f"Usage could not be moved to the warehouse ({type(error).__name__}).",
            "See the server log. Nothing is lost: new calls are kept in the database until it works again.",
        )

    def _close_file(self, *, checkpoint: bool) -> None:
        with self._change:
            con, self._con = self._con, None
        if con is None:
            return
        import duckdb

        try:
            if checkpoint:
                con.checkpoint()
        except duckdb.Error as error:
            # Not needed for durability: the write-ahead log is replayed at the next start.
            _log.info("no checkpoint at close: %s", error)
        finally:
            con.close()


def _again(error: GearboxError) -> WarehouseError:
    """The writer's error for another thread; raising one instance twice would grow its traceback."""
    return WarehouseError(str(error), error.remedy)
