"""The store: one open state database and its repositories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import text

from data.store.calls import Calls
from data.store.conversations import Conversations
from data.store.database import CostOfLost, Database
from data.store.endpoints import Endpoints, Listings
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.failures import file_trouble
from data.store.lease import OwnerId
from data.store.outbox import Outbox
from data.store.people import Preferences, Users
from data.store.schema import ensure_current
from data.store.secrets import Secrets
from data.store.turns import Turns
from data.values.calls import TokenUsage
from data.values.money import UNPRICED, Cost


def utc_now() -> datetime:
    """The clock unless another one is given."""
    return datetime.now(UTC)


class Store:
    """Repositories over one database. Writes of all of them share one writer thread and its fsyncs."""

    def __init__(self, database: Database, deployment_id: str) -> None:
        self._database = database
        self.deployment_id = deployment_id
        """Random, made once with the database: tells this deployment's records from another's."""
        self.conversations = Conversations(database)
        self.turns = Turns(database)
        self.calls = Calls(database)
        self.preferences = Preferences(database)
        self.users = Users(database)
        self.secrets = Secrets(database)
        self.endpoints = Endpoints(database)
        self.listings = Listings(database)
        self.outbox = Outbox(database)

    def ping(self) -> None:
        """Ask the database something small. Raises StoreError when it does not answer."""
        with self._database.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Commit what waits and close every connection. Safe to call twice."""
        self._database.close()


def unpriced(_provider: str, _model: str, _usage: TokenUsage) -> Cost:
    """The cost of a lost call for whoever knows no prices."""
    return UNPRICED


def open_store(
    url: str, *, owner: OwnerId, clock: Callable[[], datetime] = utc_now, cost_of_lost: CostOfLost = unpriced
) -> Store:
    """Open the state database, creating or upgrading it first where needed.

    Args:
        url: `sqlite:///path` (the file is created 0600) or `postgresql+psycopg://user:password@host/name`.
        owner: this process, as other processes will see it.
        clock: returns aware instants.
        cost_of_lost: prices the estimated usage of calls whose process died.

    Raises:
        SchemaNewer: a newer release migrated it; nothing was written.
        SchemaDrift: its tables are not what its revision says; nothing was written.
        StoreError: it can't be reached, read or written.
    """
    if (path := sqlite_path(url)) is not None:
        with file_trouble():
            create_file(path)
    engine = make_engine(url)
    try:
        deployment_id = ensure_current(engine, clock)
    except BaseException:
        engine.dispose()
        raise
    return Store(Database(engine, owner, clock, cost_of_lost), deployment_id)
