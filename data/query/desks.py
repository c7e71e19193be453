"""One limited process for each person who asks what the app keeps: SQL over a feed that was chosen for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from data.query.process import QueryProcess
from data.query.values import Feed, Limits, QueryError, Rows

LIMITS = Limits(
    load_seconds=30.0,
    memory=768 * 2**20,
    rows=50_000,
    result_bytes=6 * 2**20,
    cell_chars=4_000,
    processes=3,
    waiting_per_owner=4,
)
_AT_WORK = 2
_QUERIES = 100  # that one process answers: whatever it gathers goes with it


class Desks:
    """Thread-safe and blocking; not for the event loop.

    A process answers one person and is kept for their next query over the same feed. Two work at a time, and others
    wait; when too many are kept, the one that was asked least recently goes.
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._working = threading.BoundedSemaphore(_AT_WORK)
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, QueryProcess, int]] = {}
        self._spare: QueryProcess | None = None
        self._waiting: dict[str, int] = {}
        self._reaper: threading.Timer | None = None
        self._closed = False

    def run(self, owner: str, feed: Feed, sql: str, rows: int | None = None) -> Rows:
        """What `sql`, one statement that reads, gives over the views of the feed; the first `rows` of it.

        Args:
            owner: who asks; no process is shared between two.
            feed: what they may see.
            sql: the statement.
            rows: at most; None: as many as there may be.

        Raises:
            QueryError: with words for whoever wrote the statement.
        """
        if len(sql) > self._limits.sql_chars:
            raise QueryError(f"The statement is longer than {self._limits.sql_chars:,} characters.")
        if not sql.isascii() and any("\ud800" <= letter <= "\udfff" for letter in sql):
            raise QueryError("The statement has characters that are no text.", "Write it again instead of copying it.")
        with self._queued(owner), self._working:
            process, used = self._begun(owner, feed)
            try:
                if not used:
                    process.take(feed)
                return process.run(sql, min(rows or self._limits.rows, self._limits.rows))
            finally:
                self._ended(owner, feed, process, used + 1)

    def close(self) -> None:
        """End every process; what still runs fails."""
        with self._lock:
            self._closed = True
        self._reap()

    @contextmanager
    def _queued(self, owner: str) -> Iterator[None]:
        with self._lock:
            waiting = self._waiting.get(owner, 0)
            if waiting >= self._limits.waiting_per_owner:
                raise QueryError("Your last query is still running.", "Wait for it: it ends within 5 seconds.")
            self._waiting[owner] = waiting + 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting[owner] -= 1
                if not self._waiting[owner]:
                    del self._waiting[owner]

    def _begun(self, owner: str, feed: Feed) -> tuple[QueryProcess, int]:
        """A process, and how many queries it has answered; 0 where it has nothing yet."""
        leaving: list[QueryProcess] = []
        with self._lock:
            kept = self._kept.pop(owner, None)
            while len(self._kept) >= self._limits.processes:
                leaving.append(self._kept.pop(next(iter(self._kept)))[1])
            spare = None
            if kept is not None and (kept[0] != feed.version or kept[2] >= _QUERIES or not kept[1].is_alive):
                leaving.append(kept[1])
                kept = None
            if kept is None:
                spare, self._spare = self._spare, None
        for each in leaving:
            each.close()
        if kept is not None:
            return kept[1], kept[2]
        if spare is not None and spare.is_alive:
            return spare, 0
        if spare is not None:
            spare.close()
        return self._new(), 0

    def _new(self) -> QueryProcess:
        try:
            return QueryProcess(self._limits, for_feeds=True)
        except OSError as error:
            raise QueryError("The server can't start a process for the query now.", "Try again in a while.") from error

    def _ended(self, owner: str, feed: Feed, process: QueryProcess, used: int) -> None:
        """Keep a sound process for the same person, and have one ready for others."""
        leaving: list[QueryProcess] = []
        with self._lock:
            if self._closed or not process.is_alive or not process.fences:
                leaving.append(process)
            else:
                if owner in self._kept:  # of another page of theirs, meanwhile
                    leaving.append(self._kept.pop(owner)[1])
                self._kept[owner] = feed.version, process, used
            if not self._closed:
                with suppress(OSError):
                    self._spare = self._spare or QueryProcess(self._limits, for_feeds=True)
                self._reap_later()
        for each in leaving:
            each.close()

    def _reap_later(self) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
        self._reaper = threading.Timer(self._limits.idle_seconds, self._reap)
        self._reaper.daemon = True
        self._reaper.start()

    def _reap(self) -> None:
        """End all that nobody has asked for a while."""
        with self._lock:
            leaving = [process for _, process, _ in self._kept.values()] + ([self._spare] if self._spare else [])
            self._kept, self._spare = {}, None
            if self._reaper is not None:
                self._reaper.cancel()
        for each in leaving:
            each.close()
