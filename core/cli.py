"""The command line: `python -m core COMMAND`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from core.config import load_settings
from core.doctor import Health, examine
from core.errors import GearboxError

_MARKS = {Health.OK: "  ok ", Health.NOTE: " note", Health.FAULT: "FAULT"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 fine, 1 faults were found, 2 it could not run."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Gearbox on the command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="what is configured, reachable and missing, with the fix for each")
    doctor.add_argument(
        "--url", default="http://127.0.0.1:8501", help="where the app should be running (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        return _doctor(options.url)
    except GearboxError as error:
        print(error.explain())
        return 2


def _doctor(app_url: str) -> int:
    settings = load_settings()
    faults = 0
    for finding in examine(settings, app_url.rstrip("/"), lambda: datetime.now(UTC)):
        faults += finding.health is Health.FAULT
        print(f"{_MARKS[finding.health]}  {finding.subject:<14} {finding.text}")
        if finding.fix:
            print(f"{'':22}-> {finding.fix}")
    print(f"\n{faults} fault{'s' if faults != 1 else ''}." if faults else "\nNo faults.")
    return 1 if faults else 0
