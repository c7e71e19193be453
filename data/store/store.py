"""The store: one open state database and its repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from data.store.access_rules import AccessRules
from data.store.activity import Activity
from data.store.alert_delivery import AlertDelivery
from data.store.alert_rules import AlertRules
from data.store.alerts import Alerts
from data.store.aside import Aside
from data.store.attempts import Attempts
from data.store.audit import Audit
from data.store.audit_checkpoints import Checkpoints
from data.store.audit_walk import AuditWalk
from data.store.blobs import Blobs
from data.store.books import Books, books
from data.store.budgets import Budgets
from data.store.calls import Calls
from data.store.comparisons import Comparisons
from data.store.conversations import Conversations
from data.store.corrections import Corrections
from data.store.database import CostOfLost, Database
from data.store.endpoints import Endpoints, Listings
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.failures import file_trouble
from data.store.flags import Flags
from data.store.forgetting import Forgetting
from data.store.holds import Holds
from data.store.keks import Keks
from data.store.lease import OwnerId
from data.store.leases import Leases
from data.store.message_search import MessageSearch
from data.store.model_facts import ModelFacts
from data.store.model_overrides import ModelOverrides
from data.store.model_refusals import ModelRefusals
from data.store.notices import Notices
from data.store.outbox import Outbox
from data.store.outcomes import Outcomes
from data.store.people import Users
from data.store.preferences import Preferences
from data.store.report_schedules import ReportSchedules
from data.store.retention import Retention
from data.store.rewrap import Rewraps
from data.store.rotations import Rotations
from data.store.routing import Routing
from data.store.sample import SampleData
from data.store.saved_queries import SavedQueries
from data.store.schema import HEAD, ensure_current, known_deployment
from data.store.secrets import Secrets
from data.store.sessions import Sessions
from data.store.standing import Standing
from data.store.teams import Teams
from data.store.tokens import Tokens
from data.store.tool_approvals import ToolApprovals
from data.store.tool_servers import ToolServers
from data.store.turns import Turns
from data.store.user_seals import UserSeals
from data.store.watched import Watched
from data.values.calls import TokenUsage
from data.values.counting import Counting
from data.values.money import UNPRICED, Cost


def utc_now() -> datetime:
    """The clock unless another one is given."""
    return datetime.now(UTC)


class Store:
    """Repositories over one database. Writes of all of them share one writer thread and its fsyncs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.deployment_id = database.deployment_id
        """Random, made once with the database: tells this deployment's records from another's."""
        self.conversations = Conversations(database)
        self.message_search = MessageSearch(database)
        self.aside = Aside(database)
        self.comparisons = Comparisons(database)
        self.blobs = Blobs(database)
        self.turns = Turns(database)
        self.calls = Calls(database)
        self.activity = Activity(database)
        self.preferences = Preferences(database)
        self.corrections = Corrections(database)
        self.budgets = Budgets(database)
        self.users = Users(database)
        self.teams = Teams(database)
        self.access_rules = AccessRules(database)
        self.sessions = Sessions(database)
        self.tokens = Tokens(database)
        self.attempts = Attempts(database)
        self.forgetting = Forgetting(database)
        self.retention = Retention(database)
        self.holds = Holds(database)
        self.secrets = Secrets(database)
        self.user_seals = UserSeals(database)
        self.keks = Keks(database)
        self.rotations = Rotations(database)
        self.rewraps = Rewraps(database)
        self.leases = Leases(database)
        self.endpoints = Endpoints(database)
        self.listings = Listings(database)
        self.flags = Flags(database)
        self.model_overrides = ModelOverrides(database)
        self.model_facts = ModelFacts(database)
        self.model_refusals = ModelRefusals(database)
        self.tool_servers = ToolServers(database)
        self.tool_approvals = ToolApprovals(database)
        self.routing = Routing(database)
        self.report_schedules = ReportSchedules(database)
        self.alerts, self.alert_rules = Alerts(database), AlertRules(database)
        self.alert_delivery = AlertDelivery(database)
        self.notices = Notices(database)
        self.watched = Watched(database)
        self.outbox = Outbox(database)
        self.outcomes = Outcomes(database)
        self.saved_queries = SavedQueries(database)
        self.sample_data = SampleData(database)
        self.standing = Standing(database)
        self.audit, self.audit_walk = Audit(database), AuditWalk(database)
        self.checkpoints = Checkpoints(database)

    @property
    def revision(self) -> str:
        """Of the schema, which the database was brought to as it was opened."""
        return HEAD

    def ping(self) -> None:
        """Ask the database something small. Raises StoreError when it does not answer."""
        with self._database.read() as connection:
            connection.execute(text("SELECT 1"))

    def books(self) -> AbstractContextManager[Books]:
        """What the warehouse was ever told, of one moment; see `data.store.books`."""
        return books(self._database)

    def snapshot(self, path: Path) -> dict[str, int]:
        """Copy the whole database as it is now into a new SQLite file; see `data.store.snapshot`."""
        from data.store.snapshot import write_snapshot

        return write_snapshot(self._database, path)

    def close(self) -> None:
        """Commit what waits and close every connection. Safe to call twice."""
        self._database.close()


def unpriced(_provider: str, _model: str, _usage: TokenUsage) -> Cost:
    """The cost of a lost call for whoever knows no prices."""
    return UNPRICED


def open_store(
    url: str,
    *,
    owner: OwnerId,
    clock: Callable[[], datetime] = utc_now,
    cost_of_lost: CostOfLost = unpriced,
    guards: bool = True,
    counting: Counting | None = None,
) -> Store:
    """Open the state database, creating or upgrading it first where needed.

    Args:
        url: `sqlite:///path` (the file is created 0600) or `postgresql+psycopg://user:password@host/name`.
        owner: this process, as other processes will see it.
        clock: returns aware instants.
        cost_of_lost: prices the estimated usage of calls whose process died.
        guards: whether a database without its append-only triggers is refused; see `ensure_current`.
        counting: what calls and feedback add to what is known of models; None: nothing is counted here.

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
        deployment_id = ensure_current(engine, clock, guards=guards)
    except BaseException:
        engine.dispose()
        raise
    return Store(Database(engine, owner, clock, cost_of_lost, deployment_id, counting=counting))


@contextmanager
def looked_at(url: str) -> Iterator[Store | None]:
    """The state database as it is, for reading alone; None where there is none yet.

    It may be of an older release, so what is read may be missing (StoreError).

    Raises:
        StoreError: it can't be reached or read.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():  # connecting would make it
        yield None
        return
    engine = make_engine(url, looks_only=True)
    try:
        deployment_id = known_deployment(engine)
        if deployment_id is None:
            yield None
            return
        store = Store(Database(engine, OwnerId.current(), utc_now, unpriced, deployment_id))
        try:
            yield store
        finally:
            store.close()
    finally:
        engine.dispose()
