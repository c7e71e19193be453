from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.access.policy import Permission, granted
from core.config import Settings
from core.errors import AccessRefused, KeyExpired, KeyLocked, KeyTampered, NotFound, VaultError
from core.vault import Vault
from core.vault.changes import KEPT_VERSIONS
from core.vault.envelope import UserSealKey
from core.vault.proofs import CACHE_FOR
from core.vault.versions import MAX_GRACE
from data.store import Store
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner
from data.values.secrets import SecretCard, VersionState
from tests.conftest import OpenTestStore
from tests.people import ALICE, BOB, receipt
from tests.vault.conftest import Clock, no_keyring
from tests.vault.events import events

ORIGIN = "https://api.openai.com"
OLD, NEW = "sk-old-key-0123456789", "sk-new-key-9876543210"
DAY = timedelta(days=1)
ADMIN = Actor("root", frozenset({Role.ADMIN}))
IN_TEAM = replace(ALICE, team_ids=("team-1",))


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


def put(vault: Vault, owner: KeyOwner = KeyOwner.USER, owner_id: str = "alice", **more: object) -> str:
    card: SecretCard = vault.put(
        ADMIN if owner is not KeyOwner.USER else ALICE,
        owner,
        owner_id,
        provider="openai",
        origin=ORIGIN,
        plaintext=OLD,
        **more,  # type: ignore[arg-type]
    )
    return card.binding.secret_id


def key_of(vault: Vault, secret_id: str, actor: Actor = ALICE) -> str:
    return vault.open_key(secret_id, origin=ORIGIN, actor=actor, receipt=receipt(secret_id))


def states(vault: Vault, secret_id: str) -> list[tuple[int, VersionState]]:
    return [(card.version, card.state) for card in vault.versions(ALICE, secret_id)]


def test_the_new_version_is_used_at_once_and_the_old_one_waits_out_its_grace(vault: Vault, clock: Clock) -> None:
    secret_id = put(vault)
    assert key_of(vault, secret_id) == OLD
    card = vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    assert (card.binding.version, card.last4) == (2, NEW[-4:])
    assert key_of(vault, secret_id) == NEW
    assert states(vault, secret_id) == [(2, VersionState.CURRENT), (1, VersionState.IN_GRACE)]
    clock.forward(DAY)
    assert states(vault, secret_id) == [(2, VersionState.CURRENT), (1, VersionState.REVOKED)]
    with pytest.raises(VaultError, match="grace"):
        vault.fall_back(ALICE, secret_id)
    assert key_of(vault, secret_id) == NEW


def test_without_grace_the_old_version_is_revoked_at_once(vault: Vault) -> None:
    secret_id = put(vault)
    vault.rotate(ALICE, secret_id, NEW)
    assert states(vault, secret_id) == [(2, VersionState.CURRENT), (1, VersionState.REVOKED)]


def test_only_the_last_version_has_a_grace(vault: Vault) -> None:
    secret_id = put(vault)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    assert states(vault, secret_id) == [
        (3, VersionState.CURRENT),
        (2, VersionState.IN_GRACE),
        (1, VersionState.REVOKED),
    ]


def test_falling_back_uses_the_old_version_for_good(vault: Vault, clock: Clock) -> None:
    secret_id = put(vault)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    vault.fall_back(ALICE, secret_id)
    assert states(vault, secret_id) == [(2, VersionState.REVOKED), (1, VersionState.CURRENT)]
    clock.forward(2 * DAY)
    assert key_of(vault, secret_id) == OLD
    assert vault.rotate(ALICE, secret_id, NEW).binding.version == 3


def test_a_revoked_version_is_never_used_again(vault: Vault) -> None:
    secret_id = put(vault)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    vault.revoke(ALICE, secret_id, 1)
    with pytest.raises(VaultError, match="grace"):
        vault.fall_back(ALICE, secret_id)
    vault.revoke(ALICE, secret_id, 2)
    vault.revoke(ALICE, secret_id, 2)
    with pytest.raises(VaultError, match="revoked"):
        key_of(vault, secret_id)
    with pytest.raises(NotFound):
        vault.revoke(ALICE, secret_id, 3)
    vault.rotate(ALICE, secret_id, NEW)
    assert key_of(vault, secret_id) == NEW


def test_calls_use_the_version_in_grace_when_the_newest_is_revoked(vault: Vault, clock: Clock) -> None:
    secret_id = put(vault)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    vault.revoke(ALICE, secret_id, 2)
    assert key_of(vault, secret_id) == OLD
    clock.forward(DAY)
    with pytest.raises(VaultError, match="revoked"):
        key_of(vault, secret_id)


