"""A registry over a real store and vault, for people with and without connections."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.access.access import Access
from core.config import Settings
from core.keys import KeyService
from core.providers.catalog import Catalogue
from core.providers.connections import Connections
from core.providers.connector import Connector
from core.providers.discovery import Discovery
from core.providers.facts import Facts
from core.providers.keys import key_trouble
from core.providers.learned import Learned
from core.providers.precautions import Precautions
from core.registry.overrides import Overrides
from core.registry.service import Registry
from core.vault import Vault
from data.store import Store
from data.values.actor import Actor, Role

ALICE = Actor("alice", frozenset({Role.MEMBER}))
BOB = Actor("bob", frozenset({Role.MEMBER}))
ADMIN = Actor("admin", frozenset({Role.ADMIN}))
KEY = "sk-canary-registry-0123456789"
CATALOGUE = Catalogue()


class Clock:
    """Stands still until it is moved; seconds for who counts them."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 28, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, **length: float) -> None:
        self.now += timedelta(**length)


class RegistryHouse:
    """The parts that a registry stands on."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.clock, self.store = Clock(), store
        access = Access(store)
        self.precautions = Precautions(learned=Learned(store.model_refusals), facts=Facts(store.model_facts))
        self.vault = Vault.open_or_create(store, settings, self.clock)

        self.discovery = Discovery(
            access,
            store,
            self.vault,
            self.precautions,
            settings=settings,
            own_address=lambda: "http://127.0.0.1:1",
            clock=self.clock,
        )
        self.overrides = Overrides(store, CATALOGUE, self.clock.seconds)
        self.connections = Connections(
            access,
            store,
            CATALOGUE,
            self.discovery,
            settings=settings,
            sandbox_address=lambda: "http://127.0.0.1:1/sandbox/v1",
            overrides=self.overrides,
        )
        self.keys = KeyService(
            access, store, self.vault, Connector(store, self.vault, self.discovery, settings), self.clock
        )
        self.registry = self.another(self.overrides)

    def another(self, overrides: Overrides) -> Registry:
        """A registry as another process has it."""
        return Registry(
            Access(self.store),
            self.store,
            CATALOGUE,
            self.connections,
            overrides,
            precautions=self.precautions,
            key_trouble=lambda endpoint, actor: key_trouble(self.store, self.vault, endpoint, actor, self.clock()),
            clock=self.clock,
        )

    def lists(self, endpoint_id: str, *names: str) -> None:
        """A connection's server has listed these."""
        snapshot = self.discovery.snapshot
        self.discovery._snapshot = replace(snapshot, names={**snapshot.names, endpoint_id: names})
