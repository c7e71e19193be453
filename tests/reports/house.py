"""Reports with real parts: a store, a vault, a warehouse, and the process that sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from core.access.access import Access
from core.config import Settings
from core.reports.addresses import Addresses
from core.reports.rounds import Rounds
from core.reports.sending import Sender
from core.reports.service import ReportService
from core.reports.writing import Writing
from core.vault import Vault
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import Team
from data.values.reports import ReportSchedule
from data.warehouse.writer import WarehouseWriter
from tests.databases import open_store
from tests.warehouse.books import Clock, book, some
from tests.warehouse.conftest import QUICK

BERLIN = ZoneInfo("Europe/Berlin")
ADMIN = Actor("ada", frozenset({Role.MEMBER, Role.ADMIN}))
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When schedules are made; the week is the one from 16 to 22 November then, once it is over."""
MONDAY_MORNING = datetime(2026, 11, 23, 7, 0, 30, tzinfo=UTC)
"""Just past eight in Berlin."""
WEEK = timedelta(days=7)


class Replica:
    """One process's reports, as the app puts them together. Several may share a store's URL, and so its vault."""

    def __init__(self, url: str, home: Path, clock: Clock, *, owner: OwnerId, writer: WarehouseWriter | None = None):
        home.mkdir(parents=True, exist_ok=True)
        settings = Settings(home=home, kek_source="file", local_discovery=False)
        self.clock = clock
        self.store = open_store(url, owner=owner, clock=clock)
        self._own = writer is None
        self.writer = writer or WarehouseWriter(
            settings.warehouse_path, self.store.outbox, clock, pace=QUICK, zone=BERLIN
        )
        self.vault = Vault.open_or_create(self.store, settings, clock)
        addresses = Addresses(self.vault, Sender(settings))
        writing = Writing(self.store, self.writer, BERLIN)
        self.rounds = Rounds(self.store, addresses, writing, clock)
        self.service = ReportService(Access(self.store), self.store, addresses, writing, clock)
        if self._own:
            self.writer.start()

    def add(self, address: str, **more: object) -> ReportSchedule:
        """A schedule for Mondays at eight, about everybody unless something else is said."""
        given = {"label": "Leads", "team_id": None, "weekday": 0, "hour": 8, **more}
        return self.service.add(ADMIN, address=address, **given)  # type: ignore[arg-type]

    def kept(self, schedule: ReportSchedule) -> ReportSchedule:
        found = self.store.report_schedules.find(schedule.id)
        assert found is not None
        return found

    def team(self, team_id: str, name: str) -> None:
        event = AuditEvent.by(ADMIN, Action.TEAM_CHANGE, AuditOutcome.DONE)
        self.store.teams.add(Team(team_id, name, self.clock()), event)

    def close(self) -> None:
        if self._own:
            self.writer.close()
        self.store.close()


@contextmanager
def opened(
    url: str, home: Path, clock: Clock, *, host: str = "here", writer: WarehouseWriter | None = None
) -> Iterator[Replica]:
    """A replica on a machine called `host`, closed in the end."""
    owner = OwnerId.current() if host == "here" else OwnerId(host, 1, host)
    replica = Replica(url, home, clock, owner=owner, writer=writer)
    try:
        yield replica
    finally:
        replica.close()


def used(store: Store, calls: int = 8) -> None:
    """Some calls of the week before Monday, 23 November."""
    made = some(calls, seed=4)  # of the hour before its afternoon
    for call in made:
        object.__setattr__(call.intent, "started_at", call.intent.started_at - timedelta(days=3))
    book(store, made)
