"""`evidence`: everything that an auditor asks a deployment for, as one dated zip. Works beside Gearbox."""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.access.gate import build_access
from core.cli.moments import moment
from core.cli.opened import OPERATOR, OpenedVault, opened_vault
from core.clock import utc_now
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.evidence.service import Evidence

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    evidence = commands.add_parser("evidence", help="write what auditors ask for into one zip")
    group = evidence.add_subparsers(dest="evidence_command", required=True)
    export = group.add_parser("export", help="people, keys, rotations, changes, settings, packages, the log's verdict")
    export.add_argument("--out", type=Path, help="the zip to write, or a folder (default: gearbox-evidence-DATE.zip)")
    export.add_argument("--since", type=moment, help="logs not before this day or moment, UTC unless it says otherwise")
    export.add_argument("--until", type=moment, help="logs before this day or moment")
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    out: Path = options.out or Path()
    if out.is_file():
        raise ConfigError(f"{out} is there already.", "Name another file with --out: evidence is never overwritten.")
    with opened_vault() as opened:
        try:
            path, evidence = _kept(opened, out, options.since, options.until)
        except OSError as error:
            raise ConfigError(
                f"The evidence can't be written to {out}: {error.strerror}.", "Name another file with --out."
            ) from None
    log = "is whole" if evidence.log_is_whole else "IS BROKEN: see audit/verification.json in it"
    print(f"{path}: {len(evidence.files)} files. The audit log {log}.")
    print("Check it where it is unpacked with: sha256sum -c SHA256SUMS")
    return 0 if evidence.log_is_whole else 1


def _kept(opened: OpenedVault, out: Path, since: datetime | None, until: datetime | None) -> tuple[Path, Evidence]:
    """Write beside the target, readable by its owner alone; it has its name when it is whole and on disk."""
    from core.evidence.service import EvidenceService  # 0.3 s, which no other command needs

    access = build_access(opened.settings, opened.store, utc_now)
    service = EvidenceService(access, opened.store, opened.ring, opened.trail, settings=opened.settings, clock=utc_now)
    folder = out if out.is_dir() else out.parent
    handle, name = tempfile.mkstemp(prefix=".gearbox-evidence-", dir=folder)  # made 0600
    try:
        with os.fdopen(handle, "w+b") as file:
            evidence = service.write(OPERATOR, file, since, until)
            file.flush()
            os.fsync(file.fileno())
        path = out / evidence.name if out.is_dir() else out
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path, evidence
