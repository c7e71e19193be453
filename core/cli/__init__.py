"""The command line: `python -m core COMMAND`. Each module here is one command, or one group of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module

from core.clock import utc_now
from core.errors import GearboxError, RotatedElsewhere

COMMANDS = (
    "alerts",
    "announce",
    "announcements",
    "audit",
    "demo",
    "doctor",
    "evidence",
    "flags",
    "holds",
    "maintenance",
    "people",
    "retention",
    "routing",
    "token",
    "vault",
    "warehouse",
)
"""Modules here. Each has `register(commands)`, which adds its parser and sets `run`: options in, exit status out."""


def main(arguments: Sequence[str] | None = None, *, began: datetime | None = None) -> int:
    """Run a command; returns the exit status.

    0 fine, 1 faults were found, 2 it could not run, 3 another process does it or has just done it.

    Args:
        arguments: without the program's name; those of this process if there are none.
        began: when the person asked for it; now if that is not said.
    """
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m core", description="Gearbox on the command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    # Only the one that is asked for: what the others import takes as long again.
    for command in [name for name in COMMANDS if name in given[:1]] or COMMANDS:
        import_module(f"core.cli.{command}").register(commands)
    options = parser.parse_args(given)
    options.began = began or utc_now()
    try:
        return int(options.run(options))
    except RotatedElsewhere as error:
        print(error.explain())
        return 3
    except GearboxError as error:
        print(error.explain())
        return 2
