"""Rows of the warehouse as Parquet files and as Arrow streams: whole, or not there.

DuckDB's own COPY is shut on the connection that has the warehouse file, so Arrow writes them. Only the account that
runs Gearbox can read them. Where that is root, the group that the limited process of the Explore page becomes can, too:
the home folder above them keeps everybody else out.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.sample import SAMPLE_PREFIX

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_ROWS = 100_000
_NOBODY = 65534
_DRAFT = ".draft-"


def write_days(cursor: DuckDBPyConnection, query: str, folder: Path) -> Iterator[date]:
    """What a query gives, ordered by its column `day`, as a Parquet file a day; each day when its file is there."""
    import pyarrow.parquet as pq  # 0.3 s: kept off the start path

    reader = cursor.sql(query).to_arrow_reader(_ROWS)
    for day, batches in groupby(_by_day(reader), key=itemgetter(0)):
        with (
            _whole(folder / f"{day}.parquet") as draft,
            pq.ParquetWriter(draft, reader.schema, compression="zstd") as writer,
        ):
            for _, batch in batches:
                writer.write_batch(batch)
        yield day


def _by_day(reader: pa.RecordBatchReader) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Batches cut where a day begins."""
    import pyarrow.compute as pc

    for batch in reader:
        at = 0
        for each in pc.value_counts(batch.column("day")):  # in the order of their first rows
            rows = each["counts"].as_py()
            yield each["values"].as_py(), batch.slice(at, rows)
            at += rows


def replace_text(path: Path, text: str) -> None:
    """A text file."""
    with _whole(path) as draft:
        Path(draft).write_text(text, "utf-8")


def copy_file(source: Path, path: Path) -> None:
    """The same file elsewhere."""
    with _whole(path) as draft:
        shutil.copyfile(source, draft)


def remove(path: Path) -> None:
    """Delete a file that may be gone already."""
    path.unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Delete what a process left that died while it wrote."""
    for left in folder.glob(f"{_DRAFT}*"):
        left.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows as an Arrow stream (IPC), the team ids in them, and how many are of made-up people."""

    data: bytes
    team_ids: frozenset[str]
    samples: int


def arrow_stream(cursor: DuckDBPyConnection, query: str) -> Sent:
    """What a query gives, with a column `person`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    out = io.BytesIO()
    teams: set[str] = set()
    samples = 0
    reader = cursor.sql(query).to_arrow_reader(_ROWS)
    with pa.ipc.new_stream(out, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            samples += pc.sum(pc.starts_with(batch.column("person"), SAMPLE_PREFIX)).as_py() or 0
            if "team_id" in reader.schema.names:
                teams.update(each for each in batch.column("team_id").unique().to_pylist() if each)
    return Sent(out.getvalue(), frozenset(teams), samples)


@contextmanager
def _whole(path: Path) -> Iterator[str]:
    """A file to fill, which gets its name when it is whole and on the disk."""
    _folder(path.parent)
    handle, draft = tempfile.mkstemp(prefix=_DRAFT, dir=path.parent)
    try:
        os.close(handle)
        yield draft
        handle = os.open(draft, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        _lend(Path(draft), 0o640)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _folder(path: Path) -> None:
    for each in (path.parent, path):
        if not each.is_dir():
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            _lend(each, 0o750)


def _lend(path: Path, mode: int) -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(path, -1, _NOBODY)
        path.chmod(mode)


def names_stream(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> bytes:
    """A small table of texts as an Arrow stream (IPC)."""
    import pyarrow as pa

    table = list(rows)
    arrays = [pa.array([row[at] for row in table], pa.string()) for at in range(len(columns))]
    batch = pa.record_batch(arrays, names=list(columns))
    out = io.BytesIO()
    with pa.ipc.new_stream(out, batch.schema) as writer:
        writer.write_batch(batch)
    return out.getvalue()
