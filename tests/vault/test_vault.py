from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.config import Settings
from core.errors import GearboxError, NotFound, VaultError
from core.vault import Vault
from core.vault.entered import MAX_KEY_CHARS
from core.vault.proofs import CACHE_FOR
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.secrets import SecretCard
from tests.databases import open_store
from tests.people import ALICE, BOB, receipt
from tests.vault.conftest import PROCESS, Clock, no_keyring

KEY = "sk-canary-7f3a9d5e1b2c8064"
ORIGIN = "https://api.openai.com"


def put(vault: Vault, user_id: str = "alice", key: str = KEY) -> SecretCard:
    return vault.put(
        Actor(user_id, frozenset({Role.MEMBER})),
        KeyOwner.USER,
        user_id,
        provider="openai",
        origin=ORIGIN,
        plaintext=key,
    )


def test_a_key_comes_back_for_its_owner_and_origin(vault: Vault) -> None:
    card = put(vault, key=f"  {KEY}\n")
    assert (
        vault.open_key(card.binding.secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(card.binding.secret_id))
        == KEY
    )
    assert card.last4 == KEY[-4:]
    assert vault.card(card.binding.secret_id) == card
    assert vault.cards(KeyOwner.USER, "alice") == [card]
    assert vault.cards(KeyOwner.USER, "bob") == []


def test_another_person_learns_nothing(vault: Vault) -> None:
    secret_id = put(vault).binding.secret_id
    with pytest.raises(NotFound) as foreign:
        vault.open_key(secret_id, origin=ORIGIN, actor=BOB, receipt=receipt(secret_id))
    with pytest.raises(NotFound) as absent:
        vault.open_key("no-such-key", origin=ORIGIN, actor=BOB, receipt=receipt("no-such-key"))
    assert foreign.value.explain() == absent.value.explain()
    with pytest.raises(NotFound):
        vault.remove(BOB, secret_id)
    assert vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == KEY


@pytest.mark.parametrize(
    "origin", ["", "http://api.openai.com", "https://api.openai.com:8443", "https://api.openai.com.evil.example"]
)
def test_another_origin_gets_nothing(vault: Vault, origin: str) -> None:
    secret_id = put(vault).binding.secret_id
    with pytest.raises(VaultError) as refused:
        vault.open_key(secret_id, origin=origin, actor=ALICE, receipt=receipt(secret_id))
    assert refused.value.remedy


@pytest.mark.parametrize(
    "key", ["", "  \n", "sk-a b", "sk-a\r\nX-Evil: 1", "sk-ä", "sk-\x00", "x" * (MAX_KEY_CHARS + 1)]
)
def test_what_can_not_be_a_key_is_refused_without_being_repeated(vault: Vault, store: Store, key: str) -> None:
    with pytest.raises(VaultError) as refused:
        put(vault, key=key)
    assert "Evil" not in refused.value.explain()
    assert "sk-" not in refused.value.explain()
    assert store.secrets.count() == 0


def test_a_short_key_shows_none_of_itself(vault: Vault) -> None:
    assert put(vault, key="hunter2").last4 == ""
    assert put(vault, key="x" * 8 + "1234").last4 == "1234"


def test_a_removed_key_is_gone_at_once_here_and_soon_elsewhere(
    vault: Vault, store: Store, settings: Settings, clock: Clock
) -> None:
    elsewhere = Vault.open_or_create(store, settings, clock, no_keyring)
    secret_id = put(vault).binding.secret_id
    for each in (vault, elsewhere):
        assert each.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == KEY
    vault.remove(ALICE, secret_id)
    with pytest.raises(NotFound):
        vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))
    clock.forward(CACHE_FOR)
    with pytest.raises(NotFound):
        elsewhere.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))
    assert vault.card(secret_id) is None
    assert store.secrets.count() == 0


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(seconds=1)])
def test_a_clock_set_back_does_not_keep_rows(
    vault: Vault, store: Store, settings: Settings, clock: Clock, back: timedelta
) -> None:
    elsewhere = Vault.open_or_create(store, settings, clock, no_keyring)
    secret_id = put(vault).binding.secret_id
    elsewhere.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))
    vault.remove(ALICE, secret_id)
    clock.forward(-back)
    with pytest.raises(NotFound):
        elsewhere.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))


