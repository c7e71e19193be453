"""Restoring a backup: all of it or nothing, and never over something without being told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import Settings
from core.errors import StoreError
from core.vault.backup import Manifest, OpenBackup, opened_backup
from core.vault.kek_keyring import system_keyring
from core.vault.verification import VaultReport, verify_vault
from data.store.snapshot import contents, replace_database
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and whether the keys in it open: those that don't did not when the backup was made."""

    manifest: Manifest
    report: VaultReport


def restore_backup(
    actor: Actor,
    path: Path,
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    force: bool = False,
    keyring: Callable[[], KeyringBackend | None] = system_keyring,
) -> Restored:
    """Put a backup in the place of the database of `settings`, in one transaction.

    Sessions are not restored: everybody signs in again. Everything that was revoked after the backup is as it was
    before. The intent of the restore is the newest event then; the caller signs its outcome (`Trail.restored`), so that
    what came after the backup is not taken for cut off by somebody.

    Args:
        actor: who restores.
        path: what `write_backup` wrote.
        settings: say where the database and its KEKs are.
        clock: returns aware instants.
        force: also where there is a database already.
        keyring: the machine's keyring.

    Raises:
        VaultError: it is no backup, or was changed.
        WrongKek: the KEKs of the backup can't be had here.
        StoreError: there is a database already, a Gearbox runs on it, or it can't be written.
    """
    if not force and (there := contents(settings.store_url)) is not None:
        words = ", ".join(f"{count} {name}" for name, count in there.items())
        raise StoreError(
            f"There is a database already, with {words}.",
            "Restore into a new one, or add --force: then all of it is replaced. Back it up first.",
        )
    with opened_backup(path, settings, clock, keyring) as backup:
        report = verify_vault(backup.store, backup.ring)
        _replace(actor, backup, settings, clock)
        return Restored(backup.manifest, report)


def _replace(actor: Actor, backup: OpenBackup, settings: Settings, clock: Callable[[], datetime]) -> None:
    manifest = backup.manifest

    def restored(rows: Mapping[str, int]) -> AuditEvent:
        return AuditEvent.by(
            actor,
            Action.VAULT_RESTORE,
            AuditOutcome.INTENT,  # its outcome is the signed statement that the caller adds
            target=f"backup:{manifest.backup_id}",
            operation=f"restore:{manifest.backup_id}",
            made_at=manifest.made_at.isoformat(),
            rows=sum(rows.values()),
        )

    replace_database(settings.store_url, backup.snapshot, manifest.deployment_id, clock, restored)