def test_another_process_uses_the_new_version_within_seconds(
    vault: Vault, store: Store, settings: Settings, clock: Clock
) -> None:
    elsewhere = Vault.open_or_create(store, settings, clock, no_keyring)
    secret_id = put(vault)
    assert key_of(elsewhere, secret_id) == OLD
    vault.rotate(ALICE, secret_id, NEW)
    clock.forward(CACHE_FOR)
    assert key_of(elsewhere, secret_id) == NEW


def test_an_expired_key_is_never_opened_until_its_date_is_moved(vault: Vault, clock: Clock) -> None:
    secret_id = put(vault, expires_at=clock() + DAY)
    assert key_of(vault, secret_id) == OLD
    clock.forward(DAY)
    assert not vault.at_hand(secret_id, origin=ORIGIN, actor=ALICE)
    with pytest.raises(KeyExpired):
        key_of(vault, secret_id)
    assert states(vault, secret_id) == [(1, VersionState.EXPIRED)]
    card = vault.set_expiry(ALICE, secret_id, clock() + DAY)
    assert (card.binding.version, card.binding.expires_at) == (1, clock() + DAY)
    assert key_of(vault, secret_id) == OLD
    vault.set_expiry(ALICE, secret_id, None)
    clock.forward(365 * DAY)
    assert key_of(vault, secret_id) == OLD


def test_setting_an_expiry_is_a_use_of_the_key_and_told_as_one(vault: Vault, store: Store, clock: Clock) -> None:
    secret_id = put(vault)
    vault.set_expiry(ALICE, secret_id, clock() + DAY)
    assert events(store) == [
        ("key.create", "done"),
        ("key.use", "intent"),
        ("key.use", "done"),
        ("key.set_expiry", "done"),
    ]


@pytest.mark.parametrize("grace", [-DAY, MAX_GRACE + DAY, timedelta.max])
def test_a_grace_has_bounds(vault: Vault, grace: timedelta) -> None:
    secret_id = put(vault)
    with pytest.raises(VaultError, match="grace"):
        vault.rotate(ALICE, secret_id, NEW, grace=grace)
    assert states(vault, secret_id) == [(1, VersionState.CURRENT)]


def test_an_expiry_lies_ahead_and_a_key_is_a_key(vault: Vault, clock: Clock) -> None:
    secret_id = put(vault)
    for wrong in (clock(), (clock() + DAY).replace(tzinfo=None)):
        with pytest.raises(VaultError, match="expiry"):
            vault.set_expiry(ALICE, secret_id, wrong)
        with pytest.raises(VaultError, match="expiry"):
            vault.rotate(ALICE, secret_id, NEW, expires_at=wrong)
        with pytest.raises(VaultError, match="expiry"):
            put(vault, expires_at=wrong)
    with pytest.raises(VaultError, match="like a key"):
        vault.rotate(ALICE, secret_id, "two words")
    assert key_of(vault, secret_id) == OLD


def changes_of(vault: Vault, actor: Actor, secret_id: str) -> list[Callable[[], object]]:
    return [
        lambda: vault.rotate(actor, secret_id, NEW),
        lambda: vault.revoke(actor, secret_id, 1),
        lambda: vault.fall_back(actor, secret_id),
        lambda: vault.set_expiry(actor, secret_id, None),
        lambda: vault.remove(actor, secret_id),
    ]


def test_to_others_a_key_looks_missing_and_their_attempts_are_told(vault: Vault, store: Store) -> None:
    secret_id = put(vault)
    for foreign, missing in zip(changes_of(vault, BOB, secret_id), changes_of(vault, BOB, "none"), strict=True):
        with pytest.raises(NotFound) as one:
            foreign()
        with pytest.raises(NotFound) as other:
            missing()
        assert one.value.explain() == other.value.explain()
    with pytest.raises(NotFound):
        vault.versions(BOB, secret_id)
    assert len([each for each in events(store) if each[1] == "refused"]) == 10
    assert key_of(vault, secret_id) == OLD


