from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.access.access import Access
from core.access.lockout import Lockout
from core.access.standing import Limits, Standings
from core.config import Settings
from core.errors import AccessRefused, KeyLocked, KeyTampered, NotFound, StoreError, VaultError
from core.parts import seal_keys
from core.vault import Vault
from core.vault.envelope import UserSealKey
from core.vault.passphrase import open_with_passphrase, seal_with_passphrase
from core.vault.unlocked import UNLOCKED_FOR
from core.vault.user_seals import UserSeals
from data.store import Store
from data.values.actor import Actor
from data.values.calls import KeyOwner
from data.values.people import Session
from tests.conftest import OpenTestStore
from tests.flags.house import flag_house
from tests.people import ALICE, BOB, CHEAP, receipt
from tests.vault.conftest import Clock, no_keyring
from tests.vault.events import events

ORIGIN = "https://api.openai.com"
KEY = "sk-canary-7f3a9d5e1b2c8064"
PASSPHRASE, OTHER = "correct horse battery", "staple all the way down"
AGES = timedelta(days=9999)
EVERYBODY = HERE, ELSEWHERE, *MORE = [replace(ALICE, session_id=f"session {n}") for n in range(6)]
BOB_THERE = replace(BOB, session_id="bob")


class Door:
    """Lets nobody in after three failures, as access does."""

    def __init__(self) -> None:
        self.failures = 0

    def guard(self, _actor: Actor) -> None:
        if self.failures >= 3:
            raise AccessRefused("Too many attempts failed.", "Try again later.")

    def failed(self, _actor: Actor) -> None:
        self.failures += 1

    def succeeded(self, _actor: Actor) -> None:
        self.failures = 0


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def seals(store: Store, vault: Vault) -> UserSeals:
    return seals_of(store, vault)


def seals_of(store: Store, vault: Vault) -> UserSeals:
    """The seals of one process, in which everybody is signed in."""
    standings = Standings(store, limits=Limits(AGES, AGES))
    for actor in (*EVERYBODY, BOB_THERE):
        store.users.ensure(actor.user_id, actor.user_id)
        now = datetime.now(UTC)
        store.sessions.begin(Session(actor.session_id, actor.user_id, "local", now, now, now + AGES))
    door = Door()
    access = Access(store, standings)
    told = {"guard": door.guard, "on_failure": door.failed, "on_success": door.succeeded}
    return UserSeals(access, store, vault, cost=CHEAP, **told)


def put(vault: Vault, actor: Actor = HERE) -> str:
    card = vault.put(
        actor,
        KeyOwner.USER,
        actor.user_id,
        provider="openai",
        origin=ORIGIN,
        plaintext=KEY,
        user_seal=vault.unlocked.get(actor),
    )
    assert card.user_sealed
    return card.binding.secret_id


def key_of(vault: Vault, secret_id: str, actor: Actor = HERE) -> str:
    return vault.open_key(secret_id, origin=ORIGIN, actor=actor, receipt=receipt(secret_id))


def test_a_sealed_key_opens_only_where_its_owner_unlocked_it(vault: Vault, seals: UserSeals, clock: Clock) -> None:
    assert not seals.exists(HERE)
    seals.create(HERE, PASSPHRASE)
    assert seals.exists(ELSEWHERE)
    assert (seals.is_unlocked(HERE), seals.is_unlocked(ELSEWHERE)) == (True, False)
    secret_id = put(vault)
    assert key_of(vault, secret_id) == KEY
    with pytest.raises(KeyLocked):
        key_of(vault, secret_id, ELSEWHERE)
    assert not vault.at_hand(secret_id, origin=ORIGIN, actor=ELSEWHERE)
    seals.unlock(ELSEWHERE, PASSPHRASE)
    assert key_of(vault, secret_id, ELSEWHERE) == KEY
    seals.lock(HERE)
    with pytest.raises(KeyLocked):
        key_of(vault, secret_id)
    assert key_of(vault, secret_id, ELSEWHERE) == KEY
    clock.forward(UNLOCKED_FOR)
    with pytest.raises(KeyLocked):
        key_of(vault, secret_id, ELSEWHERE)


def test_the_next_process_begins_locked(
    vault: Vault, seals: UserSeals, store: Store, settings: Settings, clock: Clock
) -> None:
    seals.create(HERE, PASSPHRASE)
    secret_id = put(vault)
    after_restart = Vault.open_or_create(store, settings, clock, no_keyring)
    with pytest.raises(KeyLocked):
        key_of(after_restart, secret_id)
    again = seals_of(store, after_restart)
    again.unlock(HERE, PASSPHRASE)
    assert key_of(after_restart, secret_id) == KEY


