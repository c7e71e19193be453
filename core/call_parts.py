"""Parts of the composition that make model calls; `core.services` puts them together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from core.access.access import Access
from core.calls import CallService
from core.chat.turn import TurnRunner
from core.clock import utc_now
from core.config import Settings
from core.flags.flags import Flags
from core.loop import BackgroundLoop
from core.preferences import PreferenceService
from core.providers.attempts import Attempts
from core.providers.check import ConnectionCheck
from core.providers.connections import Connections
from core.providers.gateway import Gateway, StoreBooking
from core.providers.precautions import Precautions
from core.registry.checking import ModelCheck
from core.registry.service import Registry
from core.telemetry.traces import Traces
from core.videos.service import VideoService
from data.store import Store
from data.values.models import Endpoint, Model
from data.values.registry import Capability
from data.warehouse.writer import WarehouseWriter


def make_check(
    access: Access,
    connections: Connections,
    gateway: Gateway,
    precautions: Precautions,
    *,
    store: Store,
    loop: BackgroundLoop,
) -> ConnectionCheck:
    """The Test button's call, over the chat's gateway."""
    return ConnectionCheck(
        access,
        connections,
        gateway,
        StoreBooking(store),
        loop,
        precautions=precautions,
        audit=store.audit.record,
        clock=utc_now,
    )


def make_model_check(
    access: Access,
    connections: Connections,
    registry: Registry,
    gateway: Gateway,
    precautions: Precautions,
    *,
    store: Store,
    loop: BackgroundLoop,
) -> ModelCheck:
    """What tries models out, over the chat's gateway."""
    booking = StoreBooking(store)
    return ModelCheck(
        access, connections, registry, gateway, booking, precautions=precautions, loop=loop, clock=utc_now
    )


def make_calls(  # noqa: PLR0917
    settings: Settings,
    store: Store,
    connections: Connections,
    preferences: PreferenceService,
    flags: Flags,
    new_gateway: Callable[[], Gateway],
    precautions: Precautions,
) -> CallService:
    """Calls of programs, with a gateway of their own on the server's loop."""
    return CallService(
        connections,
        preferences,
        StoreBooking(store),
        make_gateway=new_gateway,
        make_attempts=lambda gateway: Attempts(gateway, precautions),
        fallbacks=settings.fallbacks,
        takes_no_tools=takes_no_tools(precautions),
        require=flags.require,
        clock=utc_now,
    )


def takes_no_tools(precautions: Precautions) -> Callable[[Endpoint, Model], bool]:
    """Says of a model whether it is known to take no tools."""
    return lambda endpoint, model: precautions.facts.denies((endpoint.id, model.name), Capability.TOOLS)


def run_turns(
    store: Store,
    attempts: Attempts,
    loop: BackgroundLoop,
    writer: WarehouseWriter,
    stack: ExitStack,
    *,
    traces: Traces,
) -> TurnRunner:
    """What runs the chat's turns; those of dead processes are taken over now and from now on."""
    turns = TurnRunner(store, attempts, loop, on_booked=writer.wake, traces=traces)
    stack.callback(turns.close)
    turns.watch_for_dead()
    return turns


def make_videos(
    access: Access, calls: CallService, attempts: Attempts, *, store: Store, loop: BackgroundLoop, stack: ExitStack
) -> VideoService:
    """Videos of programs, over the chat's gateway: a job outlives the request that began it."""
    videos = VideoService(
        access, calls.operation, attempts, StoreBooking(store), loop, booked=store.calls.find, clock=utc_now
    )
    stack.callback(videos.close)
    return videos
