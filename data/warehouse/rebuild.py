"""A new warehouse file out of the books of the state database, for one that is damaged, lost, or doubted."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.values.errors import WarehouseBusy, WarehouseError
from data.values.outbox import OutboxRow
from data.warehouse.drain import KINDS, PERSON_FORGOTTEN, insert, note
from data.warehouse.file import CONFIG, examine, in_words, open_warehouse, put_in_place
from data.warehouse.restoring import Exported, Restored, restore, restore_receipts
from data.warehouse.sample import is_in_books
from data.warehouse.schema import upgrade

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection


_TABLES = ("model_calls", "tool_calls", "routing_decisions", "routing_feedback", "sign_ins")
_NOT_IN_BOOKS = ("unread_events", "flag_exposures", "erasures")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What is in the new file.

    Args:
        rows: by table.
        unread: events that this release could not read; they are kept, as the writer keeps them.
        aside: the file that was there before, under its new name; None where there was none.
        damage: why that one could not be read; empty where it could.
        restored: what of the rows only the exported files had.
    """

    rows: dict[str, int]
    unread: int
    aside: Path | None
    damage: str
    restored: Restored


def rebuild(
    path: Path,
    events: Iterable[Sequence[tuple[str, dict[str, Any]]]],
    waiting: Sequence[OutboxRow],
    now: datetime,
    exported: Exported | None = None,
) -> Rebuilt:
    """Write the file anew, and put it in the place of the one at `path`, which is kept beside it.

    Args:
        path: of the warehouse, which no other process may have open.
        events: everything that is in the books, in chunks, each kind in order of time.
        waiting: what the outbox holds at the same moment: it is in the books, so it must not be booked once more.
            Sample data is in no books: what waits of it is booked as ever, what the old file had is left out.
        now: when.
        exported: files of closed days: what only they have is put back.

    Raises:
        WarehouseBusy: another process has the file.
        WarehouseError: a newer release wrote it, or there is no room for another one.
    """
    import duckdb

    problem = examine(path) if path.exists() else None
    if isinstance(problem, WarehouseBusy):
        raise problem
    old = open_warehouse(path, now) if path.exists() and problem is None else None  # from now on nobody else writes it
    folder = None
    try:
        kept = None if old is None else _kept_of(old)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        draft = folder / path.name
        rows, unread, restored = _written(draft, (events, waiting), kept, now, exported)
        if old is not None:
            old.checkpoint()
            old.close()
        aside = _moved_aside(path, now)
        if not put_in_place(draft, path):
            raise WarehouseBusy(
                f"Another process began a new usage warehouse ({path.name}) meanwhile.",
                "Stop Gearbox, move that file away, and rebuild again. Nothing is lost: all of it is in the database.",
            )
    except (duckdb.Error, OSError) as error:
        raise in_words(error, path) from error
    finally:
        if old is not None:
            old.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return Rebuilt(rows, unread, aside, str(problem) if problem else "", restored)


def _kept_of(con: DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """What is in no books, by table: events of kinds that this release does not know, exposures, and receipts."""
    with con.cursor() as cursor:
        kept = {table: cursor.sql(f"SELECT * FROM {table}").pl() for table in _NOT_IN_BOOKS}  # noqa: S608 - literals
    unread = kept["unread_events"]
    return kept | {"unread_events": unread.filter(~unread["kind"].is_in(list(KINDS)))}


def _written(
    draft: Path,
    books: tuple[Iterable[Sequence[tuple[str, dict[str, Any]]]], Sequence[OutboxRow]],
    kept: dict[str, pl.DataFrame] | None,
    now: datetime,
    exported: Exported | None,
) -> tuple[dict[str, int], int, Restored]:
    """The whole file; how many rows there are by table, how many events could not be read, and what only files had."""
    import duckdb

    events, waiting = books
    with duckdb.connect(str(draft), config=CONFIG) as con:
        upgrade(con, now)
        for table, frame in (kept or {}).items():  # first: by the receipts it is known whose rows are to go
            con.register("kept", frame)
            con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM kept")  # noqa: S608 - literals
            con.unregister("kept")
        if exported is not None:
            restore_receipts(con, exported.folder)
        restored = None
        for chunk in events:
            if restored is None and chunk and chunk[0][0] == PERSON_FORGOTTEN:  # the last kind: theirs are not to stay
                restored = restore(con, exported)
            con.begin()  # a transaction a chunk: one over everything would have to fit into memory
            insert(con, [OutboxRow.of(0, kind, payload) for kind, payload in chunk], now)
            con.commit()
        if restored is None:
            restored = restore(con, exported)
        con.begin()
        note(con, [row for row in waiting if row.kind in KINDS and is_in_books(row)])
        con.commit()
        counts = {table: _count(con, table) for table in _TABLES}
        unread = _count(con, "unread_events")
        con.checkpoint()
    return counts, unread, restored


def _count(con: DuckDBPyConnection, table: str) -> int:
    (found,) = con.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - one of the names above
    return int(found[0])


def _moved_aside(path: Path, now: datetime) -> Path | None:
    """Rename what is there, with its write-ahead log; None where there is nothing.

    Raises:
        WarehouseBusy: another process opened it in the last moment; it stays where it is.
    """
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")
    if aside.exists():
        raise WarehouseError(f"There is a file {aside.name} already.", "Wait a second, and rebuild again.")
    path.rename(aside)
    if isinstance(problem := examine(aside), WarehouseBusy):
        aside.rename(path)
        raise problem
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        log.rename(aside.with_name(f"{aside.name}.wal"))
    return aside
