from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.store import Store
from data.values.errors import StoreError
from data.values.keks import KekRecord, KekState

AT = datetime(2026, 11, 23, tzinfo=UTC)


def kek(kek_id: int = 1, state: KekState = KekState.ACTIVE, canary: bytes = b"\x00canary\xff") -> KekRecord:
    return KekRecord(kek_id, state, "file", canary, AT)


def test_keks_come_back_in_order(store: Store) -> None:
    assert store.keks.all() == []
    store.keks.add(kek(2))
    store.keks.add(kek(1, KekState.RETIRED))
    assert store.keks.all() == [kek(1, KekState.RETIRED), kek(2)]


def test_a_new_active_kek_retires_the_one_before(store: Store) -> None:
    store.keks.add(kek(1))
    store.keks.add(kek(2))
    assert store.keks.all() == [kek(1, KekState.RETIRED), kek(2)]


def test_of_two_first_keks_the_second_is_refused(store: Store) -> None:
    store.keks.add(kek(1))
    with pytest.raises(StoreError, match="KEK 1"):
        store.keks.add(kek(1, canary=b"another"))
    assert store.keks.all() == [kek(1)]
