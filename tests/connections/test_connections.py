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

KEY = "sk-canary-abcdefgh12345678"


@pytest.fixture
def house(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> House:
    return House(store, vault, catalogue, settings)


@pytest.fixture
def connections(house: House) -> Connections:
    return house.connections


def test_without_any_key_there_is_the_sandbox(connections: Connections) -> None:
    (endpoint,) = connections.endpoints("alice")
    assert (endpoint.kind, endpoint.wire, endpoint.base_url) == (EndpointKind.SANDBOX, Wire.OPENAI, SANDBOX_URL)
    (model,) = connections.models("alice")
    assert (model.id, model.label) == ("sandbox/scripted", "Sandbox (scripted)")
    assert connections.resolve("alice", "sandbox/scripted") == (endpoint, model)
    assert connections.default_model("alice", None) == model
    assert connections.default_model("alice", "openai/gpt-4o") == model
    assert connections.card(endpoint) is None
    assert connections.test_model("alice", endpoint) == model


def test_the_sandbox_can_be_turned_off(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> None:
    connections = House(store, vault, catalogue, settings.model_copy(update={"sandbox": False})).connections
    assert connections.endpoints("alice") == []
    assert connections.default_model("alice", None) is None
    with pytest.raises(NotFound) as refused:
        connections.resolve("alice", "sandbox/scripted")
    assert refused.value.remedy


def test_a_known_provider_needs_only_a_key(house: House, connections: Connections) -> None:
    endpoint = connections.add_provider("alice", "openai", KEY)
    assert (endpoint.kind, endpoint.base_url) == (EndpointKind.PROVIDER, "https://api.openai.com/v1")
    card = connections.card(endpoint)
    assert card is not None
    assert (card.last4, card.binding.origin) == ("5678", "https://api.openai.com")
    assert endpoint_key(house.vault, endpoint, "alice") == KEY
    assert connections.endpoints("alice")[0] == endpoint
    found, model = connections.resolve("alice", "openai/gpt-4o")
    assert found == endpoint
    assert model.price is not None
    assert model.price.input == Decimal("0.0000025")
    default = connections.default_model("alice", None)
    assert default is not None
    assert default.provider == "openai"
    assert connections.default_model("alice", "sandbox/scripted") == connections.resolve("alice", "sandbox/scripted")[1]
    assert connections.endpoints("bob") == [connections.endpoints("alice")[-1]]


def test_litellm_providers_bind_their_key_to_their_own_origin(house: House, connections: Connections) -> None:
    endpoint = connections.add_provider("alice", "cohere", KEY)
    assert (endpoint.wire, endpoint.base_url) == (Wire.LITELLM, "")
    card = connections.card(endpoint)
    assert card is not None
    assert card.binding.origin == "https://api.cohere.com"
    assert endpoint_key(house.vault, endpoint, "alice") == KEY
    assert "cohere/command-a-plus-05-2026" in house.ids()
    stolen = replace(endpoint, base_url="https://evil.example")
    with pytest.raises(VaultError):
        endpoint_key(house.vault, stolen, "alice")


def test_a_new_key_takes_the_old_ones_place(house: House, connections: Connections) -> None:
    old = connections.add_provider("alice", "openai", KEY)
    new = connections.add_provider("alice", "openai", KEY[:-4] + "9999")
    assert new.id == old.id
    assert connections.endpoints("alice")[:-1] == [new]
    assert house.store.secrets.count() == 1
    assert endpoint_key(house.vault, new, "alice") == KEY[:-4] + "9999"
    with pytest.raises(NotFound):
        endpoint_key(house.vault, old, "alice")


def test_a_refused_key_changes_nothing(house: House, connections: Connections) -> None:
    connections.add_provider("alice", "openai", KEY)
    before = connections.endpoints("alice")
    attempts: list[Callable[[], object]] = [
        lambda: connections.add_provider("alice", "openai", " "),
        lambda: connections.add_provider("alice", "groq", "two words"),
        lambda: connections.add_provider("alice", "no-such-provider", KEY),
        lambda: connections.add_custom("alice", "Mine", "http://example.com/v1", KEY),
    ]
    for attempt in attempts:
        with pytest.raises(GearboxError) as refused:
            attempt()
        assert refused.value.remedy
        assert "canary" not in refused.value.explain()
    assert connections.endpoints("alice") == before
    assert house.store.secrets.count() == 1


@pytest.mark.parametrize("connected", [True, False])
def test_a_database_that_refuses_an_endpoint_keeps_no_key_of_it(
    house: House, connections: Connections, connected: bool
) -> None:
    old = connections.add_provider("alice", "openai", KEY) if connected else None
    with sqlite3.connect(house.settings.home / "gearbox.db") as raw:
        raw.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON endpoints"
            f" WHEN NEW.secret_id <> '{old.secret_id if old else ''}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    raw.close()
    with pytest.raises(StoreError):
        connections.add_provider("alice", "openai", KEY[:-4] + "9999")
    assert connections.endpoints("alice")[:-1] == ([old] if old else [])
    assert house.store.secrets.count() == (1 if old else 0)
    if old:
        assert endpoint_key(house.vault, old, "alice") == KEY


def test_removing_takes_the_key_along(house: House, connections: Connections) -> None:
    endpoint = connections.add_provider("alice", "openai", KEY)
    with pytest.raises(NotFound):
        connections.remove("bob", endpoint.id)
    assert house.store.secrets.count() == 1
    connections.remove("alice", endpoint.id)
    assert house.store.secrets.count() == 0
    assert [each.kind for each in connections.endpoints("alice")] == [EndpointKind.SANDBOX]
    with pytest.raises(NotFound):
        connections.remove("alice", endpoint.id)
    with pytest.raises(NotFound):
        connections.remove("alice", "sandbox")


def test_an_endpoint_whose_key_is_gone_can_still_be_removed(house: House, connections: Connections) -> None:
    endpoint = connections.add_provider("alice", "openai", KEY)
    assert endpoint.secret_id
    house.vault.remove(endpoint.secret_id, user_id="alice")
    assert connections.card(endpoint) is None
    connections.remove("alice", endpoint.id)
    assert len(connections.endpoints("alice")) == 1


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
def test_a_custom_label_becomes_a_prefix_of_its_own(connections: Connections, label: str, slug: str) -> None:
    endpoint = connections.add_custom("alice", label, "http://localhost:5000/v1/chat/completions", None)
    assert endpoint.provider == slug
    assert endpoint.label
    assert (endpoint.kind, endpoint.base_url) == (EndpointKind.CUSTOM, "http://localhost:5000/v1")
    assert endpoint.provider not in PROVIDERS
    again = connections.add_custom("alice", label, "http://localhost:5001/v1", "")
    assert again.provider not in {slug, *PROVIDERS, "sandbox", "ollama"}
    assert again.secret_id is None


def test_a_label_can_be_too_long(connections: Connections) -> None:
    with pytest.raises(GearboxError):
        connections.add_custom("alice", "x" * 61, "http://localhost:5000/v1", None)


def test_the_key_is_bound_to_the_person(house: House) -> None:
    endpoint = house.connections.add_provider("alice", "groq", KEY)
    assert [card.last4 for card in house.vault.cards(KeyOwner.USER, "alice")] == ["5678"]
    with pytest.raises(NotFound):
        endpoint_key(house.vault, endpoint, "bob")