def test_a_wrong_passphrase_unlocks_nothing_and_is_counted(seals: UserSeals, store: Store) -> None:
    seals.create(HERE, PASSPHRASE)
    seals.lock(HERE)
    for wrong in (OTHER, "", PASSPHRASE + "x" * 2000):
        with pytest.raises(KeyLocked):
            seals.unlock(HERE, wrong)
    assert not seals.is_unlocked(HERE)
    with pytest.raises(AccessRefused):
        seals.unlock(HERE, PASSPHRASE)
    assert events(store, "key.unseal") == 3 * [("key.unseal", "intent"), ("key.unseal", "refused")]


def test_a_right_passphrase_is_told(seals: UserSeals, store: Store) -> None:
    seals.create(HERE, PASSPHRASE)
    seals.unlock(ELSEWHERE, PASSPHRASE)
    seals.lock(ELSEWHERE)
    assert events(store, "key.seal", "key.unseal") == [
        ("key.seal", "intent"),
        ("key.seal", "done"),
        ("key.unseal", "intent"),
        ("key.unseal", "done"),
        ("key.seal", "done"),
    ]


def test_the_passphrase_is_the_same_however_it_is_typed(seals: UserSeals) -> None:
    seals.create(HERE, "Käse und Brötchen")
    seals.unlock(ELSEWHERE, "Ka\u0308se und Bro\u0308tchen")


@pytest.mark.parametrize("weak", ["", "short", "x" * 11, "x" * 1025])
def test_a_weak_passphrase_is_refused_without_being_repeated(seals: UserSeals, weak: str) -> None:
    with pytest.raises(VaultError) as refused:
        seals.create(HERE, weak)
    assert "xxx" not in refused.value.explain()
    assert not seals.exists(HERE)


def test_changing_the_passphrase_needs_the_old_one_and_keeps_the_keys(vault: Vault, seals: UserSeals) -> None:
    seals.create(HERE, PASSPHRASE)
    secret_id = put(vault)
    seals.unlock(ELSEWHERE, PASSPHRASE)
    with pytest.raises(KeyLocked):
        seals.change(HERE, OTHER, OTHER)
    with pytest.raises(VaultError):
        seals.change(HERE, PASSPHRASE, "short")
    seals.change(HERE, PASSPHRASE, OTHER)
    assert key_of(vault, secret_id) == KEY
    assert not seals.is_unlocked(ELSEWHERE)
    with pytest.raises(KeyLocked):
        seals.unlock(ELSEWHERE, PASSPHRASE)
    seals.unlock(ELSEWHERE, OTHER)
    assert key_of(vault, secret_id, ELSEWHERE) == KEY


def test_an_old_passphrase_can_not_be_put_back(vault: Vault, seals: UserSeals, store: Store) -> None:
    seals.create(HERE, PASSPHRASE)
    seal_id = store.user_seals.find("alice")
    assert seal_id is not None
    before = store.secrets.find(seal_id)
    seals.change(HERE, PASSPHRASE, OTHER)
    after = store.secrets.find(seal_id)
    assert before is not None
    assert after is not None
    store.secrets.change(after, before)
    for passphrase in (PASSPHRASE, OTHER):
        with pytest.raises(KeyTampered):
            seals_of(store, Vault(store, vault.ring, lambda: before.versions[0].created_at)).unlock(HERE, passphrase)


def test_giving_it_up_removes_what_it_sealed_and_nothing_else(vault: Vault, seals: UserSeals, store: Store) -> None:
    with pytest.raises(NotFound):
        seals.discard(HERE)
    with pytest.raises(NotFound):
        seals.unlock(HERE, PASSPHRASE)
    seals.create(HERE, PASSPHRASE)
    sealed = put(vault)
    plain = vault.put(HERE, KeyOwner.USER, "alice", provider="openai", origin=ORIGIN, plaintext=KEY)
    seals.discard(HERE)
    assert not seals.exists(HERE)
    assert not seals.is_unlocked(HERE)
    with pytest.raises(NotFound):
        key_of(vault, sealed)
    assert key_of(vault, plain.binding.secret_id) == KEY
    assert store.secrets.count() == 1
    seals.create(HERE, OTHER)


