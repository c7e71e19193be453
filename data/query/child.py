"""The limited process: it is sent files once, then SQL, and answers; it ends when its input does.

One process sees the files of one set and no others, so that what a query does to it can reach nobody else's data.
Started by `data.query.process` with an empty environment.
"""

from __future__ import annotations

import datetime
import decimal
import os
import signal
import sys
import uuid
from typing import IO, Any

import duckdb
import python_calamine

from data.query import fence, sheets, standing
from data.query.answers import answer
from data.query.frames import receive, send
from data.query.loading import Unreadable, connect, load, lock
from data.query.statements import NotAllowed
from data.query.words import explain

# Imports after the fence fail: what DuckDB and the readers would import when they first need it is named here.
_NEEDED_LATER = (datetime, decimal, uuid, sheets, python_calamine)

_MESSAGE = 2**20


def main(of: str) -> None:
    """Serve the app at standard input and output until it hangs up; `of` is what will come, `files` or `feeds`."""
    requests, replies = _take_pipes()
    if of == "feeds":
        standing.prepare()  # while nobody waits
    first = receive(requests, _MESSAGE)
    if first is None:
        return
    limits: dict[str, Any] = first["limits"]
    con = connect(limits["memory"])  # before the fences: it reads /proc, and ends the process where it can't
    feed: dict[str, Any] | None = first.get("feed")
    fences = fence.close_in(3 * limits["memory"], 2 * limits["files_bytes"], folder=feed["folder"] if feed else None)
    _give_up_after(limits["load_seconds"])
    reply = _load(con, requests, first["files"]) if feed is None else standing.load(con, requests, feed)
    lock(con, limits["query_seconds"], feed["paths"] if feed else ())
    fence.no_more_files()
    send(replies, reply | {"fences": fences})
    is_sound = "error" not in reply
    while is_sound and (request := receive(requests, _MESSAGE)) is not None:
        _give_up_after(limits["query_seconds"] + 2)
        reply, is_sound = _answer(con, request["sql"], limits | {"rows": request["rows"]})
        send(replies, reply)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The app's pipes, out of the reach of whatever prints or asks."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return requests, replies


def _give_up_after(seconds: float) -> None:
    """Be killed by the kernel then, should the app be gone and nobody else end this."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _load(con: duckdb.DuckDBPyConnection, requests: IO[bytes], files: list[dict[str, Any]]) -> dict[str, Any]:
    """The tables, and of files that are none why; an error when there is no table at all."""
    tables: list[dict[str, Any]] = []
    unreadable: list[tuple[str, str]] = []
    try:
        for file in files:
            data = requests.read(file["size"])
            try:
                tables += load(con, file["name"], file["kind"], data)
            except Unreadable as error:
                unreadable.append((file["name"], str(error)))
    except MemoryError as error:
        return {"error": explain(error)[1]}
    if unreadable and not tables:
        return {"error": " ".join(why for _, why in unreadable)}
    return {"tables": tables, "unreadable": unreadable}


def _answer(con: duckdb.DuckDBPyConnection, sql: str, limits: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    try:
        return answer(con, sql, limits), True
    except NotAllowed as error:
        return {"error": str(error)}, True
    except duckdb.InterruptException:
        return {"error": "time"}, True
    except RecursionError:
        return {"error": "The statement is nested too deeply."}, True
    except (duckdb.Error, MemoryError, UnicodeError) as error:
        is_sound, words = explain(error)
        return {"error": words}, is_sound


if __name__ == "__main__":
    sys.exit("started by the app only")
