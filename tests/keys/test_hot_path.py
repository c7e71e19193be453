"""An event loop opens a key itself only where nothing has to be read for it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from core.errors import NotFound
from core.providers.keys import key_for_call
from core.vault import Vault
from core.vault.proofs import CACHE_FOR
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.models import Endpoint
from tests.keys.house import ALICE, BOB, KEY, KeyHouse
from tests.people import receipt


class WatchedVault(Vault):
    """The real one, which notes the threads that keys are opened in."""

    threads: list[int]

    def open_key(self, secret_id: str, *, origin: str, actor: Actor, receipt: Receipt) -> str:
        self.threads.append(threading.get_ident())
        return super().open_key(secret_id, origin=origin, actor=actor, receipt=receipt)


async def test_a_key_opens_on_the_loop_only_while_its_proof_is_at_hand(house: KeyHouse) -> None:
    vault = WatchedVault(house.store, house.vault.ring, house.clock)
    vault.threads = []
    endpoint = house.keys.add_server(ALICE, "Box", "http://127.0.0.1:9/v1", KEY)
    here = threading.get_ident()

    async def opened(actor: Actor = ALICE, used: Endpoint = endpoint) -> bool:
        assert await key_for_call(vault, used, actor, receipt(used.secret_id)) == KEY
        return vault.threads[-1] == here

    assert not await opened(), "the first time it has to be proven"
    assert await opened()
    house.clock.forward(seconds=CACHE_FOR / timedelta(seconds=1))
    assert not await opened()
    assert await opened()
    with pytest.raises(NotFound):  # a refusal is written into the audit log, which takes a commit
        await opened(BOB)
    assert vault.threads[-1] != here


async def test_a_server_without_a_key_asks_no_vault(house: KeyHouse) -> None:
    vault = WatchedVault(house.store, house.vault.ring, house.clock)
    vault.threads = []
    endpoint = house.keys.add_server(ALICE, "Box", "http://127.0.0.1:9/v1", None)
    assert await key_for_call(vault, endpoint, ALICE, receipt(None)) is None
    assert vault.threads == []
