"""`vault backup`, `vault verify` and `vault restore`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.config import load_settings
from core.vault.backup import OpenBackup, opened_backup, write_backup
from core.vault.restoring import restore_backup
from core.vault.verification import VaultReport, verify_in_use, verify_vault

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_TELL_EVERY = 1000


def register(group: Commands) -> None:
    """Add the commands to the group `vault`."""
    backup = group.add_parser("backup", help="write the whole database to one sealed file, while Gearbox runs")
    backup.add_argument("file", type=Path, nargs="?", help="a new file (default: gearbox-DATE.backup, here)")
    backup.set_defaults(run=_backup)
    verify = group.add_parser("verify", help="does everything in the vault, or in a backup, open?")
    verify.add_argument("file", type=Path, nargs="?", help="a backup (default: the vault in use)")
    verify.set_defaults(run=_verify)
    restore = group.add_parser("restore", help="put a backup in the place of the database; Gearbox must be stopped")
    restore.add_argument("file", type=Path, help="what `vault backup` wrote")
    restore.add_argument("--force", action="store_true", help="also where there is a database: all of it is replaced")
    restore.set_defaults(run=_restore)


def _backup(options: argparse.Namespace) -> int:
    path = options.file or Path(f"gearbox-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup")
    with opened_vault() as opened:
        manifest = write_backup(OPERATOR, opened.store, opened.ring, utc_now, path)
        print(f"Wrote {path}: {sum(manifest.rows.values()):,} rows, sealed with KEK v{manifest.kek_id}.")
        in_use = opened.store.keks.in_use()
        print("Keep a copy of what opens it, apart from it:")
        for record in opened.store.keks.all():
            if record.kek_id in in_use or record.kek_id == manifest.kek_id:
                print(f"  KEK v{record.kek_id}: {opened.ring.sources.place(record)}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    if options.file is None:
        with opened_vault() as opened:
            return _told(verify_in_use(OPERATOR, opened.store, opened.ring, _progress()))
    with opened_backup(options.file, load_settings(), utc_now) as backup:
        print(_what(backup))
        return _told(verify_vault(backup.store, backup.ring, _progress()))


def _restore(options: argparse.Namespace) -> int:
    restored = restore_backup(OPERATOR, options.file, load_settings(), utc_now, force=options.force)
    print(
        f"Restored the backup of {restored.manifest.made_at:%F %T} UTC, {sum(restored.manifest.rows.values()):,} rows."
    )
    print("Everybody signs in again. What was revoked or deactivated after that backup is valid again: look at it now.")
    with opened_vault() as opened:
        # The file outside may know of more than the backup: without this, that looks cut off by somebody.
        epoch = opened.trail.restored(OPERATOR, restored.manifest.backup_id).epoch
    print(f"The audit log says so: its epoch {epoch} begins here.")
    return _told(restored.report)


def _what(backup: OpenBackup) -> str:
    manifest = backup.manifest
    return f"A backup of {manifest.made_at:%F %T} UTC, {sum(manifest.rows.values()):,} rows, unchanged since."


def _told(report: VaultReport) -> int:
    for finding in report.findings:
        print(f"secret {finding.secret_id}: {finding.words}")
    bad = len(report.findings)
    print(f"{report.secrets - bad} of {report.secrets} secrets open, in {report.versions} versions.")
    return 1 if bad else 0


def _progress() -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done % _TELL_EVERY == 0:
            sys.stderr.write(f"{done:,} of {total:,} secrets\n")

    return tell
