from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.store import Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.errors import StoreError
from data.values.secrets import SealedSecret, SecretBinding, SecretCard
from tests.store.conftest import ANN, BOB

AT = datetime(2026, 11, 23, tzinfo=UTC)
TOLD = AuditEvent(Action.KEY_CREATE, AuditOutcome.DONE, ANN, "secret:s1")


def sealed(secret_id: str = "s1", version: int = 1, owner_id: str = ANN, last4: str = "abcd") -> SealedSecret:
    binding = SecretBinding(
        secret_id, version, KeyOwner.USER, owner_id, "acme", "https://api.example.org", datetime(2027, 1, 1, tzinfo=UTC)
    )
    return SealedSecret(binding, bytes(range(256)), b"\x00wrapped\xff", 1, last4, AT)


def test_a_secret_comes_back_as_it_went_in(store: Store) -> None:
    store.secrets.add(sealed(), TOLD)
    assert store.secrets.current("s1") == sealed()
    assert store.secrets.current("s2") is None
    assert store.secrets.count() == 1


def test_the_highest_version_is_the_current_one(store: Store) -> None:
    for version in (1, 3, 2):
        store.secrets.add(sealed(version=version, last4=f"v{version}"), TOLD)
    current = store.secrets.current("s1")
    assert current is not None
    assert (current.binding.version, current.last4) == (3, "v3")
    assert store.secrets.cards(KeyOwner.USER, ANN) == [SecretCard(current.binding, "v3", AT)]
    assert store.secrets.count() == 1


def test_cards_are_the_owners_own(store: Store) -> None:
    store.secrets.add(sealed("s1"), TOLD)
    store.secrets.add(sealed("s2", owner_id=BOB), TOLD)
    assert [card.binding.secret_id for card in store.secrets.cards(KeyOwner.USER, ANN)] == ["s1"]
    assert store.secrets.cards(KeyOwner.TEAM, ANN) == []


def test_a_version_is_never_overwritten(store: Store) -> None:
    store.secrets.add(sealed(), TOLD)
    with pytest.raises(StoreError, match="exists already"):
        store.secrets.add(replace(sealed(), blob=b"other"), TOLD)
    assert store.secrets.current("s1") == sealed()


def test_a_secret_can_not_be_moved_to_another_owner(store: Store) -> None:
    store.secrets.add(sealed(), TOLD)
    with pytest.raises(StoreError, match="someone else"):
        store.secrets.add(sealed(version=2, owner_id=BOB), TOLD)
    assert store.secrets.current("s1") == sealed()


def test_removing_takes_every_version(store: Store) -> None:
    store.secrets.add(sealed(), TOLD)
    store.secrets.add(sealed(version=2), TOLD)
    store.secrets.remove("s1", TOLD)
    store.secrets.remove("s1", TOLD)
    assert (store.secrets.current("s1"), store.secrets.count()) == (None, 0)
    store.secrets.add(sealed(), TOLD)
    assert store.secrets.current("s1") == sealed()
