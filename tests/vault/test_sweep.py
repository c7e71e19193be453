from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from core.config import Settings
from core.errors import KeyTampered
from core.vault import Vault
from core.vault.envelope import seal
from data.store import OwnerId, Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.secrets import SealedSecret, SecretBinding, VersionState
from tests.conftest import OpenTestStore
from tests.people import ALICE, receipt
from tests.vault.conftest import Clock, no_keyring
from tests.vault.events import events

ORIGIN = "https://api.openai.com"
KEY = "sk-canary-7f3a9d5e1b2c8064"
DAY = timedelta(days=1)


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


def put(vault: Vault, clock: Clock, *, expires: bool = False) -> str:
    card = vault.put(
        ALICE,
        KeyOwner.USER,
        "alice",
        provider="openai",
        origin=ORIGIN,
        plaintext=KEY,
        expires_at=clock() + DAY if expires else None,
    )
    return card.binding.secret_id


def of_last_release(store: Store, vault: Vault, clock: Clock) -> str:
    """What the release without heads kept."""
    binding = SecretBinding("old", 1, KeyOwner.USER, "alice", "openai", ORIGIN)
    kek = vault.ring.active()
    blob, wrapped = seal(KEY.encode(), binding, store.deployment_id, kek)
    sealed = SealedSecret(binding, blob, wrapped, kek.kek_id, KEY[-4:], clock())
    store.secrets.add(sealed, AuditEvent(Action.KEY_CREATE, AuditOutcome.DONE, "alice"))
    return binding.secret_id


def test_the_end_of_a_grace_and_an_expiry_are_told_once(vault: Vault, store: Store, clock: Clock) -> None:
    rotated, expiring = put(vault, clock), put(vault, clock, expires=True)
    vault.rotate(ALICE, rotated, KEY, grace=DAY)
    vault.sweep.run()
    assert events(store, "key.revoke", "key.expire") == []
    clock.forward(DAY)
    for _ in range(3):
        vault.sweep.run()
        clock.forward(timedelta(minutes=1))
    assert sorted(events(store, "key.revoke", "key.expire")) == [("key.expire", "done"), ("key.revoke", "done")]
    first = vault.versions(ALICE, rotated)[-1]
    assert (first.state, first.revoked_at) == (VersionState.REVOKED, clock() - timedelta(minutes=3))
    assert vault.open_key(rotated, origin=ORIGIN, actor=ALICE, receipt=receipt(rotated)) == KEY
    vault.set_expiry(ALICE, expiring, clock() + DAY)
    clock.forward(DAY)
    vault.sweep.run()
    assert len(events(store, "key.expire")) == 2


def test_many_processes_tell_once(open_test_store: OpenTestStore, settings: Settings, clock: Clock) -> None:
    stores = [open_test_store(clock=clock, owner=OwnerId("host", n, "test")) for n in range(1, 5)]
    vaults = [Vault.open_or_create(store, settings, clock, no_keyring) for store in stores]
    rotated = put(vaults[0], clock)
    vaults[0].rotate(ALICE, rotated, KEY, grace=DAY)
    for _ in range(3):
        put(vaults[0], clock, expires=True)
    clock.forward(DAY)
    threads = [threading.Thread(target=vault.sweep.run) for vault in vaults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(events(stores[0], "key.revoke", "key.expire")) == 3 * [("key.expire", "done")] + [
        ("key.revoke", "done")
    ]


def test_a_damaged_key_stops_nobody_elses_and_is_told_once(vault: Vault, store: Store, clock: Clock) -> None:
    damaged = put(vault, clock, expires=True)
    put(vault, clock, expires=True)
    record = store.secrets.find(damaged)
    assert record is not None
    assert record.head is not None
    store.secrets.change(record, replace(record, head=replace(record.head, sealed=record.head.sealed[:-1] + b"x")))
    clock.forward(DAY)
    for _ in range(2):
        vault.sweep.run()
    assert sorted(events(store, "key.expire")) == [("key.expire", "done"), ("key.expire", "failed")]


def test_keys_of_the_last_release_get_heads(vault: Vault, store: Store, clock: Clock) -> None:
    secret_id = of_last_release(store, vault, clock)
    vault.sweep.adopt()
    vault.sweep.adopt()
    record = store.secrets.find(secret_id)
    assert record is not None
    assert record.head is not None
    assert store.secrets.headless() == []
    assert events(store, "key.seal") == [("key.seal", "done")]
    assert vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == KEY
    # Taking the head off again does not make it one of the last release.
    store.secrets.change(record, replace(record, head=None))
    vault.sweep.adopt()
    again = store.secrets.find(secret_id)
    assert again is not None
    assert again.head is None
    with pytest.raises(KeyTampered):
        Vault(store, vault.ring, clock).open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))


def test_the_first_step_adopts_and_each_sweeps(vault: Vault, store: Store, clock: Clock) -> None:
    secret_id = of_last_release(store, vault, clock)
    vault.sweep.step()
    assert store.secrets.headless() == []
    vault.rotate(ALICE, put(vault, clock), KEY, grace=DAY)
    clock.forward(DAY)
    vault.sweep.step()
    assert events(store, "key.revoke") == [("key.revoke", "done")]
    assert vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == KEY
