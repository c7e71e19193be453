"""`uv run python -m bench.warehouse --events 1000000`: see the figures in docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.warehouse.browser import browser_times
from bench.warehouse.filling import fill, outbox_rate
from bench.warehouse.pages import page_times
from bench.warehouse.sqlite import sqlite_times
from bench.warehouse.summing import summing_times


def main() -> int:
    """Print the tables, one part after the other."""
    options = argparse.ArgumentParser(prog="python -m bench.warehouse")
    options.add_argument("--events", type=int, default=1_000_000, help="rows of all kinds, of one year")
    options.add_argument("--rounds", type=int, default=9, help="how often each page is asked")
    options.add_argument("--outbox", type=int, default=200_000, help="events that go through the outbox")
    options.add_argument("--keep", type=Path, help="leave the file here, and take it from here when it is there")
    options.add_argument("--browser", action="store_true", help="only the pages in Chromium, and the chat beside them")
    chosen = options.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="gearbox-bench-") as folder:
        path = chosen.keep or Path(folder) / "warehouse.duckdb"
        filled = fill(path, chosen.events, now), summing_times(path, now)
        seen = browser_times(path, Path(folder), chosen.rounds)
        measured = (
            page_times(path, now, chosen.rounds),
            outbox_rate(Path(folder), chosen.outbox, now),
            sqlite_times(Path(folder), min(chosen.events, 1_000_000), now, chosen.rounds),
        )
        for lines in (*filled, *((seen,) if chosen.browser else measured)):
            for line in lines:
                print(line, flush=True)
            print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
