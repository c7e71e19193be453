"""Which process answers which query, and how many there are at a time."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from data.query.process import QueryProcess
from data.query.values import DataFile, Limits, QueryError, Rows, Tables

T = TypeVar("T")


class Queries:
    """SQL over files, in processes of its own. Thread-safe; async and off the loop.

    A process holds the files of one owner's one set and is kept for the next query over the same. None is started
    before the first query; from then on one that has no files yet waits, so that nobody waits for Python to start.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(self._limits.processes, thread_name_prefix="gearbox-query")
        self._lock = threading.Lock()
        self._idle: dict[str, QueryProcess] = {}
        self._spare: QueryProcess | None = None
        self._working = 0
        self._waiting: Counter[str] = Counter()
        self._reaper: threading.Timer | None = None
        self._closed = False

    async def tables(self, owner: str, files: Sequence[DataFile]) -> Tables:
        """The tables in `files`. `owner` is whose they are: no process is shared between two.

        Raises:
            QueryError: no file can be read.
        """
        return await self._in_turn(owner, files, lambda process: process.tables)

    async def run(self, owner: str, files: Sequence[DataFile], sql: str, rows: int | None = None) -> Rows:
        """What `sql`, one statement that reads, gives over the tables in `files`; the first `rows` of it.

        Raises:
            QueryError: with words for whoever wrote the statement.
        """
        if len(sql) > self._limits.sql_chars:
            raise QueryError(f"The statement is longer than {self._limits.sql_chars:,} characters.")
        most = min(rows or self._limits.rows, self._limits.rows)
        return await self._in_turn(owner, files, lambda process: process.run(sql, most))

    def close(self) -> None:
        """End every process; what still runs fails."""
        with self._lock:
            self._closed = True
        self._reap()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, owner: str, files: Sequence[DataFile], use: Callable[[QueryProcess], T]) -> T:
        with self._lock:
            if self._waiting[owner] >= self._limits.waiting_per_owner:
                raise QueryError("Too many queries wait already.", "Wait for one to end.")
            self._waiting[owner] += 1
        job = _Job()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._work(job, owner, files, use)
            )
        except asyncio.CancelledError:
            job.stop()
            raise
        finally:
            with self._lock:
                self._waiting[owner] -= 1
                if not self._waiting[owner]:
                    del self._waiting[owner]

    def _work(self, job: _Job, owner: str, files: Sequence[DataFile], use: Callable[[QueryProcess], T]) -> T:
        contents = self._read(files)
        key = _key(owner, contents)
        kept, leaving = self._begun(key)
        process: QueryProcess | None = None
        try:
            process = kept if kept is not None and kept.is_alive else self._unused()
            if process is not kept:
                leaving += [] if kept is None else [kept]
            job.hold(process)
            if process is not kept:
                process.load(contents)
            return use(process)
        finally:
            self._ended(key, process)
            for each in leaving:
                each.close()

    def _begun(self, key: str) -> tuple[QueryProcess | None, list[QueryProcess]]:
        """The process that has these files already, and those that make room: no more than the limit hold any."""
        with self._lock:
            self._working += 1
            kept = self._idle.pop(key, None)
            too_many = max(0, len(self._idle) + self._working - self._limits.processes)
            return kept, [self._idle.pop(oldest) for oldest in list(self._idle)[:too_many]]

    def _read(self, files: Sequence[DataFile]) -> list[tuple[str, str, bytes]]:
        contents, size = [], 0
        for file in files:
            data = file.read()
            size += len(data)
            if size > self._limits.files_bytes:
                raise QueryError(f"The files have more than {self._limits.files_bytes // 2**20} MB together.")
            contents.append((file.name, file.kind, data))
        return contents

    def _unused(self) -> QueryProcess:
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.is_alive:
            return spare
        if spare is not None:
            spare.close()
        try:
            return QueryProcess(self._limits)
        except OSError as error:
            raise QueryError("The server can't start a process for the query now.", "Try again in a while.") from error

    def _ended(self, key: str, process: QueryProcess | None) -> None:
        """Put a sound process by for the same files, and have one ready for others."""
        leaving: list[QueryProcess] = []
        with self._lock:
            self._working -= 1
            if process is not None and (self._closed or not process.is_alive or not process.fences):
                leaving.append(process)
            elif process is not None:
                leaving += [each for each in (self._idle.pop(key, None),) if each is not None]
                self._idle[key] = process
            if not self._closed:
                with suppress(OSError):
                    self._spare = self._spare or QueryProcess(self._limits)
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
            leaving = [*self._idle.values(), *([self._spare] if self._spare else [])]
            self._idle, self._spare = {}, None
            if self._reaper is not None:
                self._reaper.cancel()
        for each in leaving:
            each.close()


class _Job:
    """A piece of work that can be stopped while a thread is at it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: QueryProcess | None = None
        self._stopped = False

    def hold(self, process: QueryProcess) -> None:
        with self._lock:
            self._process = process
            if self._stopped:
                process.kill()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()


def _key(owner: str, contents: Sequence[tuple[str, str, bytes]]) -> str:
    seal = hashlib.sha256()
    for part in (
        owner.encode(),
        *(part for name, kind, data in contents for part in (name.encode(), kind.encode(), data)),
    ):
        seal.update(len(part).to_bytes(8, "big"))
        seal.update(part)
    return seal.hexdigest()
