"""Documents that a person attaches: kept as they are, with what stands in them as text for models that only read."""

from __future__ import annotations

import hashlib

from core.errors import GearboxError
from data.documents import DocumentError, DocumentText, read_document
from data.values.media import Blob, StoredBlob
from data.values.parts import FilePart

DOCUMENT_BYTES = 20 * 1024 * 1024
"""Largest document taken."""

_PARQUET = "application/vnd.apache.parquet"


def is_document(content: bytes) -> bool:
    """Whether it begins like a PDF, an Office document or a table in Parquet."""
    return content.startswith((b"%PDF-", b"PK\x03\x04", b"PAR1"))


def read_document_file(name: str, content: bytes) -> tuple[FilePart, StoredBlob]:
    """The part for a document, and what is kept of it. Takes seconds for one of many pages; blocks.

    Raises:
        GearboxError: too large, encrypted, broken, or an archive that is no document.
    """
    if len(content) > DOCUMENT_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content) / 2**20:,.0f} MB; a document may have {DOCUMENT_BYTES // 2**20}.",
            "Send the part that matters.",
        )
    try:
        # Tables in Parquet hold no text; tools that ask data read them.
        read = DocumentText(_PARQUET, "") if content.startswith(b"PAR1") else read_document(content)
    except DocumentError as problem:
        raise GearboxError(
            f"“{name}” can't be read: {problem}.",
            "Documents are taken as PDF, Word, PowerPoint, Excel and OpenDocument sheets, without a password. "
            "If it opens for you, save it anew, or paste the part that matters.",
        ) from None
    blob = Blob(hashlib.sha256(content).hexdigest(), read.media_type, len(content))
    return FilePart(blob, name), StoredBlob(blob, content, text=read.text or None)