_OTHER = "FROM secret_versions o WHERE o.secret_id <> secret_versions.secret_id"
TAMPERINGS: dict[str, str] = {
    "swap payloads": f"UPDATE secret_versions SET blob = (SELECT blob {_OTHER})",
    "swap wraps": f"UPDATE secret_versions SET wrapped_dek = (SELECT wrapped_dek {_OTHER})",
    "owner": "UPDATE secrets SET owner_id = 'alice'",
    "origin": "UPDATE secret_versions SET origin = 'https://evil.example'",
    "provider": "UPDATE secret_versions SET provider = 'mistral'",
    "version": "UPDATE secret_versions SET version = 2",
    "kek": "UPDATE secret_versions SET kek_id = 2",
    "expiry": "UPDATE secret_versions SET expires_at = '2099-01-01 00:00:00.000000'",
    "truncated": "UPDATE secret_versions SET blob = substr(blob, 1, 20)",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_rows_changed_in_the_database_do_not_open(
    store: Store, settings: Settings, clock: Clock, tmp_path: Path, tampering: str
) -> None:
    vault = Vault.open_or_create(store, settings, clock, no_keyring)
    bobs = put(vault, "bob").binding.secret_id
    if tampering != "owner":
        put(vault, "alice", KEY + "-alice")
    with sqlite3.connect(tmp_path / "gearbox.db") as raw:
        raw.execute(TAMPERINGS[tampering])
    raw.close()
    person, origin = (ALICE if tampering == "owner" else BOB), ORIGIN
    if tampering == "origin":
        origin = "https://evil.example"
    with pytest.raises(VaultError) as refused:
        vault.open_key(bobs, origin=origin, actor=person, receipt=receipt(bobs))
    assert "canary" not in refused.value.explain()


def test_a_key_copied_from_another_database_does_not_open(
    vault: Vault, store: Store, settings: Settings, clock: Clock, tmp_path: Path
) -> None:

    secret_id = put(vault).binding.secret_id
    sealed = store.secrets.current(secret_id)
    assert sealed is not None
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}", owner=PROCESS, clock=clock)
    try:
        other_vault = Vault.open_or_create(other, settings, clock, no_keyring)
        other.secrets.add(sealed, AuditEvent(Action.KEY_CREATE, AuditOutcome.DONE, "alice"))
        with pytest.raises(VaultError):
            other_vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))
    finally:
        other.close()
    assert len(list(tmp_path.glob("*.kek"))) == 2


def test_the_plaintext_is_nowhere(
    vault: Vault, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        card = put(vault)
        secret_id = card.binding.secret_id
        shown = [repr(card), repr(vault), repr(vars(vault)), repr(store.secrets.current(secret_id))]
        assert vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == KEY
        shown += [repr(vars(vault)), repr(vault.cards(KeyOwner.USER, "alice"))]
        attempts: list[Callable[[], object]] = [
            lambda: vault.open_key(secret_id, origin="https://evil.example", actor=ALICE, receipt=receipt(secret_id)),
            lambda: vault.open_key(secret_id, origin=ORIGIN, actor=BOB, receipt=receipt(secret_id)),
            lambda: put(vault, key=f"{KEY}\n{KEY}"),
        ]
        for attempt in attempts:
            with pytest.raises(GearboxError) as refused:
                attempt()
            shown += [refused.value.explain(), repr(refused.value), str(refused.getrepr(style="value"))]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            shown.append(path.read_bytes().decode("latin-1"))
    assert (tmp_path / "gearbox.db").is_file()
    output = capfd.readouterr()
    for text in [*shown, caplog.text, output.out, output.err]:
        assert KEY not in text
        assert KEY[3:-4] not in text
