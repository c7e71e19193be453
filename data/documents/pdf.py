"""The text of a PDF, page by page."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from data.documents.problem import Problem

MEDIA_TYPE = "application/pdf"
_SHARE_OF_TIME = 0.8  # for reading pages; then those that were read are the answer


def read_pdf(content: bytes, limits: Mapping[str, Any]) -> tuple[str, str]:
    """Media type and text, each page under its number. A page that can't be read is left out.

    Raises:
        Problem: it has a password, or is no PDF from the start on.
    """
    until = time.monotonic() + limits["seconds"] * _SHARE_OF_TIME
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Problem("it is protected with a password")
        total = len(reader.pages)
    except PyPdfError:
        raise Problem("it is damaged") from None
    if total == 0:
        raise Problem("it has no pages")
    said: list[str] = []
    length = 0
    for number in range(total):
        if number >= limits["pages"] or length >= limits["chars"] or time.monotonic() > until:
            said.append(f"[cut: the first {number:,} of {total:,} pages]")
            break
        text = _page(reader, number)
        if text:
            said.append(f"[Page {number + 1}]\n{text}"[: limits["chars"] - length])
            length += len(said[-1])
    return MEDIA_TYPE, "\n\n".join(said) if length else ""


def _page(reader: pypdf.PdfReader, number: int) -> str:
    try:
        text = reader.pages[number].extract_text()
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001  # pypdf has no one error for a page that is broken; the others may be whole
        return ""
    return "\n".join(line.rstrip() for line in text.replace("\0", "").splitlines()).strip()
