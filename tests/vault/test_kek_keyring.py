"""KEKs in the operating system's keyring, by way of the real `keyring` library."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import pytest

from core.config import Settings
from core.errors import VaultError, WrongKek
from core.vault.kek_keyring import KeyringKek, system_keyring
from core.vault.ring import KekRing
from data.store import OwnerId
from tests.databases import open_store
from tests.vault.conftest import Clock, MemoryKeyring


@pytest.fixture
def installed() -> Iterator[None]:
    """Puts back what the library would choose."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_kek_is_kept_found_and_destroyed_each_deployments_own() -> None:
    backend = MemoryKeyring()
    source = KeyringKek(backend, "dep")
    assert source.load(1) == ()
    made = source.create(1)
    assert (len(made.material), made.wrapped) == (32, None)
    assert source.create(1) == made
    assert KeyringKek(backend, "dep").load(1) == (made.material,)
    assert source.load(2) == KeyringKek(backend, "another").load(1) == ()
    assert list(backend.entries) == [("gearbox-vault", "dep/v1")]
    assert "service gearbox-vault, entry dep/v1" in source.place(1)
    assert source.destroy(1)
    assert source.destroy(1), "gone is gone"
    assert backend.entries == {}


@pytest.mark.usefixtures("installed")
def test_the_library_hands_out_an_operating_systems_store_and_no_other() -> None:
    keyring.set_keyring(MemoryKeyring())
    assert system_keyring() is None
    kind = type("Keyring", (MemoryKeyring,), {"__module__": "keyring.backends.SecretService"})
    keyring.set_keyring(kind())
    chosen = system_keyring()
    assert chosen is keyring.get_keyring()
    made = KeyringKek(chosen, "dep").create(1)
    entry = keyring.get_password("gearbox-vault", "dep/v1")
    assert entry is not None, "an operator backs it up with `keyring get`"
    keyring.delete_password("gearbox-vault", "dep/v1")
    keyring.set_password("gearbox-vault", "dep/v1", entry)
    assert KeyringKek(chosen, "dep").load(1) == (made.material,)


class BrokenBus(MemoryKeyring):
    """Raises what is no error of the library, as D-Bus does when its daemon has gone."""

    def get_password(self, service: str, username: str) -> str | None:
        raise ConnectionResetError(f"while reading {service}")


class ReadOnly(MemoryKeyring):
    """Another program's store, opened for reading."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError(f"can't keep {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise OSError(f"can't delete {self.entries}")


class Forgetful(MemoryKeyring):
    """Says yes and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


@pytest.mark.parametrize(
    ("backend", "error", "says", "remedy"),
    [
        (MemoryKeyring(locked=True), WrongKek, "can't be read (KeyringLocked)", "Unlock"),
        (BrokenBus(), WrongKek, "can't be read (ConnectionResetError)", "Unlock"),
        (ReadOnly(), VaultError, "refused to keep a key (OSError)", "GEARBOX_KEK_SOURCE=file"),
        (Forgetful(), VaultError, "did not keep the key", "GEARBOX_KEK_SOURCE=file"),
    ],
)
def test_a_keyring_that_fails_is_a_plain_error(
    backend: MemoryKeyring, error: type[VaultError], says: str, remedy: str
) -> None:
    with pytest.raises(error) as refused:
        KeyringKek(backend, "dep").create(1)
    assert says in str(refused.value)
    assert remedy in refused.value.remedy
    assert "gearbox-kek-v1" not in refused.value.explain()


def test_one_that_can_not_be_deleted_says_what_to_delete_by_hand() -> None:
    backend = ReadOnly()
    backend.entries.update(MemoryKeyring().entries)
    full = MemoryKeyring()
    KeyringKek(full, "dep").create(1)
    backend.entries.update(full.entries)
    with pytest.raises(VaultError) as refused:
        KeyringKek(backend, "dep").destroy(1)
    assert "entry dep/v1" in refused.value.remedy
    assert "gearbox-kek-v1" not in refused.value.explain()


@pytest.mark.parametrize("entry", ["", "not a key", "gearbox-kek-v1:c2hvcnQ=", "gearbox-kek-v1:ü"])
def test_something_else_under_the_name_is_refused_and_stays(entry: str) -> None:
    backend = MemoryKeyring()
    backend.entries["gearbox-vault", "dep/v1"] = entry
    for use in (KeyringKek(backend, "dep").load, KeyringKek(backend, "dep").create, KeyringKek(backend, "dep").destroy):
        with pytest.raises(WrongKek, match="not a Gearbox key") as refused:
            use(1)
        assert "c2hvcnQ" not in refused.value.explain()
    assert list(backend.entries.values()) == [entry]


class Slow(MemoryKeyring):
    """Like one that asks its user: other processes come in between."""

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(0.1)
        super().set_password(service, username, password)


def test_processes_that_start_together_do_not_replace_each_others_kek(tmp_path: Path, clock: Clock) -> None:
    backend = Slow()
    settings = Settings(home=tmp_path, database_url="", kek_source="keyring")

    def start(number: int) -> bytes:
        owner = OwnerId("test-host", number, f"token-{number}")
        store = open_store(settings.store_url, owner=owner, clock=clock)
        try:
            return KekRing.open(store, settings, clock, lambda: backend).active().material
        finally:
            store.close()

    start_first = open_store(settings.store_url, owner=OwnerId("test-host", 99, "first"), clock=clock)
    start_first.close()
    with ThreadPoolExecutor(6) as pool:
        keks = set(pool.map(start, range(6)))
    assert len(keks) == 1
    assert start(7) in keks, "what the keyring keeps is what they sealed with"
