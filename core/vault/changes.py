"""Changing a secret that is kept already: proven first, then replaced as a whole if it still is what was proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from core.errors import SecretChanged
from core.vault.envelope import Kek
from core.vault.head import Heads, Proven, head_operation
from core.vault.owners import missing_key
from core.vault.proofs import Proofs
from core.vault.ring import KekRing
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, Detail, secret_target
from data.values.secrets import SealedSecret, SecretOwner

if TYPE_CHECKING:
    from data.store import Store

KEPT_VERSIONS = 20
"""A secret's oldest revoked versions beyond this many are forgotten: the audit log has them still."""
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a secret: all its versions, what the audit event says besides, and further events."""

    versions: Sequence[SealedSecret]
    details: Mapping[str, Detail] = field(default_factory=dict)
    events: Sequence[AuditEvent] = ()


Decide = Callable[[Proven, Kek], Change | None]
"""What becomes of a secret, sealed with the KEK given where something is sealed anew; None leaves it as it is."""


class Changes:
    """Writes new heads. Thread-safe."""

    def __init__(self, store: Store, ring: KekRing, heads: Heads, proofs: Proofs) -> None:
        self._store = store
        self._ring = ring
        self._heads = heads
        self._proofs = proofs

    def proven(self, secret_id: str, allow: Callable[[SecretOwner], None]) -> Proven:
        """A secret as it is in the database now, never as it was proven a moment ago.

        `allow` raises for whoever may not change it; asked first, because to them a damaged key is as missing as any.

        Raises:
            NotFound: there is none.
            KeyTampered: it is not what Gearbox wrote last.
        """
        record = self._store.secrets.find(secret_id)
        if record is None:
            raise missing_key()
        allow(record.owner)
        proven = self._heads.prove(secret_id)
        if proven is None:
            raise missing_key()
        return proven

    def apply(
        self, actor: Actor, action: Action, secret_id: str, allow: Callable[[SecretOwner], None], decide: Decide
    ) -> None:
        """Change a secret, with an event of `action`, in one transaction. See `proven`.

        Raises:
            SecretChanged: others changed it again and again.
        """
        for attempt in range(_ATTEMPTS):
            proven = self.proven(secret_id, allow)
            try:
                self._ring.seal_with(partial(self._write, actor, action, proven, decide))
            except SecretChanged:
                if attempt + 1 == _ATTEMPTS:
                    raise
            else:
                return

    def forget(self, secret_id: str) -> None:
        """It was changed here in another way."""
        self._proofs.forget(secret_id)

    def _write(self, actor: Actor, action: Action, proven: Proven, decide: Decide, kek: Kek) -> None:
        change = decide(proven, kek)
        if change is None:
            return
        before, seq = proven.record, proven.seq + 1
        versions = _kept(change.versions)
        head = self._heads.sealed(before.owner, versions, before.user_sealed, seq, kek)
        told = AuditEvent.by(
            actor,
            action,
            AuditOutcome.DONE,
            target=secret_target(before.owner.secret_id),
            operation=head_operation(before.owner.secret_id, seq),
            **change.details,
        )
        try:
            self._store.secrets.change(before, replace(before, versions=versions, head=head), *change.events, told)
        finally:
            self._proofs.forget(before.owner.secret_id)


def _kept(versions: Sequence[SealedSecret]) -> tuple[SealedSecret, ...]:
    beyond = len(versions) - KEPT_VERSIONS
    oldest = {each.binding.version for each in versions if each.revoked_at is not None and beyond > 0}
    dropped = set(sorted(oldest)[: max(beyond, 0)])
    return tuple(each for each in versions if each.binding.version not in dropped)
