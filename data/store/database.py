"""What a repository works with: reads on pooled connections, writes through the group committer, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from data.store.audit_chain import ChainWriter
from data.store.committer import GroupCommitter
from data.store.failures import translated
from data.store.lease import OwnerId
from data.values.audit import AuditEvent, begins_key_operation
from data.values.calls import TokenUsage
from data.values.counting import Counting
from data.values.errors import AuditUnavailable
from data.values.money import Cost

T = TypeVar("T")


CostOfLost = Callable[[str, str, TokenUsage], Cost]
"""The cost of a call that nobody saw end: provider, model and estimated usage in."""


def one_moment(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that sees the database as it is now, to its end."""
    if engine.dialect.name == "sqlite":  # its read transactions do so by themselves
        return engine.begin()
    return engine.execution_options(isolation_level="REPEATABLE READ").begin()


class Database:
    """One open state database. `owner` is this process; `clock` returns aware instants."""

    def __init__(
        self,
        engine: Engine,
        owner: OwnerId,
        clock: Callable[[], datetime],
        cost_of_lost: CostOfLost,
        deployment_id: str,
        *,
        counting: Counting | None = None,
    ) -> None:
        self.engine = engine
        self.owner = owner
        self.clock = clock
        self.cost_of_lost = cost_of_lost
        self.deployment_id = deployment_id
        self.counting = counting
        """What events add to what is known of models; None: this process counts none."""
        self._chain = ChainWriter(str(owner), deployment_id, clock)
        self.committer = GroupCommitter(engine, self._chain)
        self.refusal: AuditUnavailable | None = None
        """Why nobody may do anything with keys now; None when they may."""

    def on_audited(self, listener: Callable[[Sequence[AuditEvent]], None]) -> None:
        """From now on tell `listener`, too, which events each transaction commits, on the committer's thread."""
        self._chain.listeners.append(listener)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a transaction of its own: everything read on it is of one moment on SQLite.

        Raises:
            StoreError: the database can't be read, with the remedy.
        """
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """Like `read`, and everything is of one moment on PostgreSQL, too.

        Raises:
            StoreError: the database can't be read, with the remedy.
        """
        with translated(), one_moment(self.engine) as connection:
            yield connection

    def audit(self, event: AuditEvent) -> None:
        """Record an event in the transaction of the job that calls this; only from inside `write` or `submit`.

        The event is on disk exactly when the rest of the transaction is: where it can't be written, nothing is.

        Raises:
            AuditUnavailable: it is of a key, and the log is not kept as safely as it has to be.
        """
        if self.refusal is not None and begins_key_operation(event):
            raise AuditUnavailable(str(self.refusal), self.refusal.remedy)
        self._chain.append(event)

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
