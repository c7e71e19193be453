"""Who makes a step for a person: over a real registry, with its packaged prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.chat.planning.makers import Makers
from core.chat.planning.planner import Planner, Request
from core.config import Settings
from core.errors import AccessRefused
from data.values.actor import Actor
from data.values.models import Model
from data.values.parts import TextPart
from data.values.plans import Action, Analysis
from tests.conftest import OpenTestStore
from tests.planning.house import outputs, shape
from tests.registry.house import ALICE, KEY, RegistryHouse


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One database: what is tested reads no table of its own."""
    return sqlite_url


@pytest.fixture
def registered(open_test_store: OpenTestStore, tmp_path: Path) -> RegistryHouse:
    settings = Settings(home=tmp_path / "home", database_url="", kek_source="file", local_discovery=False)
    settings.home.mkdir()
    return RegistryHouse(open_test_store(), settings)


def providers(house: RegistryHouse, action: Action, beside: str) -> list[str]:
    found = Makers(house.registry).for_action(ALICE, action, beside)
    return list(dict.fromkeys(maker.provider for maker in found))


def test_the_sandbox_makes_what_nobody_else_can(registered: RegistryHouse) -> None:
    for action in (Action.DRAW, Action.EDIT, Action.SPEAK):
        assert providers(registered, action, "openai") == ["sandbox"]


def test_real_models_come_before_it_unless_it_is_what_one_chats_with(registered: RegistryHouse) -> None:
    registered.keys.add(ALICE, "openai", KEY)
    assert providers(registered, Action.DRAW, "openai") == ["openai", "sandbox"]
    assert providers(registered, Action.SPEAK, "anthropic") == ["openai", "sandbox"]
    assert providers(registered, Action.DRAW, "sandbox") == ["sandbox", "openai"]


def test_of_two_the_provider_of_the_conversation_comes_first(registered: RegistryHouse) -> None:
    registered.keys.add(ALICE, "openai", KEY)
    registered.keys.add(ALICE, "gemini", "AIza-canary-planning-0123456789abcdef")
    assert providers(registered, Action.DRAW, "openai")[0] == "openai"
    assert providers(registered, Action.DRAW, "gemini")[0] == "gemini"


def test_who_chats_can_change_who_writes(registered: RegistryHouse) -> None:
    registered.keys.add(ALICE, "openai", KEY)
    names = {maker.model_id for maker in Makers(registered.registry).for_action(ALICE, Action.WRITE, "openai")}
    assert "openai/gpt-4o" in names
    assert not any("tts" in name for name in names)


def test_who_may_not_chat_is_refused(registered: RegistryHouse) -> None:
    with pytest.raises(AccessRefused):
        Makers(registered.registry).for_action(Actor("nobody", frozenset()), Action.DRAW)


def test_a_whole_plan_has_prices_of_the_list(registered: RegistryHouse) -> None:
    registered.keys.add(ALICE, "openai", KEY)
    prompt = (TextPart("Write a haiku about autumn, paint it and read it aloud"),)
    chat = registered.connections.resolve(ALICE, "openai/gpt-4o")[1]
    plan = Planner(Makers(registered.registry)).plan(
        ALICE, Request(prompt, (), Analysis(outputs("text image speech")), chat)
    )
    assert shape(plan) == "write draw<write-1 speak<write-1"
    assert plan is not None
    assert [step.model.split("/")[0] for step in plan.steps] == ["", "openai", "openai"]
    assert plan.cost is not None
    assert 0.001 < plan.cost < 0.2


def test_without_a_price_the_cost_is_not_known(registered: RegistryHouse) -> None:
    prompt = (TextPart("draw a cat"),)
    plan = Planner(Makers(registered.registry)).plan(
        ALICE, Request(prompt, (), Analysis(outputs("image")), Model("sandbox", "scripted", "Sandbox"))
    )
    assert plan is not None
    assert plan.steps[0].model.startswith("sandbox/")
    assert plan.cost is None
