from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from core.access.access import Access
from core.config import Settings
from core.errors import NotFound, ProviderError
from core.loop import BackgroundLoop
from core.providers.directory import key_origin
from core.providers.discovery import Discovery
from core.providers.listing_ages import REFRESH_SECONDS
from core.providers.probe import open_client
from core.vault import Vault
from core.vault.owners import ORGANISATION_ID
from data.store import Store
from data.store.endpoints import KeptListing
from data.values.actor import Actor
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire
from tests.connections.conftest import NOW
from tests.connections.listing_server import ListingServer, serving
from tests.people import ALICE, BOB

KEY = "sk-canary-abcdefgh12345678"


def watching(
    store: Store,
    vault: Vault,
    settings: Settings,
    own: str = "http://127.0.0.1:1",
    monotonic: Callable[[], float] = time.monotonic,
    **local: str,
) -> Discovery:
    chosen = settings.model_copy(update={"local_discovery": True, "local_endpoints": local})
    return Discovery(
        Access(store), store, vault, settings=chosen, own_address=lambda: own, clock=lambda: NOW, monotonic=monotonic
    )


async def refresh(discovery: Discovery) -> None:
    async with await open_client() as client:
        await discovery.refresh(client)


def connected(store: Store, vault: Vault, server: ListingServer, user_id: str = "alice", key: str = KEY) -> Endpoint:
    bare = Endpoint(
        f"e-{server.port}", f"mine-{server.port}", "Mine", EndpointKind.CUSTOM, Wire.OPENAI, server.base_url
    )
    card = vault.put(
        Actor(user_id, frozenset()),
        KeyOwner.USER,
        user_id,
        provider=bare.provider,
        origin=key_origin(bare),
        plaintext=key,
    )
    endpoint = replace(bare, secret_id=card.binding.secret_id, owner=KeyOwner.USER, owner_id=user_id)
    store.endpoints.add(endpoint)
    return endpoint


@contextmanager
def running(discovery: Discovery) -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    try:
        loop.submit(discovery.run())
        yield loop
    finally:
        loop.close()


