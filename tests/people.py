"""The people of the tests, and receipts for the keys they open."""

from __future__ import annotations

from core.vault.passphrase import Cost
from data.values.actor import Actor, Role
from data.values.audit import Receipt, secret_target

ALICE = Actor("alice", frozenset({Role.MEMBER}))
BOB = Actor("bob", frozenset({Role.MEMBER}))
CHEAP = Cost(memory_kib=32, iterations=1, lanes=4)
"""For seals that nobody guesses at."""


def receipt(secret_id: str | None) -> Receipt:
    """What the store hands out once the intent to use a key is in the audit log."""
    return Receipt("operation", secret_target(secret_id or ""))
