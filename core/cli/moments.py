"""Moments as people type them on the command line."""

from __future__ import annotations

import argparse
from datetime import datetime

from core.clock import moment_of


def moment(text: str) -> datetime:
    """A day or a moment, UTC unless it says otherwise.

    Raises:
        ArgumentTypeError: it is neither.
    """
    try:
        return moment_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day or moment; write 2026-11-25 or 2026-11-25T14:00"
        ) from None
