"""Every refusal of the vault is in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import GearboxError
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    from data.store import Store


@contextmanager
def refusals_told(store: Store, actor: Actor, action: Action, target: str, operation: str = "") -> Iterator[None]:
    """Book a refused outcome of what runs inside when it raises one of Gearbox's errors, which goes on."""
    try:
        yield
    except GearboxError as refusal:
        reason = type(refusal).__name__
        store.audit.record(
            AuditEvent.by(actor, action, AuditOutcome.REFUSED, target=target, operation=operation, reason=reason)
        )
        raise
