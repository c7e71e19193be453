"""Keys and calls with real parts: a store, a vault, a gateway, HTTP."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from core.access.access import Access
from core.access.standing import Limits, Standings
from core.config import Settings
from core.keys import KeyService
from core.loop import BackgroundLoop
from core.providers.catalog import Catalogue
from core.providers.check import CheckResult, ConnectionCheck
from core.providers.connections import Connections
from core.providers.connector import Connector
from core.providers.direct_transport import DirectTransport
from core.providers.discovery import Discovery
from core.providers.gateway import Gateway, StoreBooking
from core.providers.keys import key_for_call
from core.providers.precautions import Precautions
from core.providers.probe import open_client
from core.providers.request import ModelRequest
from core.registry.overrides import Overrides
from core.vault import Vault
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome, AuditRecord
from data.values.audit_search import AuditFilter
from data.values.calls import CallIntent
from data.values.models import Endpoint, Model, Wire
from data.values.people import Session, Team

ALICE = Actor("alice", frozenset({Role.MEMBER}), team_ids=("red", "blue"), session_id="s-alice", address="203.0.113.7")
ALICE_ELSEWHERE = replace(ALICE, session_id="s-elsewhere")
BOB = Actor("bob", frozenset({Role.MEMBER}), session_id="s-bob")
ADMIN = Actor("ada", frozenset({Role.MEMBER, Role.ADMIN}), session_id="s-ada")
AGES = timedelta(days=3650)
KEY = "sk-canary-own-0123456789"
OTHER_KEY = "sk-canary-new-9876543210"


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


class KeyHouse:
    """Key service, connections and gateway of one process; a second one on a database lets nobody in anew."""

    def __init__(self, store: Store, home: Path, clock: Clock, *, is_second: bool = False) -> None:
        settings = Settings(home=home, database_url="", kek_source="file", sandbox=False, local_discovery=False)
        self.clock = clock
        self.store = store
        self.vault = Vault.open_or_create(store, settings, clock, lambda: None)
        self.loop = BackgroundLoop()
        self.standings = Standings(store, limits=Limits(AGES, AGES), clock=clock)
        access = Access(store, self.standings)
        self.discovery = Discovery(
            access, store, self.vault, settings=settings, own_address=lambda: "http://127.0.0.1:1", clock=clock
        )
        catalogue = Catalogue(clock)
        self.connections = Connections(
            access,
            store,
            catalogue,
            self.discovery,
            settings=settings,
            sandbox_address=lambda: "",
            overrides=Overrides(store, catalogue),
        )
        self.keys = KeyService(access, store, self.vault, Connector(store, self.vault, self.discovery, settings), clock)
        self.gateway = Gateway({Wire.OPENAI: DirectTransport()}, partial(key_for_call, self.vault))
        self.check = ConnectionCheck(
            access,
            self.connections,
            self.gateway,
            StoreBooking(store),
            self.loop,
            precautions=Precautions(),
            audit=store.audit.record,
            clock=clock,
        )
        self._discovers = False
        if not is_second:
            self._let_in()

    def _let_in(self) -> None:
        now = self.clock()
        for actor in (ALICE, ALICE_ELSEWHERE, BOB, ADMIN):
            self.store.users.ensure(actor.user_id, actor.user_id)
            session = Session(actor.session_id, actor.user_id, "local", now, now, now + AGES, address=actor.address)
            self.store.sessions.begin(session)
        for team in ALICE.team_ids:
            made = AuditEvent.by(ADMIN, Action.TEAM_CHANGE, AuditOutcome.DONE, target=f"team:{team}")
            self.store.teams.add(Team(team, team.title(), now), made)

    def close(self) -> None:
        """Let go of everything."""
        self.loop.submit(self.gateway.aclose()).result(5)
        self.loop.close()

    def call(self, actor: Actor, endpoint: Endpoint | None = None) -> Endpoint:
        """One model call of a person, through their first connection; raises what the gateway does."""
        used = endpoint or self.connections.endpoints(actor)[0]
        intent = CallIntent(
            uuid.uuid4().hex,
            actor,
            used.provider,
            "small",
            self.clock(),
            used.id,
            key_owner=used.key_owner,
            secret_id=used.secret_id,
        )
        request = ModelRequest(used, Model(used.provider, "small", "Small"), ({"role": "user", "content": "Hi"},))

        async def run() -> None:
            async for _ in self.gateway.stream(request, intent, StoreBooking(self.store)):
                pass

        self.loop.submit(run()).result(20)
        return used

    def test(self, actor: Actor, endpoint: Endpoint) -> CheckResult:
        """The Test button."""
        self.discover()
        return self.check.run(actor, endpoint)

    def discover(self) -> None:
        """From now on look in the background for what endpoints list."""
        if not self._discovers:
            self._discovers = True
            before = self.discovery.snapshot
            self.loop.submit(self.discovery.run())
            while self.discovery.snapshot is before:
                time.sleep(0.01)

    def look(self) -> None:
        """One round of the background's, to the end."""

        async def run() -> None:
            async with await open_client() as client:
                await self.discovery.refresh(client)

        for actor in self.discovery._people.values():
            for endpoint in self.store.endpoints.within_reach(actor.user_id, actor.team_ids):
                self.discovery.ask_soon(endpoint)
        self.loop.submit(run()).result(20)

    def booked(self) -> list[dict[str, Any]]:
        """Usage events of all calls, the oldest first."""
        return [dict(row.payload) for row in self.store.outbox.batch(100)]

    def audited(self, **wanted: Any) -> list[AuditRecord]:
        """Events of the audit log, the oldest first."""
        page = self.store.audit.search(AuditFilter(**wanted), limit=200)
        return [entry.record for entry in reversed(page.entries)]
