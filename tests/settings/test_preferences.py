from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.access.access import Access
from core.errors import AccessRefused, GearboxError
from core.preferences import RECENTS, Preferences, PreferenceService
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from data.values.models import Sampling
from tests.databases import open_store

ALICE = Actor("alice", frozenset({Role.MEMBER}))
BOB = Actor("bob", frozenset({Role.MEMBER}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'gearbox.db'}", owner=OwnerId.current())
    yield opened
    opened.close()


@pytest.fixture
def service(store: Store) -> PreferenceService:
    return PreferenceService(Access(store), store)


def test_a_newcomer_has_the_defaults(service: PreferenceService) -> None:
    assert service.load(ALICE) == Preferences()


def test_what_is_saved_is_there_again_and_only_for_that_person(service: PreferenceService) -> None:
    saved = service.save(ALICE, advanced=True, temperature=0.3, default_model="openai/m")
    assert service.load(ALICE) == saved == Preferences(advanced=True, temperature=0.3, default_model="openai/m")
    assert service.load(BOB) == Preferences()


def test_two_browsers_do_not_undo_each_other(service: PreferenceService) -> None:
    service.save(ALICE, advanced=True)
    service.save(ALICE, system_prompt="Be brief.")
    assert service.load(ALICE) == Preferences(advanced=True, system_prompt="Be brief.")


def test_a_preference_can_be_given_up(service: PreferenceService) -> None:
    service.save(ALICE, default_model="openai/m", max_tokens=5)
    assert service.save(ALICE, default_model=None, max_tokens=None) == Preferences()


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 2.1},
        {"temperature": -0.1},
        {"max_tokens": 0},
        {"system_prompt": "x" * 20_001},
        {"colour": "red"},
    ],
    ids=["hot", "cold", "no tokens", "long prompt", "unknown"],
)
def test_an_impossible_value_is_refused_and_nothing_of_it_stored(
    service: PreferenceService, change: dict[str, object]
) -> None:
    with pytest.raises(GearboxError):
        service.save(ALICE, advanced=True, **change)
    assert service.load(ALICE) == Preferences()


def test_a_stored_value_of_another_release_falls_back_alone(service: PreferenceService, store: Store) -> None:
    store.preferences.save("alice", temperature="scorching", advanced=True, theme="solar")
    assert service.load(ALICE) == Preferences(advanced=True)


def test_parameters_count_only_while_advanced_is_on() -> None:
    tuned = Preferences(temperature=0.5, max_tokens=7)
    assert tuned.sampling == Sampling()
    assert tuned.model_copy(update={"advanced": True}).sampling == Sampling(temperature=0.5, max_tokens=7)


def test_a_star_is_a_toggle(service: PreferenceService) -> None:
    service.toggle_favourite(ALICE, "a/1")
    assert service.toggle_favourite(ALICE, "b/2").favourites == ("a/1", "b/2")
    assert service.toggle_favourite(ALICE, "a/1").favourites == ("b/2",)


def test_the_last_few_models_are_remembered_the_newest_first(service: PreferenceService) -> None:
    for number in range(RECENTS + 2):
        service.remember_recent(ALICE, f"p/{number}")
    assert service.load(ALICE).recents == tuple(f"p/{number}" for number in range(RECENTS + 1, 1, -1))
    assert service.remember_recent(ALICE, "p/3").recents[:2] == ("p/3", f"p/{RECENTS + 1}")
    assert len(service.load(ALICE).recents) == RECENTS


def test_a_change_is_in_the_audit_log_by_its_fields_and_without_its_values(
    service: PreferenceService, store: Store
) -> None:
    def told() -> list[str]:
        page = store.audit.search(AuditFilter(actions=(Action.SETTINGS_CHANGE,)))
        return [json.loads(entry.record.body)["details"]["fields"] for entry in reversed(page.entries)]

    service.save(ALICE, system_prompt="Be brief about canaries.", advanced=True)
    service.toggle_favourite(ALICE, "a/1")
    service.remember_recent(ALICE, "a/1")
    with pytest.raises(GearboxError):
        service.save(ALICE, temperature=9)
    assert told() == ["advanced system_prompt", "favourites"]
    (entry, _) = store.audit.search(AuditFilter(text="alice")).entries
    assert "canaries" not in entry.record.body
    assert (entry.record.actor_id, entry.record.target) == ("alice", "preferences:alice")


def test_preferences_are_for_who_may_chat(service: PreferenceService) -> None:
    nobody = Actor("alice", frozenset())
    with pytest.raises(AccessRefused):
        service.load(nobody)
    with pytest.raises(AccessRefused):
        service.save(nobody, advanced=True)
