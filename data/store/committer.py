"""Group commit: one writer thread, one transaction and one fsync for everything that waits."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data.store.audit_chain import ChainWriter
from data.store.engine import for_writing
from data.store.failures import in_words, is_transient
from data.values.errors import StoreError

T = TypeVar("T")

BATCH = 128
"""Most jobs in one transaction: bounds what one lost COMMIT can take with it."""

_ATTEMPTS = 3
_PAUSES = (0.05, 0.5)


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any]


class _CommitUncertain(Exception):
    """COMMIT itself failed: the transaction may or may not have happened, so it must not run again."""


class GroupCommitter:
    """Runs writes, in the order they came, on one thread.

    When a job raises, only its own future fails: the transaction is rolled back and its jobs run again, each in a
    SAVEPOINT. No future is resolved before the COMMIT of its transaction, so that a resolved future is on disk. A job
    that comes while the thread is idle starts at once; nothing waits for company. Jobs also run again after a lock or a
    lost connection, so a job must do nothing but use its connection, and append audit events to `chain`, which links
    them just before the COMMIT.
    """

    def __init__(self, engine: Engine, chain: ChainWriter) -> None:
        self._engine = for_writing(engine)
        self._chain = chain
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self.transactions = 0
        self._thread = threading.Thread(target=self._run, name="gearbox-store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a write; the future holds its result once it is committed.

        The future fails with what the job raised, or with StoreError when the transaction could not be written.

        Raises:
            StoreError: the store is closed.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise StoreError("The database is closed: Gearbox is shutting down.")
            self._waiting.put(_Job(work, future))
        return future

    def run(self, work: Callable[[Connection], T]) -> T:
        """Queue a write and wait until it is committed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write would wait for itself; use the connection that was given")
        return self.submit(work).result()

    def close(self) -> None:
        """Write everything that waits, then stop. Safe to call twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            jobs = [first]
            last = False
            while len(jobs) < BATCH and not last:
                try:
                    job = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                else:
                    jobs.append(job)
            self._settle([job for job in jobs if job.future.set_running_or_notify_cancel()])
            if last:
                return

    def _settle(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        for attempt in range(_ATTEMPTS):
            try:
                outcomes = self._commit(jobs)
            except _CommitUncertain as error:
                self._fail(jobs, error.__cause__ or error)
            except SQLAlchemyError as error:
                if is_transient(error) and attempt + 1 < _ATTEMPTS:
                    time.sleep(_PAUSES[attempt])
                    continue
                self._fail(jobs, error)
            except BaseException as error:  # noqa: BLE001 - the writer thread must outlive any error; the futures carry it
                self._fail(jobs, error)
            else:
                for job, (result, failure) in zip(jobs, outcomes, strict=True):
                    if failure is None:
                        job.future.set_result(result)
                    else:
                        job.future.set_exception(failure)
            return

    def _commit(self, jobs: list[_Job]) -> list[tuple[Any, BaseException | None]]:
        try:
            return self._transaction(jobs, lambda connection, job: (job.work(connection), None))
        except _CommitUncertain:
            raise
        except SQLAlchemyError as error:
            if is_transient(error):
                raise
        except Exception:  # noqa: BLE001, S110 - a job's own; whose it is, the run below finds out
            pass
        # Savepoints cost two statements a job, so they are taken only where one of the jobs is known to fail.
        return self._transaction(jobs, self._isolated)

    def _transaction(
        self, jobs: list[_Job], run: Callable[[Connection, _Job], tuple[Any, BaseException | None]]
    ) -> list[tuple[Any, BaseException | None]]:
        with self._engine.connect() as connection:
            transaction = connection.begin()
            self._chain.begin()
            outcomes = [run(connection, job) for job in jobs]
            self._chain.write(connection)
            try:
                transaction.commit()
            except SQLAlchemyError as error:
                self._chain.uncertain()
                raise _CommitUncertain from error
            self._chain.committed()
            self.transactions += 1
        return outcomes

    def _isolated(self, connection: Connection, job: _Job) -> tuple[Any, BaseException | None]:
        savepoint = connection.begin_nested()
        mark = self._chain.mark()
        try:
            result = job.work(connection)
            savepoint.commit()
        except SQLAlchemyError as error:
            if is_transient(error):
                raise  # not the job's fault: the whole transaction is lost and runs again
            self._chain.rewind(mark)
            try:
                savepoint.rollback()
            except SQLAlchemyError:
                raise error from None  # the database has given up the whole transaction (a full disk)
            return None, _readable(error)
        except Exception as error:  # noqa: BLE001 - raised again to whoever waits for the future
            self._chain.rewind(mark)
            savepoint.rollback()
            return None, error
        return result, None

    def _fail(self, jobs: list[_Job], error: BaseException) -> None:
        for job in jobs:
            job.future.set_exception(_readable(error))


def _readable(error: BaseException) -> BaseException:
    if isinstance(error, SQLAlchemyError) and (words := in_words(error)) is not None:
        words.__cause__ = error
        return words
    return error
