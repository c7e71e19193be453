"""One limited process as the app sees it: started, sent files, asked, and killed at the first trouble."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.query.frames import receive, send
from data.query.values import Feed, Limits, QueryError, Rows, Table, Tables

_ROOT = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from data.query.child import main; main(sys.argv[2])"
_REPLY = 16  # times the bytes of a result: JSON, and a letter may take six
_GRACE = 0.5  # seconds by which DuckDB's own limit comes before the kill
_ENDED = "The query ended the process that it ran in: it needs too much memory, or DuckDB fails at it."
_UNREADABLE = "The files ended the process that reads them: they are damaged, or need too much memory."


class QueryProcess:
    """A child that answers SQL over one set of files. Not thread-safe, but for `kill`.

    It is spawned and not forked, with an empty environment and in a session of its own: it starts with nothing of the
    app's memory, and signals to the app's group don't reach it.
    """

    def __init__(self, limits: Limits, *, for_feeds: bool = False) -> None:
        self._limits = limits
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-I", "-c", _START, _ROOT, "feeds" if for_feeds else "files"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        self._is_killed = False  # known before the kernel has done it
        self.fences: tuple[str, ...] = ()
        self.tables = Tables(())

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._is_killed and self._child.poll() is None

    def load(self, files: Sequence[tuple[str, str, bytes]]) -> None:
        """Send it its files, each with name, kind and content; once. Blocks.

        Raises:
            QueryError: none of them can be read, or they are too much.
        """
        heads = [{"name": name, "kind": kind, "size": len(data)} for name, kind, data in files]
        self._fill({"files": heads}, *(data for _, _, data in files))

    def take(self, feed: Feed) -> None:
        """Give it what the app keeps, in the place of files of somebody's; once. Blocks.

        Raises:
            QueryError: it is too much.
        """
        rows = [{"name": name, "size": len(data)} for name, data in feed.rows]
        about = {"folder": feed.folder, "paths": feed.paths, "statements": feed.statements, "rows": rows}
        self._fill({"feed": about}, *(data for _, data in feed.rows))

    def _fill(self, message: Mapping[str, Any], *blobs: bytes) -> None:
        limits = asdict(self._limits) | {"query_seconds": self._limits.query_seconds - _GRACE}
        with self._killed_after(self._limits.load_seconds, "Reading the files took too long."):
            reply = self._ask({**message, "limits": limits}, _UNREADABLE, *blobs)
        with self._understood():
            self.fences = tuple(map(str, reply["fences"]))
            unreadable = tuple((str(name), str(why)) for name, why in reply["unreadable"])
            self.tables = Tables(tuple(_table(each) for each in reply["tables"]), unreadable)

    def run(self, sql: str, rows: int) -> Rows:
        """Run one statement, keep at most `rows` rows. Blocks.

        Raises:
            QueryError: with words for whoever wrote the statement.
        """
        too_long = (
            f"The query took longer than {self._limits.query_seconds:g} s and was stopped. "
            "Filter earlier, join on a condition, or aggregate."
        )
        with self._killed_after(self._limits.query_seconds, too_long):
            reply = self._ask({"sql": sql, "rows": rows}, _ENDED, too_long=too_long)
        with self._understood():
            columns = tuple((str(name), str(kind)) for name, kind in reply["columns"])
            return Rows(columns, _rows(reply["rows"]), int(reply["total"]), bool(reply["is_cut"]))

    def kill(self) -> None:
        """End it at once, from any thread; what waits for it raises QueryError."""
        self._is_killed = True
        self._child.kill()

    def close(self) -> None:
        """End it and take back what it held."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what it never read is still in the buffer
                    pipe.close()

    def _ask(self, message: Mapping[str, Any], ended: str, *blobs: bytes, too_long: str = "") -> dict[str, Any]:
        assert self._child.stdin is not None and self._child.stdout is not None
        try:
            send(self._child.stdin, message, *blobs)
            reply = receive(self._child.stdout, _REPLY * self._limits.result_bytes)
        except (OSError, ValueError, RecursionError):
            reply = None
        if reply is None:
            self.kill()
            raise QueryError(ended, "Ask for less at once.")
        if "error" in reply:
            said = str(reply["error"])
            raise QueryError(too_long if said == "time" else said)
        return reply

    @contextmanager
    def _killed_after(self, seconds: float, words: str) -> Iterator[None]:
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            self.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        except QueryError as error:
            raise (QueryError(words) if is_late.is_set() else error) from None
        finally:
            timer.cancel()

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """What came is from a process that others may have taken over: nothing in it is believed to have its shape."""
        try:
            yield
        except (KeyError, TypeError, ValueError):
            self.kill()
            raise QueryError(_ENDED) from None


def _table(found: Mapping[str, Any]) -> Table:
    columns = tuple((str(name), str(kind)) for name, kind in found["columns"])
    return Table(str(found["name"]), str(found["file"]), int(found["rows"]), columns, _rows(found["sample"]))


def _rows(found: Any) -> tuple[tuple[str | int | float | bool | None, ...], ...]:
    rows = tuple(tuple(row) for row in found)
    if not all(cell is None or isinstance(cell, str | int | float) for row in rows for cell in row):
        raise ValueError("a cell is no value")
    return rows
