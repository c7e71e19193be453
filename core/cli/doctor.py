"""`doctor`: what is configured, reachable and missing, with the fix for each."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.config import load_settings
from core.doctor import Health, examine

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_MARKS = {Health.OK: "  ok ", Health.NOTE: " note", Health.FAULT: "FAULT"}


def register(commands: Commands) -> None:
    """Add the command."""
    doctor = commands.add_parser("doctor", help="what is configured, reachable and missing, with the fix for each")
    doctor.add_argument(
        "--url", default="http://127.0.0.1:8501", help="where the app should be running (default: %(default)s)"
    )
    doctor.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    settings = load_settings()
    faults = 0
    for finding in examine(settings, options.url.rstrip("/"), lambda: datetime.now(UTC)):
        faults += finding.health is Health.FAULT
        print(f"{_MARKS[finding.health]}  {finding.subject:<14} {finding.text}")
        if finding.fix:
            print(f"{'':22}-> {finding.fix}")
    print(f"\n{faults} fault{'s' if faults != 1 else ''}." if faults else "\nNo faults.")
    return 1 if faults else 0
