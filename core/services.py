"""The composition root: builds every part once, starts them in order, and stops them in reverse.

One process has one `Services`. `app.py` starts and stops it; pages ask for `current()`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.access.sign_in import SignIn
from core.chat.service import ChatService
from core.chat.turn import TurnRunner
from core.config import Settings
from core.errors import ConfigError, GearboxError
from core.loop import BackgroundLoop
from core.preferences import PreferenceService
from core.providers.catalog import Catalogue
from core.providers.check import ConnectionCheck
from core.providers.connections import Connections
from core.providers.direct_transport import DirectTransport
from core.providers.discovery import Discovery
from core.providers.gateway import Gateway, StoreBooking
from core.providers.keys import endpoint_key
from core.providers.litellm_transport import LitellmTransport
from core.providers.metering import cost_of
from core.providers.offer import listed_price
from core.usage import UsageService
from core.vault import Vault
from core.warm_up import WarmUp, WarmUpStep
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor
from data.values.models import Wire
from data.warehouse.writer import WarehouseWriter


def utc_now() -> datetime:
    """The clock of the whole app."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Everything a page or a route may ask for."""

    settings: Settings
    sign_in: SignIn
    preferences: PreferenceService
    connections: Connections
    connection_check: ConnectionCheck
    discovery: Discovery
    chat: ChatService
    usage: UsageService
    readiness: Callable[[], Mapping[str, str]]
    interrupt: Callable[[], object]

    def actor(self) -> Actor:
        """The signed-in person."""
        return self.sign_in.actor()


def build(
    settings: Settings, stack: ExitStack, *, own_address: Callable[[], str], warm_up: Sequence[WarmUpStep] = ()
) -> Services:
    """Build and start every part; `stack` stops them in reverse.

    Args:
        settings: the operator's settings.
        stack: receives what must be closed.
        own_address: this server's own base URL, once it is bound; the sandbox is called there over HTTP.
        warm_up: steps of the caller's that are run in the background after our own.

    Raises:
        GearboxError: something needed can't be had; nothing is left running.
    """
    _make_home(settings.home)
    catalogue = Catalogue()
    store = open_store(
        settings.store_url,
        owner=OwnerId.current(),
        clock=utc_now,
        cost_of_lost=lambda provider, model, usage: cost_of(listed_price(catalogue, provider, model), usage),
    )
    stack.callback(store.close)
    vault = Vault.open_or_create(store, settings, utc_now)
    writer = WarehouseWriter(settings.warehouse_path, store.outbox, clock=utc_now)
    stack.callback(writer.close)
    writer.start()
    loop = BackgroundLoop()
    stack.callback(loop.close)
    discovery = Discovery(store, vault, settings, own_address=own_address, clock=utc_now)
    connections = Connections(
        store, vault, catalogue, discovery, settings, sandbox_address=lambda: f"{own_address()}/sandbox/v1"
    )
    gateway = Gateway(
        {Wire.OPENAI: DirectTransport(), Wire.LITELLM: LitellmTransport()},
        open_key=lambda endpoint, user_id: endpoint_key(vault, endpoint, user_id),
    )
    stack.callback(lambda: loop.submit(gateway.aclose()).result(5))
    turns = TurnRunner(store, gateway, loop, on_booked=writer.wake)
    stack.callback(turns.close)
    turns.watch_for_dead()
    loop.submit(discovery.run())
    preferences = PreferenceService(store)
    warming = WarmUp([("catalogue", catalogue.load), *warm_up] if settings.warm_up else [])
    warming.start()
    return Services(
        settings=settings,
        sign_in=SignIn(store),
        preferences=preferences,
        connections=connections,
        connection_check=ConnectionCheck(connections, gateway, StoreBooking(store), loop, utc_now),
        discovery=discovery,
        chat=ChatService(store, connections, preferences, turns, utc_now),
        usage=UsageService(writer),
        readiness=lambda: _readiness(store, writer, warming),
        interrupt=turns.interrupt,
    )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The folder {home} can't be made: {error.strerror}.",
            "Set GEARBOX_HOME to a folder of this user's.",
        ) from None


def _readiness(store: Store, writer: WarehouseWriter, warming: WarmUp) -> Mapping[str, str]:
    try:
        store.ping()
        problem = writer.status().last_error
    except GearboxError as error:
        return {"database": f"failed: {type(error).__name__}", "vault": "ready", **warming.states()}
    # Without the warehouse the chat works on and nothing is lost: the outbox keeps what it can't take.
    warehouse = f"degraded: {problem}" if problem else "ready"
    return {"database": "ready", "vault": "ready", "warehouse": warehouse, **warming.states()}


_lock = threading.Lock()
_running: tuple[Services, ExitStack] | None = None


def start(settings: Settings, *, own_address: Callable[[], str], warm_up: Sequence[WarmUpStep] = ()) -> Services:
    """Build this process's services. See `build`."""
    global _running  # noqa: PLW0603  # the one piece of process-wide state: pages have no other way to their services
    with _lock, ExitStack() as stack:
        services = build(settings, stack, own_address=own_address, warm_up=warm_up)
        _running = services, stack.pop_all()
        return services


def stop() -> None:
    """Stop what `start` started: live turns are kept as interrupted, the warehouse is drained."""
    global _running  # noqa: PLW0603
    with _lock:
        if _running is not None:
            _, stack = _running
            _running = None
            stack.close()


def interrupt() -> None:
    """Begin to end all answers in progress, keeping them as interrupted. May be called from a signal handler."""
    if _running is not None:
        _running[0].interrupt()


def current() -> Services:
    """The running services."""
    if _running is None:
        raise ConfigError("Gearbox is not running here.", "Start it with: streamlit run app.py")
    return _running[0]


def readiness() -> Mapping[str, str]:
    """The state of each part; see `core.api.health`."""
    return {"services": "warming"} if _running is None else _running[0].readiness()
