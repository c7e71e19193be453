"""The thread that keeps the exported files current while Gearbox runs."""

from __future__ import annotations

import logging
import threading

from data.values.errors import WarehouseError
from data.warehouse.exports import Exports
from data.warehouse.writer import WarehouseWriter

_log = logging.getLogger(__name__)
_AT_ONCE = 200  # files, in one transaction of some seconds: an older one keeps DuckDB from tidying up


class SealThread:
    """Looks at once in a while which days have no current file, and writes those.

    Args:
        exports: the files.
        writer: lends cursors of the warehouse.
        first: seconds before it looks first: a start has better things to do.
        every: seconds between.
    """

    def __init__(self, exports: Exports, writer: WarehouseWriter, *, first: float = 30.0, every: float = 600.0) -> None:
        self._exports = exports
        self._writer = writer
        self._first = first
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warehouse-exports", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End it, after the file that it is at."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _seal(self) -> int:
        with self._writer.reader() as cursor:
            return self._exports.seal(cursor, self._stopping.is_set, most=_AT_ONCE)

    def _run(self) -> None:
        told = ""
        pause = self._first
        while not self._stopping.wait(pause):
            pause = self._every
            try:
                if self._seal() >= _AT_ONCE:
                    pause = 0.0
                told = ""
            except WarehouseError as error:
                if str(error) != told:  # once, however often it is tried again
                    told = str(error)
                    _log.warning("The usage of closed days could not be exported: %s", error)
