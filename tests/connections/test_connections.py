from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.config import Settings
from core.errors import GearboxError, NotFound, StoreError, VaultError
from core.providers.catalog import Catalogue
from core.providers.connections import Connections
from core.providers.directory import PROVIDERS
from core.providers.keys import endpoint_key
from core.vault import Vault
from data.store import Store
from data.values.calls import KeyOwner
from data.values.models import EndpointKind, Wire
from tests.connections.house import SANDBOX_URL, House
from tests.people import ALICE, BOB, receipt

KEY = "sk-canary-abcdefgh12345678"


@pytest.fixture
def house(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> House:
    return House(store, vault, catalogue, settings)


@pytest.fixture
def connections(house: House) -> Connections:
    return house.connections


def test_without_any_key_there_is_the_sandbox(connections: Connections) -> None:
    (endpoint,) = connections.endpoints(ALICE)
    assert (endpoint.kind, endpoint.wire, endpoint.base_url) == (EndpointKind.SANDBOX, Wire.OPENAI, SANDBOX_URL)
    (model,) = connections.models(ALICE)
    assert (model.id, model.label) == ("sandbox/scripted", "Sandbox (scripted)")
    assert connections.resolve(ALICE, "sandbox/scripted") == (endpoint, model)
    assert connections.default_model(ALICE, None) == model
    assert connections.default_model(ALICE, "openai/gpt-4o") == model
    assert connections.test_model(ALICE, endpoint) == model


def test_the_sandbox_can_be_turned_off(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> None:
    connections = House(store, vault, catalogue, settings.model_copy(update={"sandbox": False})).connections
    assert connections.endpoints(ALICE) == []
    assert connections.default_model(ALICE, None) is None
    with pytest.raises(NotFound) as refused:
        connections.resolve(ALICE, "sandbox/scripted")
    assert refused.value.remedy


def test_a_known_provider_needs_only_a_key(house: House, connections: Connections) -> None:
    endpoint = house.keys.add(ALICE, "openai", KEY)
    assert (endpoint.kind, endpoint.base_url) == (EndpointKind.PROVIDER, "https://api.openai.com/v1")
    card = house.vault.card(endpoint.secret_id or "")
    assert card is not None
    assert (card.last4, card.binding.origin) == ("5678", "https://api.openai.com")
    assert endpoint_key(house.vault, endpoint, ALICE, receipt(endpoint.secret_id)) == KEY
    assert connections.endpoints(ALICE)[0] == endpoint
    found, model = connections.resolve(ALICE, "openai/gpt-4o")
    assert found == endpoint
    assert model.price is not None
    assert model.price.input == Decimal("0.0000025")
    default = connections.default_model(ALICE, None)
    assert default is not None
    assert default.provider == "openai"
    assert connections.default_model(ALICE, "sandbox/scripted") == connections.resolve(ALICE, "sandbox/scripted")[1]
    assert connections.endpoints(BOB) == [connections.endpoints(ALICE)[-1]]


def test_litellm_providers_bind_their_key_to_their_own_origin(house: House, connections: Connections) -> None:
    endpoint = house.keys.add(ALICE, "cohere", KEY)
    assert (endpoint.wire, endpoint.base_url) == (Wire.LITELLM, "")
    card = house.vault.card(endpoint.secret_id or "")
    assert card is not None
    assert card.binding.origin == "https://api.cohere.com"
    assert endpoint_key(house.vault, endpoint, ALICE, receipt(endpoint.secret_id)) == KEY
    assert "cohere/command-a-plus-05-2026" in house.ids()
    stolen = replace(endpoint, base_url="https://evil.example")
    with pytest.raises(VaultError):
        endpoint_key(house.vault, stolen, ALICE, receipt(stolen.secret_id))


def test_a_new_key_takes_the_old_ones_place(house: House, connections: Connections) -> None:
    old = house.keys.add(ALICE, "openai", KEY)
    new = house.keys.add(ALICE, "openai", KEY[:-4] + "9999")
    assert new.id == old.id
    assert connections.endpoints(ALICE)[:-1] == [new]
    assert house.store.secrets.count() == 1
    assert endpoint_key(house.vault, new, ALICE, receipt(new.secret_id)) == KEY[:-4] + "9999"
    with pytest.raises(NotFound):
        endpoint_key(house.vault, old, ALICE, receipt(old.secret_id))


def test_a_refused_key_changes_nothing(house: House, connections: Connections) -> None:
    house.keys.add(ALICE, "openai", KEY)
    before = connections.endpoints(ALICE)
    attempts: list[Callable[[], object]] = [
        lambda: house.keys.add(ALICE, "openai", " "),
        lambda: house.keys.add(ALICE, "groq", "two words"),
        lambda: house.keys.add(ALICE, "no-such-provider", KEY),
        lambda: house.keys.add_server(ALICE, "Mine", "http://example.com/v1", KEY),
    ]
    for attempt in attempts:
        with pytest.raises(GearboxError) as refused:
            attempt()
        assert refused.value.remedy
        assert "canary" not in refused.value.explain()
    assert connections.endpoints(ALICE) == before
    assert house.store.secrets.count() == 1


@pytest.mark.parametrize("connected", [True, False])
def test_a_database_that_refuses_an_endpoint_keeps_no_key_of_it(
    house: House, connections: Connections, connected: bool
) -> None:
    old = house.keys.add(ALICE, "openai", KEY) if connected else None
    with sqlite3.connect(house.settings.home / "gearbox.db") as raw:
        raw.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON endpoints"
            f" WHEN NEW.secret_id <> '{old.secret_id if old else ''}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    raw.close()
    with pytest.raises(StoreError):
        house.keys.add(ALICE, "openai", KEY[:-4] + "9999")
    assert connections.endpoints(ALICE)[:-1] == ([old] if old else [])
    assert house.store.secrets.count() == (1 if old else 0)
    if old:
        assert endpoint_key(house.vault, old, ALICE, receipt(old.secret_id)) == KEY


def test_removing_takes_the_key_along(house: House, connections: Connections) -> None:
    endpoint = house.keys.add(ALICE, "openai", KEY)
    with pytest.raises(NotFound):
        house.keys.disconnect(BOB, endpoint.id)
    assert house.store.secrets.count() == 1
    house.keys.disconnect(ALICE, endpoint.id)
    assert house.store.secrets.count() == 0
    assert [each.kind for each in connections.endpoints(ALICE)] == [EndpointKind.SANDBOX]
    with pytest.raises(NotFound):
        house.keys.disconnect(ALICE, endpoint.id)
    with pytest.raises(NotFound):
        house.keys.disconnect(ALICE, "sandbox")


def test_an_endpoint_whose_key_is_gone_can_still_be_removed(house: House, connections: Connections) -> None:
    endpoint = house.keys.add(ALICE, "openai", KEY)
    assert endpoint.secret_id
    house.vault.remove(ALICE, endpoint.secret_id)
    assert house.vault.card(endpoint.secret_id or "") is None
    house.keys.disconnect(ALICE, endpoint.id)
    assert len(connections.endpoints(ALICE)) == 1


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("My Server", "my-server"),
        ("OpenAI", "openai-2"),
        ("sandbox", "sandbox-2"),
        ("ollama", "ollama-2"),
        ("  Büro / Küche  ", "b-ro-k-che"),
        ("日本", "custom"),
        ("", "localhost-5000"),
        ("x" * 60, "x" * 32),
    ],
)
def test_a_custom_label_becomes_a_prefix_of_its_own(house: House, label: str, slug: str) -> None:
    endpoint = house.keys.add_server(ALICE, label, "http://localhost:5000/v1/chat/completions", None)
    assert endpoint.provider == slug
    assert endpoint.label
    assert (endpoint.kind, endpoint.base_url) == (EndpointKind.CUSTOM, "http://localhost:5000/v1")
    assert endpoint.provider not in PROVIDERS
    again = house.keys.add_server(ALICE, label, "http://localhost:5001/v1", "")
    assert again.provider not in {slug, *PROVIDERS, "sandbox", "ollama"}
    assert again.secret_id is None


def test_a_label_can_be_too_long(house: House) -> None:
    with pytest.raises(GearboxError):
        house.keys.add_server(ALICE, "x" * 61, "http://localhost:5000/v1", None)


def test_the_key_is_bound_to_the_person(house: House) -> None:
    endpoint = house.keys.add(ALICE, "groq", KEY)
    assert [card.last4 for card in house.vault.cards(KeyOwner.USER, "alice")] == ["5678"]
    with pytest.raises(NotFound):
        endpoint_key(house.vault, endpoint, BOB, receipt(endpoint.secret_id))
