"""Which servers answer, and with which models: asked in the background, so that no page ever waits for one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

import httpx

from core.access.access import Access
from core.config import Settings
from core.errors import GearboxError, ProviderError, SignedOut
from core.providers.addresses import is_loopback, port_of
from core.providers.circuits import Silences
from core.providers.facts import Place
from core.providers.failures import failure
from core.providers.guard import AddressGuard
from core.providers.keys import key_trouble
from core.providers.lister import Lister
from core.providers.listing_ages import ATTENTION_SECONDS, REFRESH_SECONDS, ListingAges
from core.providers.local_servers import local_candidates
from core.providers.precautions import Precautions
from core.providers.probe import Listing, list_models, open_client
from core.registry.truth import found_out
from core.vault import Vault
from data.store import Store
from data.store.endpoints import KeptListing
from data.values.actor import Actor, Surface
from data.values.calls import ErrorKind
from data.values.models import Endpoint, Wire, nearest
from data.values.registry import CapabilityFact

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 25.0
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was known at the last refresh.

    `local` holds the servers that answered; `names` the models of each endpoint by its id, where they are known, and
    `contexts` how many tokens they read, by name, where the list says so.
    """

    local: tuple[Endpoint, ...]
    names: Mapping[str, tuple[str, ...]]
    contexts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Discovery:
    """Keeps a `Snapshot` fresh: run `run()` on the background loop; everything else may be called from any thread.

    Args:
        precautions: whose circuits are told which servers do not answer.
        own_address: this app's own base URL; a local server at its port is this app itself.
        clock: UTC; dates the listings that are kept.
        guard: says which addresses may be called; without one the settings do.
        rng: spreads the requests of many processes over time.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        vault: Vault,
        precautions: Precautions | None = None,
        *,
        settings: Settings,
        own_address: Callable[[], str],
        clock: Callable[[], datetime],
        rng: Random | None = None,
        guard: AddressGuard | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._store = store
        self._vault = vault
        self._own_address = own_address
        self._clock = clock
        self._lister = Lister(store, vault, settings.plain_http_hosts)
        precautions = precautions or Precautions()
        self._circuits = precautions.circuits
        self._facts = precautions.facts
        self._learned = precautions.learned
        self._guard = guard or AddressGuard.of(settings)
        self._candidates = local_candidates(settings) if settings.local_discovery else ()
        self._monotonic = monotonic
        self._ages = ListingAges(clock, rng or Random(), monotonic)  # noqa: S311  # nothing secret hangs on it
        self._kept = store.listings.all()
        contexts = {key: kept.contexts for key, kept in self._kept.items() if kept.contexts}
        self._snapshot = Snapshot((), {key: kept.names for key, kept in self._kept.items()}, contexts)
        self._people: dict[str, Actor] = {}
        self._seen_at: dict[str, float] = {}
        self._asking: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._running: _Running | None = None

    @property
    def snapshot(self) -> Snapshot:
        """What the last refresh found. Never waits."""
        return self._snapshot

    def silences(self) -> Silences:
        """What is known not to answer now. Never waits."""
        return self._circuits.silences()

    def found_out(self) -> dict[Place, list[CapabilityFact]]:
        """What endpoints' models were seen, tried or said to do and to refuse. Waits for no server."""
        return found_out(self._facts.now(), self._learned.all())

    def found_at(self, place: Place) -> list[CapabilityFact]:
        """The same of one model."""
        return found_out({place: self._facts.now().get(place, ())}, {place: self._learned.refused(*place)})[place]

    def at_hand(self) -> bool:
        """Whether `found_out` and `found_at` would answer without the database."""
        return self._facts.at_hand()

    def watch(self, actor: Actor) -> None:
        """Keep the listings of this person's endpoints fresh while they are about. Cheap when that is so already."""
        unattended = replace(actor, surface=Surface.BACKGROUND, address="", request_id="")
        known = self._people.get(actor.user_id)
        if known != unattended:
            self._people = {**self._people, actor.user_id: unattended}
        was_about = self._is_about(actor)
        self._seen_at[actor.user_id] = self._monotonic()
        if known is None or known.team_ids != actor.team_ids or not was_about:
            self._rouse()

    def ask_soon(self, endpoint: Endpoint) -> None:
        """Ask this one again, if it is within reach of anybody who is about. Returns at once."""
        self._ages.forget(endpoint.id)
        self._rouse()

    def look_now(self, actor: Actor, within: float = 10.0) -> None:
        """Ask every server of this person and this machine again, for who pressed a button.

        Waits for the answers, `within` seconds at most.
        """
        running = self._running
        if running is None:
            return
        self.watch(actor)
        for endpoint in self._endpoints_of(actor):
            self._ages.forget(endpoint.id)
        looking = asyncio.run_coroutine_threadsafe(self.refresh(running.client), running.loop)
        try:
            looking.result(within)
        except (TimeoutError, GearboxError):
            pass  # what was found by then counts
        except ExceptionGroup as error:  # a database that is down: as in `run`
            log.warning("A refresh of the model lists failed: %s", type(error.exceptions[0]).__name__)

    def ask_now(self, actor: Actor, endpoint: Endpoint) -> tuple[str, ...]:
        """Ask one connected endpoint and wait for the answer; for a person who pressed a button.

        Raises:
            ProviderError: it did not list its models.
            GearboxError: its key could not be opened.
        """
        running = self._running
        if running is None:
            raise failure(ErrorKind.INTERNAL, "Gearbox is not ready to ask servers yet.", None)
        work = self._ask(running.client, actor, endpoint)
        return asyncio.run_coroutine_threadsafe(work, running.loop).result(_ANSWER_SECONDS)

    async def run(self) -> None:
        """Refresh for ever; ends when it is cancelled."""
        async with await open_client(self._guard) as client:
            self._running = running = _Running(asyncio.get_running_loop(), client, asyncio.Event())
            try:
                while True:
                    try:
                        await self.refresh(client)
                    except Exception as error:  # noqa: BLE001 a database that is down must not end discovery
                        log.warning("A refresh of the model lists failed: %s", type(error).__name__)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(REFRESH_SECONDS):
                            await running.wake.wait()
                    running.wake.clear()
            finally:
                self._running = None

    async def refresh(self, client: httpx.AsyncClient) -> None:
        """One round: the local candidates, then the connected endpoints that are due. Each answer counts at once."""
        answers = await asyncio.gather(*(self._find(client, endpoint) for endpoint in self._candidates))
        found = {each: listing for each, listing in zip(self._candidates, answers, strict=True) if listing is not None}
        gone = {endpoint.id for endpoint in self._candidates if endpoint not in found}
        before = self._snapshot
        names = {key: value for key, value in before.names.items() if key not in gone}
        contexts = {key: value for key, value in before.contexts.items() if key not in gone}
        for endpoint, listing in found.items():
            names[endpoint.id], contexts[endpoint.id] = listing.names or (), listing.contexts
        self._snapshot = Snapshot(tuple(found), names, contexts)
        at_once = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for actor in self._people.values():
                for endpoint in await asyncio.to_thread(self._endpoints_of, actor):
                    if self._is_wanted(actor, endpoint) and self._is_due(endpoint):
                        tasks.create_task(self._renew(client, at_once, actor, endpoint))

    def _endpoints_of(self, actor: Actor) -> list[Endpoint]:
        """What a person uses: the nearest of each provider. Nothing once they were signed out or deactivated."""
        try:
            self._access.standings.require_good(actor)
        except SignedOut:
            if self._people.get(actor.user_id) == actor:
                self._people = {key: value for key, value in self._people.items() if key != actor.user_id}
                self._seen_at.pop(actor.user_id, None)
            return []
        return nearest(self._store.endpoints.within_reach(actor.user_id, actor.team_ids))

    def _is_wanted(self, actor: Actor, endpoint: Endpoint) -> bool:
        if endpoint.wire is not Wire.OPENAI:
            return False
        return endpoint.secret_id is None or self._is_about(actor)

    def _is_about(self, actor: Actor) -> bool:
        seen_at = self._seen_at.get(actor.user_id)
        return seen_at is not None and self._monotonic() - seen_at < ATTENTION_SECONDS

    def _is_due(self, endpoint: Endpoint) -> bool:
        kept = self._kept.get(endpoint.id)
        return self._ages.is_due(endpoint, kept.fetched_at if kept else None)

    async def _find(self, client: httpx.AsyncClient, endpoint: Endpoint) -> Listing | None:
        if is_loopback(endpoint.base_url) and port_of(endpoint.base_url) == port_of(self._own_address()):
            return None
        with contextlib.suppress(ProviderError):
            return await list_models(endpoint.base_url, client=client)
        return None

    async def _renew(
        self, client: httpx.AsyncClient, at_once: asyncio.Semaphore, actor: Actor, endpoint: Endpoint
    ) -> None:
        try:
            async with at_once:
                now = self._clock()
                if await asyncio.to_thread(key_trouble, self._store, self._vault, endpoint, actor, now):
                    self._ages.put_off(endpoint)  # nobody asked for it, so nobody needs a refusal in the audit log
                else:
                    await self._ask(client, actor, endpoint)
        except GearboxError as error:  # what was listed before still stands
            self._ages.put_off(endpoint)
            log.info("%s did not list its models: %s", endpoint.provider, type(error).__name__)

    async def _ask(self, client: httpx.AsyncClient, actor: Actor, endpoint: Endpoint) -> tuple[str, ...]:
        """Ask one server; who asks while somebody else does waits for the same answer."""
        under_way = self._asking.get(endpoint.id)
        if under_way is None:
            under_way = asyncio.ensure_future(self._ask_once(client, actor, endpoint))
            self._asking[endpoint.id] = under_way
            under_way.add_done_callback(lambda _: self._asking.pop(endpoint.id, None))
        return await asyncio.shield(under_way)

    async def _ask_once(self, client: httpx.AsyncClient, actor: Actor, endpoint: Endpoint) -> tuple[str, ...]:
        known = self._kept.get(endpoint.id)
        tag = known.etag if known and known.contexts is not None else ""
        try:
            listing = await self._lister.ask(client, actor, endpoint, etag=tag)
        except ProviderError as error:
            self._circuits.asked(endpoint.id, error.kind)
            raise
        self._circuits.asked(endpoint.id, None)
        before = self._kept.get(endpoint.id)
        if listing.names is not None:
            names, contexts = listing.names, listing.contexts
        else:
            names, contexts = (before.names, before.contexts or {}) if before else ((), {})
        kept = KeptListing(names, self._clock(), listing.etag, contexts)
        await asyncio.to_thread(self._store.listings.save, endpoint.id, kept)
        self._kept[endpoint.id] = kept
        if listing.names is not None:
            await asyncio.to_thread(self._facts.listed, endpoint.id, listing.told)
        self._ages.answered(endpoint, changed=before is None or before.names != names)
        shown = self._snapshot
        if before is None or before != replace(kept, fetched_at=before.fetched_at) or endpoint.id not in shown.names:
            listed = {**shown.names, endpoint.id: names}
            self._snapshot = replace(shown, names=listed, contexts={**shown.contexts, endpoint.id: contexts})
        return names

    def _rouse(self) -> None:
        if (running := self._running) is not None:
            with contextlib.suppress(RuntimeError):  # the loop closed meanwhile
                running.loop.call_soon_threadsafe(running.wake.set)


@dataclass(frozen=True, slots=True)
class _Running:
    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    wake: asyncio.Event
