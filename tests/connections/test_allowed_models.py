"""Models that rules keep for others: not offered, not found by their name, and not stumbled upon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.access.access_rules import AccessRules
from core.config import Settings
from core.errors import NotAllowed
from core.providers.catalog import Catalogue
from core.vault import Vault
from data.store import Store
from data.values.access_rules import Lists, RuleOwner
from data.values.actor import Actor, Role
from data.values.models import Endpoint
from tests.connections.house import House
from tests.people import ALICE, BOB

ADMIN = Actor("admin", frozenset({Role.ADMIN}))


@pytest.fixture
def house(store: Store, vault: Vault, catalogue: Catalogue, settings: Settings) -> House:
    return House(store, vault, catalogue, settings)


@pytest.fixture
def openai(house: House) -> Endpoint:
    endpoint = house.keys.add(ALICE, "openai", "sk-of-alice-0123456789")
    house.lists(endpoint, "gpt-4o", "gpt-4o-mini", "gpt-image-1")
    return endpoint


@pytest.fixture
def allow(house: House) -> Callable[..., Any]:
    for person in (ALICE, BOB):
        house.store.users.ensure(person.user_id, person.user_id)
    rules = AccessRules(house.access, house.store)

    def set_models(*models: str, person: Actor | None = None) -> None:
        owner = RuleOwner.USER if person else RuleOwner.ORGANISATION
        rules.set(ADMIN, owner, person.user_id if person else "", Lists(models=models))

    return set_models


def test_only_what_is_allowed_is_offered_and_resolved(
    house: House, openai: Endpoint, allow: Callable[..., Any]
) -> None:
    everything = house.ids()
    assert {"openai/gpt-4o", "openai/gpt-4o-mini", "sandbox/scripted"} <= set(everything)
    assert house.connections.kept_back(ALICE) == []
    allow("openai/*-mini", person=ALICE)
    assert house.ids() == ["openai/gpt-4o-mini"]
    assert set(house.connections.kept_back(ALICE)) == set(everything) - {"openai/gpt-4o-mini"}
    assert house.ids(BOB) == ["sandbox/scripted"], "another person's rule"
    assert house.connections.resolve(ALICE, "openai/gpt-4o-mini")
    for kept in ("openai/gpt-4o", "openai/gpt-image-1", "sandbox/scripted"):
        with pytest.raises(NotAllowed):
            house.connections.resolve(ALICE, kept)
    assert set(house.connections.offered_to(ALICE.user_id, ())) == set(everything)


def test_the_default_and_the_one_to_test_with_are_allowed_ones(
    house: House, openai: Endpoint, allow: Callable[..., Any]
) -> None:
    allow("openai/gpt-4o-mini")
    for preferred in (None, "openai/gpt-4o"):
        found = house.connections.default_model(ALICE, preferred)
        assert found is not None and found.id == "openai/gpt-4o-mini"
    tested = house.connections.test_model(ALICE, openai)
    assert tested is not None and tested.id == "openai/gpt-4o-mini"
    allow("mistral/*")
    assert house.connections.default_model(ALICE, None) is None
    with pytest.raises(NotAllowed):
        house.connections.test_model(ALICE, openai)


def test_no_model_at_all(house: House, openai: Endpoint, allow: Callable[..., Any]) -> None:
    allow()
    assert house.ids() == []
    assert house.connections.default_model(ALICE, None) is None


def test_calls_go_by_rules_without_the_database(house: House, openai: Endpoint, allow: Callable[..., Any]) -> None:
    allow("openai/gpt-4o", person=ALICE)
    house.connections.resolve(ALICE, "openai/gpt-4o")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for _ in range(50):
            house.connections.resolve(ALICE, "openai/gpt-4o")
            with pytest.raises(NotAllowed):
                house.connections.resolve(ALICE, "openai/gpt-4o-mini")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert not [each for each in asked if "access_rules" in each]
