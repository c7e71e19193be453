"""A process that drains onto a disk that is full for a while; `test_full_disk` gives it one of its own."""

from __future__ import annotations

import errno
import json
import sys
import time
from pathlib import Path

from data.store import OwnerId, open_store
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import book, some
from tests.warehouse.conftest import QUICK
from tests.warehouse.drain_until_killed import say

CALLS = 300


def main(url: str, folder: str) -> None:
    disk = Path(folder)
    store = open_store(url, owner=OwnerId.current())
    writer = WarehouseWriter(disk / "warehouse.duckdb", store.outbox, pace=QUICK)
    writer.start()
    assert writer.flush(60)
    filler = disk / "somebody else's"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    book(store, some(CALLS))
    writer.flush(60)
    full = writer.status()
    with writer.reader() as cursor:
        (readable,) = cursor.execute("SELECT count(*) FROM model_calls").fetchall()[0]
    filler.unlink()
    while writer.status().rows_waiting or writer.status().last_error:  # it tries again by itself
        time.sleep(0.05)
    again = writer.status()
    writer.close()
    store.close()
    told = {"waiting": full.rows_waiting, "error": full.last_error, "remedy": full.remedy, "readable": readable}
    say(json.dumps(told | {"then": again.rows_waiting, "then_error": again.last_error}))


if __name__ == "__main__":
    main(*sys.argv[1:])
