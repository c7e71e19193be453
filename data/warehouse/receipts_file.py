"""The receipts of what was taken out, beside the exported files: for whoever can't open the warehouse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.warehouse.erasing import Receipt
from data.warehouse.parquet import replace_text

NAME = "receipts.json"


def save_receipts(folder: Path, receipts: Sequence[Receipt]) -> None:
    """Write all of them, in the place of those that were there."""
    told = [[r.id, r.at.isoformat(), r.reason, r.policy, r.scope, dict(r.counts)] for r in receipts]
    replace_text(folder / NAME, json.dumps(told, separators=(",", ":")))


def saved_receipts(folder: Path) -> tuple[list[Receipt], datetime] | None:
    """Those that are written there, and when they were (UTC); None where there are none that can be read."""
    try:
        told = json.loads((folder / NAME).read_text("utf-8"))
        written = datetime.fromtimestamp((folder / NAME).stat().st_mtime, UTC)
        return [Receipt(id_, datetime.fromisoformat(at), *rest) for id_, at, *rest in told], written
    except (OSError, ValueError, TypeError):
        return None
