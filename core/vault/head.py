"""A secret's head: the sealed facts about all of its versions, and the proof that no older copy was put back.

The head is written in the transaction of every change, together with an audit event whose `operation` names its number.
Rows that differ from their head were edited; a head whose next number is in the audit log was overtaken, so what lies
in the database is an older copy. To go back unnoticed, somebody has to rewrite the audit log as well, which its chains
and signed checkpoints tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.errors import KeyTampered, SecretDamaged, VaultError
from core.vault.envelope import Kek, altered, open_head, seal_head
from core.vault.ring import KekRing
from data.values.canonical import canonical_json
from data.values.secrets import SealedHead, SealedSecret, SecretOwner, SecretRecord

if TYPE_CHECKING:
    from data.store import Store

FIRST_SEQ = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOOKS = 4


@dataclass(frozen=True, slots=True)
class Proven:
    """A secret whose rows are what its head says; `seq` is the head's number, 0 where it has none yet."""

    record: SecretRecord
    seq: int


class Heads:
    """Seals heads, and proves secrets by them. Thread-safe."""

    def __init__(self, store: Store, ring: KekRing) -> None:
        self._store = store
        self._ring = ring

    def sealed(
        self, owner: SecretOwner, versions: Sequence[SealedSecret], user_sealed: bool, seq: int, kek: Kek
    ) -> SealedHead:
        """The head that goes with these versions."""
        facts = _facts(versions, user_sealed, seq)
        return SealedHead(seal_head(facts, owner, self._store.deployment_id, kek), kek.kek_id)

    def prove(self, secret_id: str, *, though_untold: bool = False) -> Proven | None:
        """A secret as it is in the database, proven by its head; None when there is none.

        Args:
            secret_id: which.
            though_untold: also one whose last change the audit log lacks. For who verifies the log alone: that is what
                is to be found out then.

        Raises:
            KeyTampered: it is not what Gearbox wrote last.
            WrongKek: the KEK of its head can't be had.
        """
        for _ in range(_LOOKS):
            record = self._found(secret_id)
            if record is None:
                return None
            seq = self._seq(record)
            told = self._store.secrets.told([head_operation(secret_id, seq + n) for n in (0, 1)] + [gone(secret_id)])
            fault = _overtaken(secret_id, seq, told | {head_operation(secret_id, seq)} if though_untold else told)
            if fault is None:
                return Proven(record, seq)
            # Between the two reads another process may have changed the secret, honestly. Then its rows differ now.
            if self._found(secret_id) == record:
                raise fault
        raise VaultError("This key is being changed again and again.", "Try again in a moment.")

    def _found(self, secret_id: str) -> SecretRecord | None:
        try:
            return self._store.secrets.find(secret_id)
        except SecretDamaged:
            raise altered() from None

    def _seq(self, record: SecretRecord) -> int:
        """The number of a record's head, whose facts are those of the rows; 0 without a head."""
        if record.head is None:
            return 0
        if record.head.kek_id is None:
            raise altered()
        kek = self._ring.get(record.head.kek_id)
        opened = open_head(record.head.sealed, record.owner, self._store.deployment_id, kek)
        seq = int(json.loads(opened)["seq"])
        if opened != _facts(record.versions, record.user_sealed, seq):
            raise altered()
        return seq


def head_operation(secret_id: str, seq: int) -> str:
    """How the audit log names the change that wrote a head."""
    return f"head:{secret_id}:{seq}"


def gone(secret_id: str) -> str:
    """How the audit log names the end of a secret: no head of it counts any more."""
    return f"head:{secret_id}:gone"


def _overtaken(secret_id: str, seq: int, told: set[str]) -> KeyTampered | None:
    remedy = "Look at the audit log, then remove the key and enter it again."
    if gone(secret_id) in told:
        return KeyTampered("A stored key can't be opened: it was removed before, and its record was put back.", remedy)
    if head_operation(secret_id, seq + 1) in told:
        return KeyTampered("A stored key can't be opened: an older copy of its record was put back.", remedy)
    if seq and head_operation(secret_id, seq) not in told:
        return KeyTampered("A stored key can't be opened: the audit log does not know of its last change.", remedy)
    return None


def _facts(versions: Sequence[SealedSecret], user_sealed: bool, seq: int) -> bytes:
    facts: dict[str, Any] = {
        "seq": seq,
        "user_sealed": user_sealed,
        "versions": [
            {
                "v": sealed.binding.version,
                "created": _instant(sealed.created_at),
                "expires": _instant(sealed.binding.expires_at),
                "grace": _instant(sealed.grace_until),
                "revoked": _instant(sealed.revoked_at),
                # Also where no call opens it, and of user-sealed keys without the passphrase. Not the wrapped DEK: a
                # rotation of the KEK replaces that.
                "blob": hashlib.sha256(sealed.blob).hexdigest(),
                "provider": sealed.binding.provider,
                "origin": sealed.binding.origin,
                "last4": sealed.last4,
            }
            for sealed in versions
        ],
    }
    return canonical_json(facts).encode()


def _instant(moment: datetime | None) -> int | None:
    # Whole microseconds since 1970: the same number whatever zone a database driver hands back.
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)