@pytest.mark.parametrize(("owner", "owner_id"), [(KeyOwner.TEAM, "team-1"), (KeyOwner.ORGANISATION, "")])
def test_shared_keys_are_used_by_many_and_changed_by_admins(vault: Vault, owner: KeyOwner, owner_id: str) -> None:
    assert granted(ADMIN, Permission.MANAGE_SHARED_KEYS)
    secret_id = put(vault, owner, owner_id)
    assert key_of(vault, secret_id, IN_TEAM) == OLD
    assert [card.version for card in vault.versions(IN_TEAM, secret_id)] == [1]
    for change in changes_of(vault, IN_TEAM, secret_id):
        with pytest.raises(AccessRefused):
            change()
    vault.rotate(ADMIN, secret_id, NEW)
    assert key_of(vault, secret_id, IN_TEAM) == NEW


def test_all_keys_of_a_person_go_with_them(vault: Vault, store: Store) -> None:
    secret_ids = [put(vault), put(vault)]
    bobs = vault.put(BOB, KeyOwner.USER, "bob", provider="openai", origin=ORIGIN, plaintext=OLD).binding.secret_id
    with pytest.raises(AccessRefused):
        vault.remove_all(BOB, KeyOwner.USER, "alice")
    assert vault.remove_all(ADMIN, KeyOwner.USER, "alice") == 2
    for secret_id in secret_ids:
        with pytest.raises(NotFound):
            key_of(vault, secret_id)
    assert key_of(vault, bobs, BOB) == OLD
    assert vault.remove_all(BOB, KeyOwner.USER, "bob") == 1
    assert store.secrets.count() == 0


def test_nobody_removes_gearboxs_own_secrets(vault: Vault) -> None:
    secret_id = vault.put_system("signer", b"seed")
    with pytest.raises(AccessRefused):
        vault.remove_all(ADMIN, KeyOwner.SYSTEM, "signer")
    with pytest.raises(NotFound):
        vault.remove(ADMIN, secret_id)
    assert vault.open_system(secret_id) == b"seed"


def test_old_versions_do_not_pile_up(vault: Vault) -> None:
    secret_id = put(vault)
    for _ in range(KEPT_VERSIONS + 3):
        vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    versions = [card.version for card in vault.versions(ALICE, secret_id)]
    assert versions == list(range(KEPT_VERSIONS + 4, 4, -1))
    vault.fall_back(ALICE, secret_id)
    assert key_of(vault, secret_id) == NEW


def test_what_was_tampered_with_is_not_made_good_by_a_change(vault: Vault, store: Store) -> None:
    secret_id = put(vault)
    record = store.secrets.find(secret_id)
    vault.rotate(ALICE, secret_id, NEW)
    changed = store.secrets.find(secret_id)
    assert record is not None
    assert changed is not None
    store.secrets.change(changed, record)
    for change in changes_of(vault, ALICE, secret_id)[:4]:
        with pytest.raises(KeyTampered):
            change()
    assert [card.version for card in vault.versions(ALICE, secret_id)] == [1]
    vault.remove(ALICE, secret_id)


def test_a_user_sealed_key_is_changed_only_while_unlocked(vault: Vault, store: Store, clock: Clock) -> None:
    seal = UserSealKey(b"s" * 32, "seal-1")
    store.user_seals.add("alice", seal.seal_id)
    secret_id = put(vault, user_seal=seal)
    for change in (
        lambda: key_of(vault, secret_id),
        lambda: vault.rotate(ALICE, secret_id, NEW),
        lambda: vault.set_expiry(ALICE, secret_id, clock() + DAY),
    ):
        with pytest.raises(KeyLocked):
            change()
    vault.unlocked.keep(ALICE, seal)
    vault.rotate(ALICE, secret_id, NEW, grace=DAY)
    vault.set_expiry(ALICE, secret_id, clock() + DAY)
    assert key_of(vault, secret_id) == NEW
    vault.unlocked.drop("alice")
    with pytest.raises(KeyLocked):
        key_of(vault, secret_id)
    vault.revoke(ALICE, secret_id, 1)
    vault.remove(ALICE, secret_id)


def test_nothing_is_sealed_with_a_seal_that_was_given_up(vault: Vault, store: Store) -> None:
    store.user_seals.add("alice", "seal-2")
    with pytest.raises(KeyLocked):
        put(vault, user_seal=UserSealKey(b"s" * 32, "seal-1"))
    assert store.secrets.count() == 0


def test_a_shared_key_is_not_sealed_by_one_person(vault: Vault, store: Store) -> None:
    with pytest.raises(VaultError, match="shared"):
        put(vault, KeyOwner.TEAM, "team-1", user_seal=UserSealKey(b"s" * 32))
    assert store.secrets.count() == 0