def test_there_is_one_seal_however_many_are_made_at_once(vault: Vault, seals: UserSeals, store: Store) -> None:
    outcomes: list[str] = []

    def create(actor: Actor) -> None:
        try:
            seals.create(actor, PASSPHRASE)
            outcomes.append("made")
        except StoreError:
            outcomes.append("refused")

    threads = [threading.Thread(target=create, args=(actor,)) for actor in MORE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
    assert store.secrets.count() == 1
    with pytest.raises(StoreError):
        seals.create(HERE, OTHER)
    seals.unlock(HERE, PASSPHRASE)


def test_a_session_that_missed_that_it_was_given_up_seals_nothing(
    vault: Vault, seals: UserSeals, store: Store, settings: Settings, clock: Clock
) -> None:
    elsewhere = Vault.open_or_create(store, settings, clock, no_keyring)
    other_process = seals_of(store, elsewhere)
    seals.create(HERE, PASSPHRASE)
    other_process.unlock(ELSEWHERE, PASSPHRASE)
    seals.discard(HERE)
    seals.create(HERE, OTHER)
    assert not other_process.is_unlocked(ELSEWHERE)
    with pytest.raises(KeyLocked):
        put(elsewhere, ELSEWHERE)


def test_one_persons_seal_does_not_open_for_another(vault: Vault, seals: UserSeals, store: Store) -> None:
    bob = BOB_THERE
    seals.create(HERE, PASSPHRASE)
    seals.create(bob, PASSPHRASE)
    alices = store.user_seals.find("alice")
    assert alices is not None
    store.user_seals.remove("bob")
    store.user_seals.add("bob", alices)
    with pytest.raises(KeyLocked):
        seals.unlock(bob, PASSPHRASE)
    store.user_seals.remove("bob")
    store.user_seals.add("bob", vault.put_system("other", b"something else"))
    with pytest.raises(KeyTampered):
        seals.unlock(bob, PASSPHRASE)


def test_those_who_hold_database_and_kek_can_not_read_a_sealed_key(
    vault: Vault, seals: UserSeals, store: Store, settings: Settings, clock: Clock
) -> None:
    seals.create(HERE, PASSPHRASE)
    secret_id = put(vault)
    admins = Vault.open_or_create(store, settings, clock, no_keyring)
    with pytest.raises(KeyLocked):
        key_of(admins, secret_id)
    for guess in (b"\x00" * 32, admins.ring.active().material):
        admins.unlocked.keep(HERE, UserSealKey(guess, "any"))
        with pytest.raises(KeyTampered):
            key_of(admins, secret_id)


def test_the_passphrase_and_the_seals_key_are_nowhere(vault: Vault, seals: UserSeals, tmp_path: Path) -> None:
    seals.create(HERE, PASSPHRASE)
    key = vault.unlocked.get(HERE)
    put(vault)
    shown = repr(key) + repr(vars(seals)) + repr(vars(vault.unlocked))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PASSPHRASE.encode() not in content
            assert key.material not in content
    assert PASSPHRASE not in shown
    assert repr(key.material)[2:-1] not in shown


IN_EARNEST = "01" + "00010000" + "00000003" + "00000004"
"""Argon2id over 64 MiB in three passes and four lanes, as a seal begins with it."""


def test_what_people_choose_costs_a_guess_in_earnest(
    store: Store, vault: Vault, seals: UserSeals, clock: Clock
) -> None:
    made = seal_keys(
        store, seals._access, vault, Lockout(store, clock), flags=flag_house(store).flags
    )  # as the services make it
    made.create(HERE, PASSPHRASE)
    secret_id = store.user_seals.find(HERE.user_id)
    assert secret_id is not None
    assert vault.open_system(secret_id)[:13].hex() == IN_EARNEST
    seals.lock(HERE)
    made.unlock(HERE, PASSPHRASE)
    assert made.is_unlocked(HERE)


def test_the_parameters_are_bound_to_the_seal() -> None:
    sealed = seal_with_passphrase(b"k" * 32, PASSPHRASE, "alice", "deployment")
    assert open_with_passphrase(sealed, PASSPHRASE, "alice", "deployment") == b"k" * 32
    assert sealed[:13].hex() == IN_EARNEST
    assert open_with_passphrase(sealed, PASSPHRASE, "bob", "deployment") is None
    assert open_with_passphrase(sealed, PASSPHRASE, "alice", "another") is None
    weaker = sealed[:1] + bytes.fromhex("00001000") + sealed[5:]
    assert open_with_passphrase(weaker, PASSPHRASE, "alice", "deployment") is None
    for damaged in (b"", sealed[:20], b"\x02" + sealed[1:], sealed[:1] + b"\xff" * 4 + sealed[5:]):
        with pytest.raises(KeyTampered):
            open_with_passphrase(damaged, PASSPHRASE, "alice", "deployment")
