from __future__ import annotations

from dataclasses import replace

from core.access.access import Access
from core.config import Settings
from core.keys import KeyService
from core.providers.catalog import Catalogue
from core.providers.connections import Connections
from core.providers.connector import Connector
from core.providers.discovery import Discovery
from core.providers.precautions import Precautions
from core.providers.probe import open_client
from core.registry.overrides import Overrides
from core.vault import Vault
from data.store import Store
from data.values.actor import Actor
from data.values.models import Endpoint
from tests.connections.conftest import NOW
from tests.people import ALICE

SANDBOX_URL = "http://127.0.0.1:8501/sandbox/v1"


class House:
    """Connections over a real store and vault, and the discovery behind them."""

    def __init__(self, store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> None:
        self.store = store
        self.vault = vault
        self.catalogue = catalogue
        self.settings = settings
        self.access = access = Access(store)
        self.precautions = Precautions()
        self.circuits = self.precautions.circuits
        self.discovery = Discovery(
            access,
            store,
            vault,
            self.precautions,
            settings=settings,
            own_address=lambda: "http://127.0.0.1:1",
            clock=lambda: NOW,
        )
        self.connections = Connections(
            access,
            store,
            catalogue,
            self.discovery,
            overrides=Overrides(store, catalogue),
            settings=settings,
            sandbox_address=lambda: SANDBOX_URL,
        )
        connector = Connector(store, vault, self.discovery, settings)
        self.keys = KeyService(access, store, vault, connector, lambda: NOW)

    async def refresh(self) -> None:
        for actor in self.discovery._people.values():
            for endpoint in self.store.endpoints.within_reach(actor.user_id, actor.team_ids):
                self.discovery.ask_soon(endpoint)
        async with await open_client() as client:
            await self.discovery.refresh(client)

    def lists(self, endpoint: Endpoint, *names: str) -> None:
        """A connection's server has listed these."""
        snapshot = self.discovery.snapshot
        self.discovery._snapshot = replace(snapshot, names={**snapshot.names, endpoint.id: names})

    def ids(self, actor: Actor = ALICE) -> list[str]:
        return [model.id for model in self.connections.models(actor)]
