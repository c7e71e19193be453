from __future__ import annotations

import time

import pytest

from core.config import Settings
from core.errors import NotFound, ProviderError
from core.loop import BackgroundLoop
from core.providers.catalog import Catalogue
from core.vault import Vault
from data.store import Store
from data.store.endpoints import KeptListing
from tests.connections.conftest import NOW
from tests.connections.house import House
from tests.connections.listing_server import serving
from tests.people import ALICE, BOB

KEY = "sk-canary-abcdefgh12345678"


@pytest.fixture
def house(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> House:
    return House(store, vault, catalogue, settings)


def test_live_names_win_over_the_catalogue_and_keep_its_prices(house: House) -> None:
    """A listing that is remembered from an earlier run stands in for the provider's own answer."""
    endpoint = house.keys.add(ALICE, "openai", KEY)
    assert "openai/gpt-5.5" in house.ids()
    offered = ["gpt-4o", "gpt-99-new", "ft:gpt-4o-mini-2024-07-18:acme::1"]
    hidden = ["gpt-4o-2024-08-06", "gpt-4", "gpt-5.5-pro", "text-embedding-3-small", "tts-1", "whisper-1", "tts-99"]
    house.store.listings.save(endpoint.id, KeptListing((*offered, *hidden), NOW))
    again = House(house.store, house.vault, house.catalogue, house.settings)
    assert again.ids() == [*sorted(f"openai/{name}" for name in offered), "sandbox/scripted"]
    models = {model.name: model for model in again.connections.models(ALICE)}
    assert models["gpt-4o"].price
    assert models["gpt-99-new"].price is None
    assert models["ft:gpt-4o-mini-2024-07-18:acme::1"].price
    assert again.connections.resolve(ALICE, "openai/gpt-4o-2024-08-06")[1].price, "hidden, but it can be named"
    with pytest.raises(NotFound):
        again.connections.resolve(ALICE, "openai/gpt-5.5")


async def test_names_with_slashes_and_unlisted_names(house: House) -> None:
    with serving("org/model:7b", "bge-m3") as server:
        endpoint = house.keys.add_server(ALICE, "Box", server.base_url, KEY)
        assert house.connections.resolve(ALICE, "box/anything/at-all")[1].name == "anything/at-all"
        await house.refresh()
        assert server.requests == [("/v1/models", f"Bearer {KEY}")]
        assert house.ids() == ["box/org/model:7b", "sandbox/scripted"]
        found, model = house.connections.resolve(ALICE, "box/org/model:7b")
        assert (found, model.name, model.price) == (endpoint, "org/model:7b", None)
        assert house.connections.default_model(ALICE, "box/org/model:7b") == model
        for wrong in ("box/absent", "box/", "box", "", "/x", "absent/x", "openai/gpt-4o"):
            with pytest.raises(NotFound) as refused:
                house.connections.resolve(ALICE, wrong)
            assert refused.value.remedy


async def test_a_person_never_sees_anothers_listing(house: House) -> None:
    with serving("secret-project-model") as server:
        house.keys.add_server(ALICE, "Box", server.base_url, None)
        await house.refresh()
        assert house.ids(BOB) == ["sandbox/scripted"]
        house.keys.add_server(BOB, "Box", "http://127.0.0.1:9/v1", None)
        await house.refresh()
        assert house.ids(BOB) == ["sandbox/scripted"]
        with pytest.raises(NotFound):
            house.keys.disconnect(BOB, house.connections.endpoints(ALICE)[0].id)


async def test_local_servers_come_before_the_sandbox_and_after_the_persons_own(
    store: Store, vault: Vault, catalogue: Catalogue, settings: Settings
) -> None:
    with serving("llama3.2:3b", "nomic-embed-text") as ollama:
        chosen = settings.model_copy(update={"local_discovery": True, "local_endpoints": {"ollama": ollama.base_url}})
        house = House(store, vault, catalogue, chosen)
        assert house.ids() == ["sandbox/scripted"]
        await house.refresh()
        assert house.ids() == ["ollama/llama3.2:3b", "sandbox/scripted"]
        default = house.connections.default_model(ALICE, None)
        assert default is not None
        assert default.id == "ollama/llama3.2:3b"
        house.keys.add(ALICE, "anthropic", KEY)
        default = house.connections.default_model(ALICE, None)
        assert default is not None
        assert default.provider == "anthropic"
        assert [each.kind.value for each in house.connections.endpoints(ALICE)] == ["provider", "local", "sandbox"]


async def test_a_provider_with_a_model_to_begin_with_comes_before_a_server_that_nobody_knows(house: House) -> None:
    with serving("aaa-experiment") as server:
        house.keys.add_server(ALICE, "Box", server.base_url, None)
        await house.refresh()
        assert house.connections.default_model(ALICE, None) == house.connections.resolve(ALICE, "box/aaa-experiment")[1]
        house.keys.add(ALICE, "anthropic", KEY)
        default = house.connections.default_model(ALICE, None)
    assert default is not None and default.provider == "anthropic"


def test_testing_an_endpoint_that_was_just_added(house: House) -> None:
    loop = BackgroundLoop()
    try:
        loop.submit(house.discovery.run())
        with serving("llama", "embed-x") as server, serving() as broken:
            broken.status = 401
            earlier = house.keys.add_server(ALICE, "Earlier", server.base_url, None)
            deadline = time.monotonic() + 10
            while not house.store.listings.load(earlier.id):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            endpoint = house.keys.add_server(ALICE, "Box", server.base_url, KEY)
            model = house.connections.test_model(ALICE, endpoint)
            assert model is not None
            assert model.id == "box/llama"
            refused = house.keys.add_server(ALICE, "Broken", broken.base_url, KEY)
            with pytest.raises(ProviderError) as error:
                house.connections.test_model(ALICE, refused)
            assert error.value.status == 401
    finally:
        loop.close()


def test_no_page_waits_for_a_listing(house: House) -> None:
    for number in range(5):
        house.keys.add_server(ALICE, f"Box {number}", f"http://127.0.0.1:{9 + number}/v1", None)
    house.keys.add(ALICE, "fireworks_ai", KEY)
    house.ids()
    began = time.monotonic()
    models = house.connections.models(ALICE)
    assert time.monotonic() - began < 0.2
    assert len(models) > 100
    assert len({model.id for model in models}) == len(models)
