"""Alerts with real parts: a store, a vault, an audit trail, a warehouse, and the processes that send."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from core.access.access import Access
from core.alerts.alerts import Alerts
from core.alerts.channels import ChannelAddresses, Post
from core.alerts.delivery import Deliverer
from core.alerts.evaluator import Evaluator
from core.alerts.own_disk import OwnDisk
from core.alerts.service import AlertService
from core.alerts.settings import AlertSettings
from core.alerts.sources.source import Parts
from core.audit.trail import Trail
from core.config import Settings
from core.reports.sending import Sender
from core.vault import Vault
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.values.alert_delivery import ChannelForm
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind
from data.values.money import UNPRICED, Cost, CostBasis
from data.warehouse.writer import WarehouseWriter
from tests.databases import open_store
from tests.reports.places import MailServer, Webhook
from tests.warehouse.books import Booked, Clock, book
from tests.warehouse.conftest import QUICK

ADMIN = Actor("ada", frozenset({Role.MEMBER, Role.ADMIN}))
MEMBER = Actor("max", frozenset({Role.MEMBER}))
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUND = timedelta(seconds=15)
_ids = itertools.count(1)


@dataclass
class Disk:
    """A disk of a hundred bytes."""

    free: int = 60
    total: int = 100


class Replica:
    """One process's alerts, as the app puts them together. Several may share a store's URL, and so its vault."""

    def __init__(self, url: str, home: Path, clock: Clock, owner: OwnerId, writer: WarehouseWriter | None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        settings = Settings(home=home, kek_source="file", local_discovery=False)
        self.clock, self.url, self.disk, self.home = clock, url, Disk(), home
        self.store: Store = open_store(url, owner=owner, clock=clock)
        self.writer = writer or WarehouseWriter(settings.warehouse_path, self.store.outbox, clock, pace=QUICK)
        self.vault = Vault.open_or_create(self.store, settings, clock)
        self.trail = Trail.open(self.store, self.vault, settings, clock)
        self.access = Access(self.store)
        addresses = ChannelAddresses(self.vault, Sender(settings), Post(settings), "https://gearbox.example", clock)
        parts = Parts(self.store, self.writer, self.trail, home, UTC, clock, lambda _home: self.disk)
        self.evaluator = Evaluator(parts)
        self.deliverer = Deliverer(self.store, addresses, clock)
        self.alerts = Alerts(self.store, clock)
        self.own = OwnDisk(parts, self.alerts)
        self.inbox = AlertService(self.access, self.store, self.alerts, clock)
        self.settings = AlertSettings(self.access, self.store, addresses, clock)

    def rounds(self, lasts: timedelta, every: timedelta = ROUND) -> None:
        """Let time go by, with a round every so often; then what is due is sent."""
        for _ in range(lasts // every):
            self.clock.forward(every)
            self.own.run()
            self.evaluator.run()
        self.deliverer.run()

    def told(self) -> list[tuple[str, str, str]]:
        """Rule, group and state of all alerts that ever fired, the oldest first."""
        return [(each.rule, each.group, each.state.value) for each in reversed(self.store.alerts.history(500))]

    def call(
        self, at: datetime, *, error: ErrorKind | None = None, ttft: float = 300.0, cost: str = "", count: int = 1
    ) -> None:
        """Calls of a provider that ended then, booked as the gateway does."""
        book(self.store, calls(at, error=error, ttft=ttft, cost=cost, count=count))
        self.writer.flush(10)


def calls(
    at: datetime,
    *,
    error: ErrorKind | None = None,
    ttft: float = 300.0,
    cost: str = "",
    count: int = 1,
    provider: str = "openai",
) -> list[Booked]:
    """Calls of a provider that ended then."""
    made = []
    for _ in range(count):
        intent = CallIntent(f"alert-call-{next(_ids)}", MEMBER, provider, "gpt", at, f"endpoint-{provider}")
        money = Cost(Decimal(cost), CostBasis.PRICED, "USD", "list") if cost else UNPRICED
        status = CallStatus.FAILED if error else CallStatus.OK
        first = None if error else ttft
        made.append(Booked(intent, CallOutcome(status, 900.0, first, cost=money, error_kind=error)))
    return made


@contextmanager
def opened(
    url: str,
    home: Path,
    clock: Clock,
    *,
    host: str = "here",
    writer: WarehouseWriter | None = None,
    starts: bool = True,
) -> Iterator[Replica]:
    """A replica on a machine called `host`; `starts` says whether its warehouse is written."""
    owner = OwnerId.current() if host == "here" else OwnerId(host, 1, host)
    replica = Replica(url, home, clock, owner, writer)
    if writer is None and starts:
        replica.writer.start()
    try:
        yield replica
    finally:
        if writer is None:
            replica.writer.close()
        replica.store.close()


@dataclass
class Heard:
    """A mailbox and a signed webhook, and the key that the webhook checks signatures with."""

    mail: MailServer
    hook: Webhook
    key: str

    def events(self) -> list[tuple[str, str]]:
        """What the webhook was told: event and rule."""
        return [(each.body["event"], each.body["rule"]) for each in self.hook.received]

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for _, mail in self.mail.mails]


@contextmanager
def listening(settings: AlertSettings, admin: Actor = ADMIN) -> Iterator[Heard]:
    """Two channels, both real."""
    with ExitStack() as stack:
        mail, hook = stack.enter_context(MailServer()), stack.enter_context(Webhook())
        to = f"mailto://127.0.0.1:{mail.port}?from=gearbox@example.org&to=ops@example.org"
        settings.add_channel(admin, label="Mail", form=ChannelForm.PLACE, address=to)
        at = f"http://127.0.0.1:{hook.port}/in"
        _, key = settings.add_channel(admin, label="Hook", form=ChannelForm.SIGNED, address=at)
        yield Heard(mail, hook, key)
