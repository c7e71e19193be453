"""`vault`: rotate the KEK, see how it stands, back up, restore. Works beside a running Gearbox."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from core.cli import backup
from core.cli.opened import OPERATOR, OpenedVault, opened_vault
from core.clock import utc_now
from core.vault.kek import new_kek
from core.vault.rotation import KekRotator
from data.values.keks import RotationRecord, RotationStep

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SOURCES = ("file", "keyring", "environment", "transit")
_BAR = 30


def register(commands: Commands) -> None:
    """Add the group."""
    vault = commands.add_parser("vault", help="rotate the key-encryption key (KEK), see how it stands")
    group = vault.add_subparsers(dest="vault_command", required=True)
    rotate = group.add_parser("rotate", help="make a new KEK and move everything under it; resumes an interrupted one")
    rotate.add_argument("--source", choices=SOURCES, help="where the new KEK is kept (default: as the settings say)")
    rotate.add_argument(
        "--destroy",
        action="store_true",
        help="afterwards destroy retired KEKs that seal nothing; provider keys in older backups are lost with them",
    )
    rotate.set_defaults(run=_rotate)
    group.add_parser("status", help="the KEKs, and the last rotation").set_defaults(run=_status)
    new = group.add_parser("new-kek", help="print a new KEK for GEARBOX_KEK or GEARBOX_KEK_FILE")
    new.set_defaults(run=_new_kek)
    backup.register(group)


def _rotate(options: argparse.Namespace) -> int:
    progress = _Progress()
    with opened_vault() as opened:
        opened.trail.start()  # takes longer than checkpoints may be apart
        done = _rotator(opened).run(
            OPERATOR, progress, source=options.source, destroy=options.destroy, since=options.began
        )
        progress.end()
        left = opened.store.keks.in_use().get(done.from_kek, 0)
        print(f"KEK v{done.to_kek} is active, {done.done} records were moved from KEK v{done.from_kek}.")
        if left:
            print(f"{left} records do not open and stay under KEK v{done.from_kek}; the audit log names them.")
        gone = {record.kek_id for record in opened.store.keks.all()}
        if options.destroy and done.from_kek not in gone:
            print(f"KEK v{done.from_kek} is destroyed.")
        return 1 if left else 0


def _status(_options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        in_use = opened.store.keks.in_use()
        for record in opened.store.keks.all():
            place = opened.ring.sources.place(record)
            seals = in_use.get(record.kek_id, 0)
            print(f"KEK v{record.kek_id}  {record.state.value:<8} since {record.created_at:%Y-%m-%d}  ", end="")
            print(f"seals {seals} records, in {place}")
        last = _rotator(opened).state()
        if last is None:
            print("It was never rotated.")
        elif last.finished_at is not None:
            print(f"Last rotation: v{last.from_kek} to v{last.to_kek}, {last.step.value}, {last.finished_at:%F %T} UTC")
        else:
            how = "under way" if _rotator(opened).is_running() else "interrupted: `vault rotate` ends it"
            print(f"Rotation v{last.from_kek} to v{last.to_kek}: {_words(last)}, {how}")
    return 0


def _new_kek(_options: argparse.Namespace) -> int:
    print(new_kek(), end="")
    return 0


class _Progress:
    """A bar where somebody looks, a line for each step elsewhere."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._step: RotationStep | None = None

    def __call__(self, record: RotationRecord) -> None:
        if self._is_terminal:
            share = record.done / record.total if record.total else float(record.step is RotationStep.DONE)
            bar = "#" * round(share * _BAR)
            sys.stderr.write(f"\r[{bar:<{_BAR}}] {_words(record):<50}")
            sys.stderr.flush()
        elif record.step is not self._step:
            sys.stderr.write(f"{_words(record)}\n")
        self._step = record.step

    def end(self) -> None:
        """Leave the bar's line."""
        if self._is_terminal:
            sys.stderr.write("\n")


def _words(record: RotationRecord) -> str:
    step = record.step.value.replace("_", " ")
    return f"{step} {record.done:,}/{record.total:,}" if record.total else step


def _rotator(opened: OpenedVault) -> KekRotator:
    return KekRotator(opened.store, opened.ring, utc_now)
