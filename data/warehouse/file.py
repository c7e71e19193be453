"""Opening the DuckDB file, and DuckDB's errors in words a person can act on."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.errors import WarehouseBusy, WarehouseError
from data.warehouse.schema import upgrade

if TYPE_CHECKING:
    import duckdb

# Nothing here reads foreign files or fetches extensions, so neither is possible on this connection.
# One gigabyte instead of DuckDB's default of 80% of the machine, which belongs to the whole server.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "threads": 2,
    # Each checkpoint compresses the last rows of every table anew, up to 122,880 of each: at DuckDB's 16 MB that took
    # a fifth of the drain's time. What a log of this size costs after a crash is a second or two at the next start.
    "checkpoint_threshold": "128MB",
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


def open_warehouse(path: Path, now: datetime) -> duckdb.DuckDBPyConnection:
    """Open, create or upgrade the file; this process then owns it.

    Raises:
        WarehouseError: another process has it, it is damaged, or a newer release wrote it.
    """
    import duckdb  # 0.3 s: kept off the start path

    con = None
    try:
        if not path.exists():
            _create(path, now)
        con = duckdb.connect(str(path), config=CONFIG)
        upgrade(con, now)
    except (duckdb.Error, OSError) as error:
        if con is not None:
            con.close()
        raise in_words(error, path) from error
    except WarehouseError:
        if con is not None:
            con.close()
        raise
    return con


def _create(path: Path, now: datetime) -> None:
    """Put a whole file at `path`, unless another process is first.

    A process that dies while DuckDB lays out a new file leaves one that DuckDB never opens again. So it is laid out
    in a folder beside, and gets its name when it is whole.
    """
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    drafts = f".{path.name}-"
    draft = Path(tempfile.mkdtemp(prefix=drafts, dir=path.parent)) / path.name
    with duckdb.connect(str(draft), config=CONFIG) as con:
        upgrade(con, now)
    put_in_place(draft, path)
    for left in path.parent.glob(f"{drafts}*"):  # those of processes that died here too
        shutil.rmtree(left, ignore_errors=True)


def put_in_place(draft: Path, path: Path) -> bool:
    """Give a whole file its name; False where another process was first (and may have tidied up after itself)."""
    with contextlib.suppress(FileExistsError, FileNotFoundError):
        os.link(draft, path)  # unlike a rename, it never takes another's place
        return True
    return False


def examine(path: Path) -> WarehouseError | None:
    """What is wrong with an existing file, `WarehouseBusy` while another process has it; None when nothing is.

    Opens it for reading only and changes nothing.
    """
    import duckdb

    try:
        duckdb.connect(str(path), read_only=True, config=CONFIG).close()
    except (duckdb.Error, OSError) as error:
        return in_words(error, path)
    return None


def in_words(error: Exception, path: Path) -> WarehouseError:
    """Translate an error of DuckDB or the file system. Names the file, not where it is: members see this."""
    first_line = (str(error).splitlines() or [type(error).__name__])[0].replace(str(path), path.name)
    lowered = first_line.lower()
    if "set lock" in lowered or "conflicting lock" in lowered:
        return WarehouseBusy(
            f"Another process has the usage warehouse ({path.name}) open.",
            "Close it there: only one process at a time can use the file. Nothing is lost; counting resumes by itself.",
        )
    if "corrupt" in lowered or "not a valid duckdb" in lowered or type(error).__name__ == "SerializationException":
        return WarehouseError(
            f"The usage warehouse ({path.name}) is damaged and can't be read.",
            "Stop Gearbox and run `python -m core warehouse rebuild`: it writes the file anew from the database, where "
            "all calls are, and keeps the damaged one beside it. New calls are kept in the database until then.",
        )
    if "no space left" in lowered or "disk quota" in lowered:
        return WarehouseError("The disk with the usage warehouse is full.", "Free some space; counting resumes.")
    return WarehouseError(
        f"The usage warehouse ({path.name}) can't be used: {first_line}",
        "See the server log. Chats go on; new calls are kept in the database until it works again.",
    )
