"""Everything the chat needs, put together from its real parts."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from core.access.access import Access
from core.chat.describers import Describers
from core.chat.describing import Describing
from core.chat.live import LiveTurn
from core.chat.preparing import Preparing
from core.chat.selection import Choice
from core.chat.service import ChatService
from core.chat.turn import TurnRunner
from core.config import Settings
from core.keys import KeyService
from core.loop import BackgroundLoop
from core.preferences import PreferenceService
from core.providers.attempts import Attempts
from core.providers.cache import CacheLimits, ResponseCache
from core.providers.caching_gateway import CachingGateway
from core.providers.catalog import Catalogue
from core.providers.circuits import Circuits
from core.providers.connections import Connections
from core.providers.connector import Connector
from core.providers.direct_transport import DirectTransport
from core.providers.discovery import Discovery
from core.providers.keys import key_for_call
from core.providers.limits import Allowance, Limits
from core.providers.patience import Patience
from core.providers.precautions import Precautions
from core.providers.reply import Timeouts
from core.registry.overrides import Overrides
from core.registry.typical import typical_cost
from core.tools.toolbox import Toolbox
from core.vault import Vault
from data.store import OwnerId, Store
from data.values.actor import Actor
from data.values.messages import Message
from data.values.models import Wire
from data.values.parts import text_of
from data.values.registry import ModelCard
from tests.databases import open_store
from tests.people import ALICE

SOON = 20.0
"""Seconds after which something that should have happened never will."""


def now() -> datetime:
    return datetime.now(UTC)


class ChatHouse:
    """A chat service over a store, a gateway and a sandbox of its own."""

    def __init__(
        self,
        home: Path,
        sandbox_url: str,
        catalogue: Catalogue,
        *,
        timeouts: Timeouts | None = None,
        circuits: Circuits | None = None,
        spend_per_person: Decimal = Decimal(),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        toolbox: Toolbox | None = None,
        sandbox: bool = True,
        describes_within: float | None = None,
        listeners: Sequence[ModelCard] = (),
    ) -> None:
        self.settings = Settings(home=home, database_url="", kek_source="file", sandbox=sandbox, local_discovery=False)
        self.path = home / "gearbox.db"
        self.catalogue = catalogue
        self.store = open_store(self.settings.store_url, owner=OwnerId.current(), clock=now)
        self.vault = vault = Vault.open_or_create(self.store, self.settings, now, lambda: None)
        self.access = access = Access(self.store)
        limits = Limits(Allowance(spend_per_person=spend_per_person), self._spent)
        cautious = Precautions(circuits or Circuits(), limits=limits, patience=Patience(first_pause=0.05))
        own = "http://127.0.0.1:1"
        discovery = Discovery(
            access, self.store, vault, cautious, settings=self.settings, own_address=lambda: own, clock=now
        )
        self.overrides = Overrides(self.store, catalogue)
        self.connections = Connections(
            access,
            self.store,
            catalogue,
            discovery,
            overrides=self.overrides,
            settings=self.settings,
            sandbox_address=lambda: sandbox_url,
        )
        connector = Connector(self.store, vault, discovery, self.settings)
        self.keys = KeyService(access, self.store, vault, connector, now)
        self.loop = BackgroundLoop()
        self.gateway = CachingGateway(
            ResponseCache(CacheLimits(chat=True)),
            {Wire.OPENAI: DirectTransport(timeouts)},
            open_key=partial(key_for_call, vault),
        )
        self.booked = 0
        self.attempts = Attempts(self.gateway, cautious, sleep=sleep)
        self.turns = TurnRunner(self.store, self.attempts, self.loop, on_booked=self._note)
        self.preferences = PreferenceService(access, self.store)
        self.describers = Describers(self.connections, lambda _actor: listeners, typical_cost)
        describing = None
        if describes_within is not None:
            describing = Describing(self.store, self.describers, self.attempts, clock=now, seconds=describes_within)
        store, known, liked = self.store, self.connections, self.preferences
        self.preparing = Preparing(store, known, toolbox or Toolbox())
        self.chat = ChatService(
            access, store, known, liked, turns=self.turns, preparing=self.preparing, clock=now, describing=describing
        )

    def _spent(self, since: datetime, person: str | None, key: str | None) -> Decimal:
        return self.store.calls.spent(since, user_id=person, secret_id=key)

    def _note(self) -> None:
        self.booked += 1

    def wait_booked(self, times: int) -> None:
        """Wait until the warehouse was told so often, and see that it is not told once more."""
        deadline = time.monotonic() + 60  # the books come after the answer, on a busy machine seconds after it
        while self.booked < times and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.booked == times

    def close(self) -> None:
        self.turns.close()
        self.loop.submit(self.gateway.aclose()).result(5)
        self.loop.close()
        self.store.close()

    def choice(self, actor: Actor = ALICE, picked: str | None = None) -> Choice:
        choice = self.chat.choice(actor, self.preferences.load(actor), picked=picked, history=[])
        assert choice is not None
        return choice

    def send(
        self, prompt: str, conversation_id: str | None = None, actor: Actor = ALICE, *, model: str | None = None
    ) -> LiveTurn:
        return self.chat.send(actor, conversation_id, prompt, self.choice(actor, model))

    def ask(
        self, prompt: str, conversation_id: str | None = None, actor: Actor = ALICE, *, model: str | None = None
    ) -> LiveTurn:
        """Send and wait for the end."""
        return ended(self.send(prompt, conversation_id, actor, model=model))

    def messages(self, turn: LiveTurn, actor: Actor = ALICE) -> list[Message]:
        return self.chat.window(actor, turn.begun.conversation_id)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a connection of one's own reads in the database file."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(query, values).fetchall()

    def calls(self) -> list[str]:
        """Status of every call in the books."""
        return [status for (status,) in self.rows("SELECT status FROM calls ORDER BY started_at")]


@contextmanager
def another_store(house: ChatHouse) -> Iterator[Store]:
    """A second connection to the same database, as another process would have."""
    store = open_store(house.settings.store_url, owner=OwnerId("elsewhere", 1, "x"), clock=now)
    try:
        yield store
    finally:
        store.close()


def ended(turn: LiveTurn) -> LiveTurn:
    assert turn.wait_ended(SOON), "the turn does not end"
    return turn


def words(message: Message) -> str:
    return text_of(message.parts)


def wait_for_words(turn: LiveTurn, count: int) -> str:
    """Wait until `count` words of a running answer have arrived; returns the text so far."""
    for _ in turn.follow(patience=0.05):
        text = text_of(turn.parts())
        if len(text.split()) >= count:
            return text
    raise AssertionError(f"it ended after {text_of(turn.parts())!r}")
