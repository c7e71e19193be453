"""A server that does not answer comes last where any will do, and is still called where it was asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from core.chat.selection import choose, fallbacks
from core.config import Settings
from core.loop import BackgroundLoop
from core.providers.catalog import Catalogue
from core.providers.check import ConnectionCheck
from core.providers.circuits import FAILURES, Circuit
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from core.vault import Vault
from data.store import Store
from data.values.calls import ErrorKind
from data.values.models import Wire
from tests.connections.conftest import NOW
from tests.connections.house import House
from tests.connections.listing_server import serving
from tests.gateway.scripted import scripted
from tests.people import ALICE


async def no_key(*_: object) -> None:
    return None


@pytest.fixture
def house(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> House:
    return House(store, vault, catalogue, settings)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens at, and that nobody else gets meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_models_of_a_silent_server_come_last(house: House) -> None:
    for label in ("One", "Two"):
        house.lists(house.keys.add_server(ALICE, label, "http://127.0.0.1:9/v1", None), "m")
    dead, live, _sandbox = house.connections.endpoints(ALICE)

    def first() -> str | None:
        choice = choose(house.connections, ALICE, picked=None, last=None, default=None)
        return choice.endpoint.id if choice else None

    assert first() == dead.id
    house.circuits.asked(dead.id, ErrorKind.UNREACHABLE)
    assert first() == live.id
    dead_model, live_model = f"{dead.provider}/m", f"{live.provider}/m"
    chosen = choose(house.connections, ALICE, picked=dead_model, last=None, default=None)
    assert chosen is not None and chosen.endpoint == dead, "who asks for it gets it"
    other = choose(house.connections, ALICE, picked="sandbox/scripted", last=None, default=None)
    assert other is not None
    wanted = fallbacks(house.connections, ALICE, [dead_model, live_model], chosen=other)
    assert [each.model.id for each in wanted] == [live_model, dead_model]
    house.circuits.asked(live.id, ErrorKind.TIMEOUT)
    assert first() == dead.id, "the sandbox stands in for no real model"


def test_the_other_models_of_a_server_stand_in_for_one_that_fails(house: House) -> None:
    box = house.keys.add_server(ALICE, "Box", "http://127.0.0.1:9/v1", None)
    house.lists(box, "broken", "fine")
    assert house.connections.default_model(ALICE, None) == house.connections.resolve(ALICE, "box/broken")[1]
    for _ in range(FAILURES):
        house.circuits.left(Circuit(box.id, "broken"), "Box", ErrorKind.PROVIDER, answered=False)
    assert house.connections.default_model(ALICE, None) == house.connections.resolve(ALICE, "box/fine")[1]


async def test_discovery_finds_out_who_is_silent_and_who_is_back(house: House) -> None:
    with serving("m") as server:
        box = house.keys.add_server(ALICE, "Box", server.base_url, None)
        await house.refresh()
        assert house.circuits.silences().since(box.id, "m") is None
        port = server.port
    await house.refresh()
    assert house.circuits.silences().since(box.id, "m") is not None
    with serving("m", port=port):
        await house.refresh()
    assert house.circuits.silences().since(box.id, "m") is None


def test_a_failed_test_counts_and_a_good_one_takes_it_back(house: House, closed_port: int) -> None:
    loop = BackgroundLoop()
    gateway = Gateway({Wire.OPENAI: DirectTransport()}, no_key)
    booking = StoreBooking(house.store)
    check = ConnectionCheck(
        house.access,
        house.connections,
        gateway,
        booking,
        loop,
        precautions=house.precautions,
        audit=house.store.audit.record,
        clock=lambda: NOW,
    )
    try:
        dead = house.keys.add_server(ALICE, "Dead", f"http://127.0.0.1:{closed_port}/v1", None)
        house.lists(dead, "m")
        assert check.run(ALICE, dead).kind is ErrorKind.UNREACHABLE
        assert house.circuits.silences().since(dead.id, "m") is not None
        with scripted(["fine"]) as (server,):
            back = house.keys.add_server(ALICE, "Back", server.base_url, None)
            house.lists(back, "m")
            house.circuits.asked(back.id, ErrorKind.UNREACHABLE)
            for _ in range(FAILURES):
                house.circuits.left(Circuit(back.id, "m"), "Back", ErrorKind.PROVIDER, answered=False)
            assert check.run(ALICE, back).ok, "a test does not wait for the circuit"
        assert house.circuits.silences().since(back.id, "m") is None
    finally:
        loop.submit(gateway.aclose()).result(5)
        loop.close()
