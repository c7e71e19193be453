"""A process's view of a database in these tests: its store, its KEKs, its vault and its rotator."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.vault import Vault
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.store import Store
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner
from tests.people import ALICE, receipt

ORIGIN = "https://api.openai.com"
ADMIN = Actor("admin", frozenset({Role.ADMIN}))


@dataclass
class Place:
    """See above; `keys` are the keys that were put here, by secret id."""

    store: Store
    ring: KekRing
    vault: Vault
    rotator: KekRotator
    keys: dict[str, str] = field(default_factory=dict)

    def put(self, count: int = 1) -> None:
        for _ in range(count):
            key = f"sk-canary-{len(self.keys):08d}"
            card = self.vault.put(ALICE, KeyOwner.USER, ALICE.user_id, provider="openai", origin=ORIGIN, plaintext=key)
            self.keys[card.binding.secret_id] = key

    def opens(self, keys: dict[str, str]) -> bool:
        """Whether every one of `keys` comes back right here."""
        return all(
            self.vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt(secret_id)) == key
            for secret_id, key in keys.items()
        )
