"""A process that drains and is killed with -9, by itself at a given point or by its parent at any."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb  # noqa: F401 - both before the fork: a process that is still importing is killed for nothing
import polars  # noqa: F401

from data.store import OwnerId, open_store
from data.store.outbox import Outbox
from data.values.outbox import OutboxRow
from data.warehouse.writer import WarehouseWriter


def say(line: str) -> None:
    """Tell the parent at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class DyingOutbox(Outbox):
    """A real outbox whose process dies at `point`."""

    def __init__(self, real: Outbox, point: str) -> None:
        self._real = real
        self._point = point
        self._begun = False

    def batch(self, limit: int) -> list[OutboxRow]:
        rows = self._real.batch(limit)
        if not self._begun:
            self._begun = True
            say("begins")
        self._die_at("before insert")
        return rows

    def delete(self, ids: Sequence[int]) -> None:
        self._die_at("before delete")
        self._real.delete(ids)
        self._die_at("after delete")

    def _die_at(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, path: str, batch_rows: str, point: str) -> None:
    store = open_store(url, owner=OwnerId.current())
    writer = WarehouseWriter(Path(path), DyingOutbox(store.outbox, point), batch_rows=int(batch_rows))
    writer.start()
    writer.flush(60)
    say("drained")
    time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
