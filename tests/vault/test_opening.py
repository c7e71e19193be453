from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.kwallet
import keyring.backends.null
import keyring.backends.SecretService
import pytest
from keyring.backend import KeyringBackend

from core.config import Settings
from core.errors import VaultError, WrongKek
from core.vault import Vault
from core.vault.kek_file import FileKek
from core.vault.kek_keyring import usable_keyring
from core.vault.ring import KekRing
from data.store import Store
from data.values.calls import KeyOwner
from tests.databases import open_store
from tests.people import ALICE, receipt
from tests.vault.conftest import PROCESS, Clock, MemoryKeyring, no_keyring

ORIGIN = "https://api.openai.com"


def opened(settings: Settings, clock: Clock, ring: MemoryKeyring | None = None) -> tuple[Store, Vault]:
    store = open_store(settings.store_url, owner=PROCESS, clock=clock)
    try:
        return store, Vault.open_or_create(store, settings, clock, lambda: ring)
    except BaseException:
        store.close()
        raise


def with_a_key(settings: Settings, clock: Clock, ring: MemoryKeyring | None = None) -> str:
    store, vault = opened(settings, clock, ring)
    card = vault.put(ALICE, KeyOwner.USER, "alice", provider="openai", origin=ORIGIN, plaintext="sk-canary-1234567890")
    store.close()
    return card.binding.secret_id


def still_opens(settings: Settings, clock: Clock, secret_id: str, ring: MemoryKeyring | None = None) -> bool:
    store, vault = opened(settings, clock, ring)
    key = vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id))
    store.close()
    return key == "sk-canary-1234567890"


def files(folder: Path) -> dict[str, bytes]:
    """Name and bytes of everything in the home folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def kek_file(folder: Path) -> Path:
    (path,) = folder.glob("*.kek")
    return path


def new(kind: Callable[[], KeyringBackend]) -> KeyringBackend:
    """keyring's constructors have no types of their own."""
    return kind()


def delete(path: Path) -> None:
    path.unlink()


def make_another(path: Path) -> None:
    deployment = path.name.removeprefix("vault-").removesuffix("-v1.kek")
    path.unlink()
    FileKek(path.parent, deployment).create(1)


def spoil(path: Path) -> None:
    path.write_text("not a key")


