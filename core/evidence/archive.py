"""The zip that evidence is written into: tables as CSV and JSON, and hash and size of every file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from core.logs import redact
from data.store.audit_chain import instant

Cell = str | int | bool | datetime | tuple[str, ...] | None
_IN_MEMORY = 1 << 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `path` without its ending, and `about` in a sentence. `rows` are read once, in a fixed order."""

    path: str
    about: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file in the zip: `size` in bytes, SHA-256 in hexadecimal, and what it is."""

    path: str
    size: int
    sha256: str
    about: str


class Archive:
    """Writes files into a zip one after another; memory does not grow with their length."""

    def __init__(self, file: IO[bytes], at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._at = at.astimezone(UTC)
        self.files: list[FileEntry] = []
        self.rows: dict[str, int] = {}

    def close(self) -> None:
        """Write the zip's directory."""
        self._zip.close()

    def abandon(self) -> None:
        """After an error: write nothing more, not when it is forgotten either."""
        self._zip.fp = None

    def add(self, path: str, about: str, content: bytes) -> None:
        """One file as it is."""
        with self._entry(path, about) as file:
            file.write(content)

    def add_json(self, path: str, about: str, content: object) -> None:
        """One file of JSON."""
        self.add(path, about, (json.dumps(content, indent=2, ensure_ascii=False, default=_plain) + "\n").encode())

    def add_table(self, table: Table) -> None:
        """A table as CSV for people and as JSON for programs."""
        count = 0
        with SpooledTemporaryFile(_IN_MEMORY) as rest:
            text = io.TextIOWrapper(rest, "utf-8", newline="", write_through=True)
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(table.columns)
            with self._entry(f"{table.path}.json", table.about) as file:
                for row in table.rows:
                    cells = [_redacted(cell) for cell in row]
                    writer.writerow([_csv(cell) for cell in cells])
                    record = dict(zip(table.columns, map(_plain, cells), strict=True))
                    file.write(b"[\n  " if not count else b",\n  ")
                    file.write(json.dumps(record, ensure_ascii=False).encode())
                    count += 1
                file.write(b"\n]\n" if count else b"[]\n")
            text.detach()
            rest.seek(0)
            with self._entry(f"{table.path}.csv", table.about) as file:
                shutil.copyfileobj(rest, file)
        self.rows[table.path] = count

    @contextmanager
    def _entry(self, path: str, about: str) -> Iterator[_Hashing]:
        info = zipfile.ZipInfo(path, self._at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            hashing = _Hashing(file)
            yield hashing
        self.files.append(FileEntry(path, hashing.size, hashing.digest.hexdigest(), about))


class _Hashing:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self._file.write(content)


def _redacted(cell: Cell) -> Cell:
    """Names are typed by people, and people type keys into the wrong field."""
    if isinstance(cell, str):
        return redact(cell)
    return tuple(map(redact, cell)) if isinstance(cell, tuple) else cell


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    return list(value) if isinstance(value, tuple) else value


def _csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    text = "; ".join(cell) if isinstance(cell, tuple) else str(_plain(cell))
    # Spreadsheets run what looks like a formula, and a name is anybody's to choose (OWASP, "CSV injection").
    return f"'{text}" if isinstance(cell, str | tuple) and text.startswith(_FORMULA) else text
