from __future__ import annotations

import pytest

from core.errors import NotFound
from core.vault import Vault
from data.store import Store
from data.values.audit import secret_target
from tests.people import ALICE, receipt


def test_a_secret_of_gearboxs_own_comes_back(vault: Vault) -> None:
    first = vault.put_system("audit signing key", b"\x00\x01\xff" * 11)
    second = vault.put_system("audit signing key", b"another")
    assert vault.open_system(first) == b"\x00\x01\xff" * 11
    assert vault.open_system(second) == b"another"


def test_calls_never_get_one(vault: Vault) -> None:
    secret_id = vault.put_system("audit signing key", b"material")
    with pytest.raises(NotFound):
        vault.open_key(secret_id, origin="", actor=ALICE, receipt=receipt(secret_id))
    with pytest.raises(NotFound):
        vault.remove(ALICE, secret_id)
    assert not vault.at_hand(secret_id, origin="", actor=ALICE)


def test_what_is_no_system_secret_does_not_open_as_one(vault: Vault) -> None:
    with pytest.raises(NotFound):
        vault.open_system("no-such-secret")


def test_its_use_is_in_the_audit_log(vault: Vault, store: Store) -> None:
    secret_id = vault.put_system("audit signing key", b"material")
    vault.open_system(secret_id)
    with store._database.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT action, outcome FROM audit_events WHERE target = '{secret_target(secret_id)}' ORDER BY seq"
        ).all()
    assert [tuple(row) for row in rows] == [("key.create", "done"), ("key.use", "intent"), ("key.use", "done")]
