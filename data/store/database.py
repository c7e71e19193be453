"""What a repository works with: reads on pooled connections, writes through the group committer, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from data.store.committer import GroupCommitter
from data.store.failures import translated
from data.store.lease import OwnerId
from data.values.calls import TokenUsage
from data.values.money import Cost

T = TypeVar("T")


CostOfLost = Callable[[str, str, TokenUsage], Cost]
"""The cost of a call that nobody saw end: provider, model and estimated usage in."""


class Database:
    """One open state database. `owner` is this process; `clock` returns aware instants."""

    def __init__(self, engine: Engine, owner: OwnerId, clock: Callable[[], datetime], cost_of_lost: CostOfLost) -> None:
        self.engine = engine
        self.owner = owner
        self.clock = clock
        self.cost_of_lost = cost_of_lost
        self.committer = GroupCommitter(engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a transaction of its own: everything read on it is of one moment on SQLite.

        Raises:
            StoreError: the database can't be read, with the remedy.
        """
        with translated(), self.engine.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run a write and wait for its commit."""
        return self.committer.run(work)

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a write; the future resolves after its commit."""
        return self.committer.submit(work)

    def close(self) -> None:
        """Write what waits, then let go of every connection."""
        self.committer.close()
        self.engine.dispose()
