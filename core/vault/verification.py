"""Does everything in the vault open? For a backup before it is needed, and for the vault in use."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import VaultError
from core.vault.envelope import open_, rewrap
from core.vault.head import Heads, Proven
from core.vault.ring import KekRing
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True, slots=True)
class VaultFinding:
    """A stored key that does not open, and what is wrong with it."""

    secret_id: str
    words: str


@dataclass(frozen=True, slots=True)
class VaultReport:
    """What a verification looked at: secrets, all versions of them, and those that do not open."""

    secrets: int
    versions: int
    findings: tuple[VaultFinding, ...]


def verify_vault(
    store: Store, ring: KekRing, on_progress: Callable[[int, int], object] = lambda _done, _total: None
) -> VaultReport:
    """Open every version of every secret, and let go of the plaintext at once. Blocking, about 1 ms a secret.

    Of user-sealed ones the outer seal is opened: what their owner's passphrase seals nobody else can look at.

    Args:
        store: the database.
        ring: its open KEKs.
        on_progress: called with how many of how many secrets are done.

    Raises:
        WrongKek: a KEK can't be had, so that nothing can be said.
    """
    heads, findings, versions = Heads(store, ring), [], 0
    ids = store.secrets.ids()
    for number, secret_id in enumerate(ids, start=1):
        try:
            proven = heads.prove(secret_id)
            if proven is not None:
                versions += len(proven.record.versions)
                _open_all(proven, store.deployment_id, ring)
            elif secret_id in store.secrets.ids():  # else it was removed just now
                findings.append(VaultFinding(secret_id, "All of its versions were deleted."))
        except VaultError as error:
            findings.append(VaultFinding(secret_id, str(error)))
        on_progress(number, len(ids))
    return VaultReport(len(ids), versions, tuple(findings))


def verify_in_use(
    actor: Actor, store: Store, ring: KekRing, on_progress: Callable[[int, int], object] = lambda _done, _total: None
) -> VaultReport:
    """`verify_vault` of the vault in use. Keys are opened, so the audit log says so before and afterwards."""
    operation = uuid.uuid4().hex
    intent = AuditEvent.by(actor, Action.VAULT_VERIFY, AuditOutcome.INTENT, operation=operation)
    store.audit.intend(intent)
    report = verify_vault(store, ring, on_progress)
    store.audit.record(
        AuditEvent.by(
            actor,
            Action.VAULT_VERIFY,
            AuditOutcome.FAILED if report.findings else AuditOutcome.DONE,
            operation=operation,
            secrets=report.secrets,
            damaged=len(report.findings),
        )
    )
    return report


def _open_all(proven: Proven, deployment: str, ring: KekRing) -> None:
    for sealed in proven.record.versions:
        kek = ring.get(sealed.kek_id)
        if proven.record.user_sealed:
            rewrap(sealed.wrapped_dek, sealed.binding, deployment, kek, kek)
        else:
            open_(sealed.blob, sealed.wrapped_dek, sealed.binding, deployment, kek)
