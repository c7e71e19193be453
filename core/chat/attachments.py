"""Reads the files that a person attaches to a prompt.

What a file is, its bytes say and not its name: anything that is text is taken, whatever it is called. Its text goes
into the message, so it belongs to whom the conversation belongs to, and is deleted with it.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import GearboxError
from data.values.parts import TextFilePart

MOST_FILES = 10
"""Files that one message takes."""

FILE_BYTES = 1024 * 1024
"""Largest file taken; a text of this size is more than most models read."""

_NAME_CHARS = 100

_SIGNATURES = {
    b"%PDF-": "a PDF document",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "an Office document or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x1f\x8b": "a compressed file",
}
"""What people are most likely to attach that is no text: named, so that the refusal makes sense."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # Excel's "Unicode text"

_TEXT_IS_TAKEN = "Attach text: Markdown, CSV, JSON, code and the like, or paste the part that matters."


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it came from the browser; neither its name nor its content is to be trusted."""

    name: str
    content: bytes


def read_all(files: Sequence[Attachment]) -> tuple[TextFilePart, ...]:
    """The parts for `files`, in their order.

    Raises:
        GearboxError: too many, or one that is empty, too large or no text; it names the file.
    """
    if len(files) > MOST_FILES:
        raise GearboxError(f"{len(files)} files are attached; at most {MOST_FILES} fit.", "Send them in two messages.")
    return tuple(_read(file) for file in files)


def _read(file: Attachment) -> TextFilePart:
    name = _clean(file.name)
    if len(file.content) > FILE_BYTES:
        raise GearboxError(
            f"“{name}” has {len(file.content):,} bytes; at most {FILE_BYTES:,} fit.", "Attach the important part."
        )
    text = _text(name, file.content)
    if not text.strip():
        raise GearboxError(f"“{name}” is empty.", "Attach another file.")
    return TextFilePart(name, text, len(file.content))


def _text(name: str, content: bytes) -> str:
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            raise GearboxError(f"“{name}” is {what}, not a text file.", _TEXT_IS_TAKEN)
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise GearboxError(
            f"“{name}” is not a text file in UTF-8 or UTF-16.", f"If it is text, save it as UTF-8. {_TEXT_IS_TAKEN}"
        ) from None
    if "\0" in text:  # no text has one, and PostgreSQL keeps none
        raise GearboxError(f"“{name}” is not a text file.", _TEXT_IS_TAKEN)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _clean(name: str) -> str:
    """The last part of a path, on one line: it is shown, and a model is told it."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Control, format and surrogate characters: line breaks, and marks that turn what follows around.
    shown = "".join(each for each in last if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return shown.strip()[:_NAME_CHARS].strip() or "file"
