"""`audit`: verify the audit log, take it away with its proof, and what auditors need for that. Works beside Gearbox."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from core.access.access import Access
from core.audit import standalone
from core.audit.export import Format
from core.audit.report import Report
from core.audit.service import AuditService
from core.cli.moments import moment
from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.errors import ConfigError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    audit = commands.add_parser("audit", help="verify the audit log, or take it away with its proof")
    group = audit.add_subparsers(dest="audit_command", required=True)
    verify = group.add_parser("verify", help="verify every event and checkpoint; names the first bad row of each chain")
    verify.set_defaults(run=_verify)
    export = group.add_parser("export", help="write a zip of events and their proof, for `standalone-verifier`")
    export.add_argument("--format", choices=get_args(Format), default="jsonl", help="of the events (%(default)s)")
    export.add_argument("--since", type=moment, help="not before this day or moment, UTC unless it says otherwise")
    export.add_argument("--until", type=moment, help="before this day or moment")
    export.add_argument("--output", type=Path, help="the zip to write (default: gearbox-audit-DATE.zip)")
    export.set_defaults(run=_export)
    public_key = group.add_parser("public-key", help="print the key that exports are verified with (PEM)")
    public_key.set_defaults(run=_public_key)
    verifier = group.add_parser("standalone-verifier", help="print the script that verifies an export without Gearbox")
    verifier.set_defaults(run=_verifier)


def _verify(_options: argparse.Namespace) -> int:
    with _opened(guards=False) as audit:  # what became of a database without them is what is asked here
        report = audit.verify_now(OPERATOR)
    print(_summary(report))
    for finding in report.findings:
        where = f"chain {finding.chain_id}, event {finding.seq}: " if finding.chain_id else ""
        print(f"  {finding.kind.value:<18} {where}{finding.words}")
    for note in report.notes:
        print(f"  note: {note}")
    return 0 if report.ok else 1


def _summary(report: Report) -> str:
    until = f"{report.covered_until:%F %T} UTC" if report.covered_until else "no moment yet"
    return (
        f"{'WHOLE' if report.ok else 'BROKEN'}: {report.events:,} events in {report.chains:,} chains, "
        f"{report.checkpoints:,} checkpoints, in {report.seconds:.1f} s.\n"
        f"{report.covered:,} events are under a signed checkpoint; outside the database up to {until}."
    )


def _export(options: argparse.Namespace) -> int:
    path: Path = options.output or Path(f"gearbox-audit-{utc_now():%Y-%m-%d}.zip")
    with _opened() as audit:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigError(
                f"{path} can't be written: {error.strerror}.", "Name another file with --output."
            ) from None
        try:
            with os.fdopen(handle, "wb") as file:
                exported = audit.export(OPERATOR, file, options.format, options.since, options.until)
        except BaseException:
            path.unlink()
            raise
    print(f"{path}: {exported.events:,} events of {exported.chains:,} chains, up to {exported.until:%F %T} UTC.")
    print(
        "Verify it with the script that `audit standalone-verifier` prints and the key that `audit public-key` prints."
    )
    return 0


def _public_key(_options: argparse.Namespace) -> int:
    with _opened() as audit:
        sys.stdout.write(audit.public_key(OPERATOR).decode())
    return 0


def _verifier(_options: argparse.Namespace) -> int:
    sys.stdout.write(standalone.as_one_file())
    return 0


@contextmanager
def _opened(*, guards: bool = True) -> Iterator[AuditService]:
    with opened_vault(guards=guards) as opened:
        yield AuditService(Access(opened.store), opened.trail, opened.store, utc_now)
