"""Documents that a person attaches: kept as they are, with what stands in them as text for models that only read."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import PurePosixPath

from core.chat.csv_text import csv_text
from core.errors import GearboxError
from data.documents import DocumentError, DocumentText, read_document
from data.query import DataFile, QueryError, first_rows
from data.values.media import Blob, StoredBlob
from data.values.parts import FilePart

DOCUMENT_BYTES = 20 * 1024 * 1024
"""Largest document taken."""

TABLE_BYTES = 200_000
"""Largest table that goes into the message as text; of a larger one a model reads the head, and tools all of it."""

_HEAD_LINES, _HEAD_CHARS = 20, 4_000
_TABLES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PARQUET = "application/vnd.apache.parquet"

TABLE_TYPES = frozenset({*_TABLES.values(), _PARQUET})
"""Media types of files of which a model is sent the first rows alone."""


def is_document(content: bytes) -> bool:
    """Whether it begins like a PDF, an Office document or a table in Parquet."""
    return content.startswith((b"%PDF-", b"PK\x03\x04", b"PAR1"))


def table_type(name: str) -> str | None:
    """The media type of a table in a text file, by its name; None where it promises none."""
    return _TABLES.get(PurePosixPath(name).suffix.lower())


def keep_table(name: str, content: bytes, media_type: str, text: str) -> tuple[FilePart, StoredBlob]:
    """The part for a table that is too large for the message, and what is kept of it, in UTF-8.

    Raises:
        GearboxError: too large.
    """
    _weighed(name, content)
    kept = text.encode() if content.startswith(_UTF_16) else content
    head = "\n".join(text[: 2 * _HEAD_CHARS].splitlines()[:_HEAD_LINES])[:_HEAD_CHARS]
    told = f"{head}\n{_cut(len(text.splitlines()), 'lines')}"
    blob = Blob(hashlib.sha256(kept).hexdigest(), media_type, len(kept))
    return FilePart(blob, name), StoredBlob(blob, kept, text=told)


def _weighed(name: str, content: bytes) -> None:
    if len(content) > DOCUMENT_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content) / 2**20:,.0f} MB; a document may have {DOCUMENT_BYTES // 2**20}.",
            "Send the part that matters.",
        )


def read_document_file(name: str, content: bytes) -> tuple[FilePart, StoredBlob]:
    """The part for a document, and what is kept of it. Takes seconds for one of many pages; blocks.

    Raises:
        GearboxError: too large, encrypted, broken, or an archive that is no document.
    """
    _weighed(name, content)
    try:
        read = _parquet(name, content) if content.startswith(b"PAR1") else read_document(content)
    except DocumentError as problem:
        raise GearboxError(
            f"“{name}” can't be read: {problem}.",
            "Documents are taken as PDF, Word, PowerPoint, Excel and OpenDocument, without a password. "
            "If it opens for you, save it anew, or paste the part that matters.",
        ) from None
    blob = Blob(hashlib.sha256(content).hexdigest(), read.media_type, len(content))
    return FilePart(blob, name), StoredBlob(blob, content, text=read.text or None)


def _parquet(name: str, content: bytes) -> DocumentText:
    """Its first rows as CSV, read in a limited process."""
    footer = int.from_bytes(content[-8:-4], "little")
    if not (content.endswith(b"PAR1") and 0 < footer <= len(content) - 12):
        raise DocumentError("it is damaged")
    try:
        ((table, rows),) = first_rows(DataFile(name, "parquet", lambda: content), tables=1, rows=_HEAD_LINES)
    except QueryError:
        raise DocumentError("it is damaged, or of a kind that is not known here") from None
    head = csv_text([[column for column, _ in rows.columns], *rows.rows])[:_HEAD_CHARS].rstrip()
    return DocumentText(_PARQUET, f"{head}\n{_cut(table.rows, 'rows')}")


def _cut(count: int, what: str) -> str:
    return f"[of {count:,} {what} the first are here; tools that query data read all]"