def wait_for(what: str, holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, f"not within 10 s: {what}"
        time.sleep(0.01)


async def test_local_servers_are_found_and_dropped_again(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("llama3.2:3b", "nomic-embed-text") as server, serving("x") as other:
        discovery = watching(store, vault, settings, ollama=server.base_url, vllm=other.base_url)
        assert not discovery.snapshot.local
        await refresh(discovery)
        found = list(discovery.snapshot.local)
        first, second = found
        assert (first.id, first.provider, first.label, first.base_url) == (
            "local:ollama",
            "ollama",
            "Ollama",
            server.base_url,
        )
        assert second.label == "vLLM"
        assert discovery.snapshot.names["local:ollama"] == ("llama3.2:3b", "nomic-embed-text")
        assert server.requests == [("/v1/models", None)]
        other.status = 503
        await refresh(discovery)
        found = list(discovery.snapshot.local)
        assert [endpoint.provider for endpoint in found] == ["ollama"]
        assert "local:vllm" not in discovery.snapshot.names
    await refresh(discovery)
    assert discovery.snapshot.local == ()
    assert store.listings.all() == {}, "what runs on this machine is found anew, never remembered"


async def test_this_app_does_not_find_itself(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("x") as server:
        discovery = watching(store, vault, settings, f"http://127.0.0.1:{server.port}", vllm=server.base_url)
        await refresh(discovery)
        assert discovery.snapshot.local == ()
        assert server.requests == []


async def test_several_dead_or_slow_servers_cost_as_much_as_one(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("x") as slow, serving("x") as slower, serving("x") as third:
        slow.pause = slower.pause = third.pause = 1.5
        discovery = watching(
            store, vault, settings, a=slow.base_url, b=slower.base_url, c=third.base_url, d="http://127.0.0.1:9/v1"
        )
        began = time.monotonic()
        await refresh(discovery)
        assert time.monotonic() - began < 4.0, "one after another they take 4.5 s"
        assert len(discovery.snapshot.local) == 3


async def test_turned_off_it_asks_nobody(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("x") as server:
        off = settings.model_copy(update={"local_discovery": False, "local_endpoints": {"vllm": server.base_url}})
        discovery = Discovery(
            Access(store), store, vault, settings=off, own_address=lambda: "http://127.0.0.1:1", clock=lambda: NOW
        )
        await refresh(discovery)
        assert (discovery.snapshot.local, server.requests) == ((), [])


@pytest.mark.parametrize("name", ["openai", "sandbox", "Ollama", "my/server", ""])
async def test_a_local_name_never_shadows_another_provider(
    store: Store, vault: Vault, settings: Settings, name: str
) -> None:
    with serving("x") as server:
        discovery = watching(store, vault, settings, "http://127.0.0.1:1", time.monotonic, **{name: server.base_url})
        await refresh(discovery)
        assert discovery.snapshot.local == ()


async def test_connected_listings_are_fetched_with_the_key_and_remembered(
    store: Store, vault: Vault, settings: Settings
) -> None:
    with serving("big", "small") as server:
        endpoint = connected(store, vault, server)
        discovery = watching(store, vault, settings)
        await refresh(discovery)
        assert server.requests == [], "nobody asked for this person's servers yet"
        discovery.watch(ALICE)
        await refresh(discovery)
        assert server.requests == [("/v1/models", f"Bearer {KEY}")]
        assert discovery.snapshot.names[endpoint.id] == ("big", "small")
        assert store.listings.load(endpoint.id) == KeptListing(("big", "small"), NOW)
        server.status = 500
        discovery.ask_soon(endpoint)
        await refresh(discovery)
        assert len(server.requests) == 2
        assert discovery.snapshot.names[endpoint.id] == ("big", "small")
    assert watching(store, vault, settings).snapshot.names == {endpoint.id: ("big", "small")}


async def test_a_start_soon_after_asks_nobody_and_a_list_that_is_the_same_is_not_sent_again(
    store: Store, vault: Vault, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("big", "small") as server:
        server.headers["ETag"] = '"first"'
        endpoint = connected(store, vault, server)
        now = [NOW]

        def started() -> Discovery:
            discovery = Discovery(
                Access(store), store, vault, settings=settings, own_address=lambda: "", clock=lambda: now[0]
            )
            discovery.watch(ALICE)
            return discovery

        await refresh(started())
        assert len(server.requests) == 1
        warm = started()
        assert warm.snapshot.names[endpoint.id] == ("big", "small")
        await refresh(warm)
        assert len(server.requests) == 1, "what was asked a moment ago still stands"
        now[0] = NOW + timedelta(hours=2)
        later = started()
        await refresh(later)
        assert (len(server.requests), server.unchanged) == (2, 1)
        assert later.snapshot.names[endpoint.id] == ("big", "small")
        assert store.listings.load(endpoint.id) == KeptListing(("big", "small"), now[0], '"first"')
        server.list("other")
        server.headers["ETag"] = '"second"'
        later.ask_soon(endpoint)
        await refresh(later)
        assert later.snapshot.names[endpoint.id] == ("other",)


async def test_who_asks_while_somebody_else_does_waits_for_the_same_answer(
    store: Store, vault: Vault, settings: Settings
) -> None:
    with serving("a") as server:
        server.pause = 0.3
        endpoint = connected(store, vault, server)
        discovery = watching(store, vault, settings)
        async with await open_client() as client:
            asked = await asyncio.gather(*(discovery._ask(client, ALICE, endpoint) for _ in range(5)))
        assert (asked, len(server.requests)) == ([("a",)] * 5, 1)


async def test_it_does_not_ask_more_often_than_it_should(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("a") as good, serving("b") as bad:
        bad.status = 401
        asked = [connected(store, vault, good), connected(store, vault, bad)]
        discovery = watching(store, vault, settings)
        discovery.watch(ALICE)
        for _ in range(3):
            await refresh(discovery)
        assert (len(good.requests), len(bad.requests)) == (1, 1)
        for endpoint in asked:
            discovery.ask_soon(endpoint)
        await refresh(discovery)
        assert (len(good.requests), len(bad.requests)) == (2, 2)


class Hours:
    """A clock of seconds that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def opened(store: Store) -> int:
    """How many openings of keys the audit log has, each with its outcome."""
    ended = [one for one in AuditOutcome if one is not AuditOutcome.INTENT]
    found = store.audit.search(AuditFilter(actions=(Action.KEY_USE,), outcomes=tuple(ended)), limit=1000).entries
    return len(found)


async def rounds(discovery: Discovery, hours: Hours, minutes: int, about: Actor | None = ALICE) -> None:
    """That many minutes of the background's rounds, with `about` looking at a page once in each."""
    async with await open_client() as client:
        for _ in range(minutes):
            if about is not None:
                discovery.watch(about)
            await discovery.refresh(client)
            hours.seconds += REFRESH_SECONDS


async def test_keys_for_servers_on_this_machine_are_opened_seldom_and_each_opening_is_in_the_log(
    store: Store, vault: Vault, settings: Settings
) -> None:
    hours = Hours()
    with serving("a") as server, serving("b") as bad, serving("c") as open_to_all:
        keyed = connected(store, vault, server)
        connected(store, vault, bad)
        bad.status = 401
        bare = Endpoint("e-bare", "bare", "Bare", EndpointKind.CUSTOM, Wire.OPENAI, open_to_all.base_url)
        store.endpoints.add(replace(bare, owner=KeyOwner.USER, owner_id="alice"))
        discovery = watching(store, vault, settings, monotonic=hours)
        await rounds(discovery, hours, 6 * 60)
        # A server may be too late now and then on a busy machine, and is left alone for five minutes.
        assert 6 * 55 <= len(open_to_all.requests) <= 6 * 60, "who needs no key is asked once a minute"
        assert 7 <= len(server.requests) <= 9
        assert 8 <= len(bad.requests) <= 10
        assert opened(store) == len(server.requests) + len(bad.requests)
        before = len(server.requests)
        discovery.ask_soon(keyed)
        server.list("a", "new")
        await rounds(discovery, hours, 1)
        assert len(server.requests) == before + 1
        assert discovery.snapshot.names[keyed.id] == ("a", "new")
        await rounds(discovery, hours, 11)
        assert len(server.requests) == before + 2, "what has just changed may change again"
        assert opened(store) == len(server.requests) + len(bad.requests)


async def test_the_keys_of_people_who_are_away_are_not_opened(store: Store, vault: Vault, settings: Settings) -> None:
    hours = Hours()
    with serving("a") as server:
        connected(store, vault, server)
        discovery = watching(store, vault, settings, monotonic=hours)
        await rounds(discovery, hours, 1)
        await rounds(discovery, hours, 4 * 60, about=None)
        assert len(server.requests) == 2, "once at first, and once while she was just gone"
        await rounds(discovery, hours, 1)
        assert (len(server.requests), opened(store)) == (3, 3)


async def test_a_key_that_a_nearer_one_keeps_from_being_used_is_not_opened(
    store: Store, vault: Vault, settings: Settings
) -> None:
    with serving("a") as mine, serving("b") as theirs:
        endpoint = connected(store, vault, mine)
        shared = replace(
            endpoint, id="shared", base_url=theirs.base_url, owner=KeyOwner.ORGANISATION, owner_id=ORGANISATION_ID,
            secret_id=None,
        )  # fmt: skip
        card = vault.put(
            ALICE, KeyOwner.ORGANISATION, ORGANISATION_ID, provider=shared.provider, origin=key_origin(shared),
            plaintext=KEY,
        )  # fmt: skip
        store.endpoints.add(replace(shared, secret_id=card.binding.secret_id))
        discovery = watching(store, vault, settings)
        discovery.watch(ALICE)
        await refresh(discovery)
        assert (len(mine.requests), len(theirs.requests), opened(store)) == (1, 0, 1)
        discovery.watch(BOB)
        await refresh(discovery)
        assert (len(mine.requests), len(theirs.requests), opened(store)) == (1, 1, 2)


async def test_connecting_one_opens_no_other_key(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("a") as first, serving("b") as second:
        connected(store, vault, first)
        discovery = watching(store, vault, settings)
        discovery.watch(ALICE)
        await refresh(discovery)
        discovery.ask_soon(connected(store, vault, second))
        await refresh(discovery)
        assert (len(first.requests), len(second.requests), opened(store)) == (1, 1, 2)


async def test_a_key_is_not_sent_after_the_address_was_changed(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("a") as mine, serving("a") as evil:
        endpoint = connected(store, vault, mine)
        store.endpoints.remove(KeyOwner.USER, "alice", endpoint.id)
        store.endpoints.add(replace(endpoint, base_url=evil.base_url))
        discovery = watching(store, vault, settings)
        discovery.watch(ALICE)
        await refresh(discovery)
        assert evil.requests == []


def test_run_refreshes_on_demand_and_no_caller_waits(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("a") as server:
        discovery = watching(store, vault, settings, ollama=server.base_url)
        with running(discovery):
            wait_for("the first round", lambda: discovery.snapshot.local)
            server.list("a", "b")
            server.pause = 0.3
            began = time.monotonic()
            discovery.watch(BOB)
            assert list(discovery.snapshot.names["local:ollama"]) == ["a"]
            assert time.monotonic() - began < 0.1
            wait_for("the second round", lambda: "b" in discovery.snapshot.names["local:ollama"])


def test_run_survives_a_round_that_fails(
    store: Store, vault: Vault, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with serving("a") as server:
        discovery = watching(store, vault, settings, ollama=server.base_url)
        discovery.watch(ALICE)
        with running(discovery):
            wait_for("the first round", lambda: discovery.snapshot.local)
            with sqlite3.connect(settings.home / "gearbox.db") as raw:
                raw.execute("ALTER TABLE endpoints RENAME TO gone")
            raw.close()
            discovery.watch(BOB)
            wait_for("a failed round", lambda: "A refresh of the model lists failed" in caplog.text)
            server.list("b")
            discovery.watch(replace(BOB, team_ids=("team",)))
            wait_for("a later round", lambda: discovery.snapshot.names["local:ollama"] == ("b",))


def test_asking_one_endpoint_now(store: Store, vault: Vault, settings: Settings) -> None:
    with serving("a") as server:
        endpoint = connected(store, vault, server)
        discovery = watching(store, vault, settings)
        with pytest.raises(ProviderError):
            discovery.ask_now(ALICE, endpoint)
        with running(discovery):
            wait_for("the client", lambda: _ready(discovery, endpoint))
            assert discovery.ask_now(ALICE, endpoint) == ("a",)
            with pytest.raises(NotFound):
                discovery.ask_now(BOB, endpoint)
            server.status = 401
            with pytest.raises(ProviderError) as refused:
                discovery.ask_now(ALICE, endpoint)
            assert refused.value.status == 401


def _ready(discovery: Discovery, endpoint: Endpoint) -> bool:
    try:
        return discovery.ask_now(ALICE, endpoint) == ("a",)
    except ProviderError:
        return False


async def test_cancelling_it_ends_it(store: Store, vault: Vault, settings: Settings) -> None:
    discovery = watching(store, vault, settings)
    task = asyncio.create_task(discovery.run())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    discovery.watch(ALICE)


async def test_the_client_ignores_proxies_of_the_environment(
    store: Store, vault: Vault, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving("a") as server:
        discovery = watching(store, vault, settings, ollama=server.base_url)
        await refresh(discovery)
        assert discovery.snapshot.local
        async with httpx.AsyncClient() as plain:
            with pytest.raises(httpx.ConnectError):
                await plain.get(f"{server.base_url}/models")