def open_to_all(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize("harm", [delete, make_another, spoil, open_to_all])
def test_a_missing_or_wrong_kek_refuses_and_writes_nothing(
    settings: Settings, clock: Clock, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    secret_id = with_a_key(settings, clock)
    good = kek_file(tmp_path).read_bytes()
    path = kek_file(tmp_path)
    harm(path)
    before = files(tmp_path)
    with pytest.raises(WrongKek) as refused:
        opened(settings, clock)
    assert refused.value.remedy
    assert str(path) in refused.value.explain()
    assert files(tmp_path) == before
    path.write_bytes(good)
    path.chmod(0o600)
    assert still_opens(settings, clock, secret_id)


def test_an_empty_database_with_a_recorded_kek_gets_no_new_one(
    settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    opened(settings, clock)[0].close()
    kek_file(tmp_path).unlink()
    with pytest.raises(WrongKek):
        opened(settings, clock)
    assert not list(tmp_path.glob("*.kek"))


def test_sealed_keys_without_a_kek_record_are_refused(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    with_a_key(settings, clock)
    with sqlite3.connect(tmp_path / "gearbox.db") as raw:
        raw.execute("DELETE FROM keks")
    raw.close()
    before = files(tmp_path)
    with pytest.raises(WrongKek):
        opened(settings, clock)
    assert files(tmp_path) == before


def test_a_kek_made_before_a_crash_is_taken_up(settings: Settings, store: Store, clock: Clock, tmp_path: Path) -> None:
    made = FileKek(tmp_path, store.deployment_id).create(1)
    Vault.open_or_create(store, settings, clock, no_keyring)
    assert FileKek(tmp_path, store.deployment_id).load(1) == (made.material,)
    assert len(store.keks.all()) == 1


def test_processes_that_start_together_agree(settings: Settings, store: Store, clock: Clock) -> None:
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.open_or_create(store, settings, clock, no_keyring), range(8)))
    card = vaults[0].put(
        ALICE, KeyOwner.USER, "alice", provider="openai", origin=ORIGIN, plaintext="sk-canary-1234567890"
    )
    for vault in vaults:
        assert vault.open_key(
            card.binding.secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(card.binding.secret_id)
        )
    assert len(store.keks.all()) == 1


@pytest.mark.parametrize(
    ("setting", "ring"),
    [
        ("auto", MemoryKeyring()),
        ("auto", None),
        ("auto", MemoryKeyring(locked=True)),
        ("keyring", MemoryKeyring()),
        ("file", MemoryKeyring()),
    ],
)
def test_where_a_first_kek_is_kept(
    settings: Settings, clock: Clock, tmp_path: Path, setting: str, ring: MemoryKeyring | None
) -> None:
    source = "keyring" if ring and not ring.locked and setting != "file" else "file"
    chosen = settings.model_copy(update={"kek_source": setting})
    secret_id = with_a_key(chosen, clock, ring)
    assert len(list(tmp_path.glob("*.kek"))) == (source == "file")
    store, _ = opened(chosen, clock, ring)
    assert [record.source for record in store.keks.all()] == [source]
    store.close()
    assert still_opens(chosen, clock, secret_id, ring)


@pytest.mark.parametrize("ring", [None, MemoryKeyring(locked=True)])
def test_a_keyring_that_was_asked_for_and_can_not_be_had_is_an_error(
    settings: Settings, clock: Clock, tmp_path: Path, ring: MemoryKeyring | None
) -> None:
    with pytest.raises(VaultError) as refused:
        opened(settings.model_copy(update={"kek_source": "keyring"}), clock, ring)
    assert refused.value.remedy
    assert not list(tmp_path.glob("*.kek"))


def test_a_database_keeps_the_source_it_began_with(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    ring = MemoryKeyring()
    secret_id = with_a_key(settings.model_copy(update={"kek_source": "keyring"}), clock, ring)
    assert still_opens(settings, clock, secret_id, ring), "kek_source=file must not matter any more"
    for other in (None, MemoryKeyring(), MemoryKeyring(locked=True)):
        with pytest.raises(WrongKek) as refused:
            opened(settings, clock, other)
        assert refused.value.remedy
    ((entry, value),) = ring.entries.items()
    ring.entries[entry] = value[:20] + ("A" if value[20] != "A" else "B") + value[21:]
    with pytest.raises(WrongKek):
        opened(settings, clock, ring)
    assert not list(tmp_path.glob("*.kek"))


def test_only_an_operating_systems_own_keyring_counts() -> None:
    assert usable_keyring(new(keyring.backends.SecretService.Keyring))
    assert usable_keyring(new(keyring.backends.kwallet.DBusKeyring))
    assert not usable_keyring(new(keyring.backends.fail.Keyring))
    assert not usable_keyring(new(keyring.backends.null.Keyring))
    assert not usable_keyring(MemoryKeyring())
    # On a machine without any other backend a chain is empty.
    chained = list(keyring.backends.chainer.ChainerBackend.backends)
    expected = bool(chained) and all(usable_keyring(one) for one in chained)
    assert usable_keyring(new(keyring.backends.chainer.ChainerBackend)) == expected


def test_plain_text_backends_are_refused_also_behind_a_chain() -> None:
    plain = type("PlaintextKeyring", (MemoryKeyring,), {"__module__": "keyrings.alt.file"})
    real = new(keyring.backends.SecretService.Keyring)

    class Chain(keyring.backends.chainer.ChainerBackend):
        backends = [real, plain()]  # noqa: RUF012

    Chain.__module__ = keyring.backends.chainer.__name__
    assert not usable_keyring(plain())
    assert not usable_keyring(new(Chain))
    Chain.backends = [real]
    assert usable_keyring(new(Chain))


def test_a_database_of_an_older_release_is_not_upgraded_without_its_kek(settings: Settings, clock: Clock) -> None:
    with_a_key(settings, clock)
    kek_file(settings.home).unlink()
    database = sqlite3.connect(settings.home / "gearbox.db")
    database.executescript("UPDATE alembic_version SET version_num = '0009'; DROP TABLE model_facts;")
    database.close()
    before = files(settings.home)
    with pytest.raises(WrongKek, match="is missing from the file"):
        KekRing.require(settings, clock, lambda: None)
    assert files(settings.home) == before


def test_what_is_not_there_yet_is_no_reason_to_refuse(settings: Settings, clock: Clock) -> None:
    KekRing.require(settings, clock, lambda: None)
    assert files(settings.home) == {}
