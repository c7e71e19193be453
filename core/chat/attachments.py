"""Reads the files that a person attaches to a prompt.

What a file is, its bytes say and not its name: pictures, sounds, documents, and anything that is text, whatever it is
called; only what is called a sound has to be one. A text goes into the message, the others beside it: both belong to
whom the conversation belongs to, and are deleted with it.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.chat.documents import is_document, read_document_file
from core.chat.pictures import kind_of, read_picture
from core.chat.sound_headers import sound_type
from core.chat.sounds import NAMES, read_sound
from core.errors import GearboxError
from data.values.media import StoredBlob
from data.values.parts import Part, TextFilePart

MOST_FILES = 10
"""Files that one message takes."""

FILE_BYTES = 1024 * 1024
"""Largest text file taken; one of this size is more than most models read."""

UPLOAD_BYTES = 20 * 1024 * 1024
"""Largest file of any kind taken."""

_NAME_CHARS = 100

_SIGNATURES = {
    b"\xd0\xcf\x11\xe0": "an Office document of before 2007, or one with a password",
    b"\x1f\x8b": "a compressed file",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"\x30\x26\xb2\x75": "a sound or a video in Windows Media form",
    b"\x1aE\xdf\xa3": "a video",
}
"""What people are most likely to attach that can't be taken: named, so that the refusal makes sense."""

_READABLE_SIGNATURES = {
    b"BM": "a bitmap picture",
    b"FORM": "a sound in AIFF form",
    b"#!AMR": "a sound in AMR form",
    b"MThd": "a MIDI file, which holds notes and no sound",
    b"ID3": "a sound of no kind that is taken",
    b"OggS": "a video, or a sound of no kind that is taken",
    b"RIFF": "a video, or a sound of no kind that is taken",
}
"""A text may begin like these, but then no zero follows."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # Excel's "Unicode text"

_SOUNDS = f"{', '.join(list(NAMES.values())[:-1])} and {list(NAMES.values())[-1]}"

_IS_TAKEN = (
    f"Taken are pictures (PNG, JPEG, GIF, WebP), sounds ({_SOUNDS}), PDF and Office documents, and every text: "
    "Markdown, CSV, JSON, code and the like. Of anything else paste the part that matters."
)

_CALLED_A_SOUND = re.compile(r".+\.(mp3|wav|m4a|ogg|oga|opus|webm|weba|flac|aac|aiff?|wma|amr|midi?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it came from the browser; neither its name nor its content is to be trusted."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What became of files: message parts, in their order, and the blobs that these point at."""

    parts: tuple[Part, ...] = ()
    blobs: tuple[StoredBlob, ...] = ()


def read_all(files: Sequence[Attachment]) -> Received:
    """Look at `files`. Blocks: up to a second for a picture, several for a document, no time for a sound.

    Raises:
        GearboxError: too many, or one that is empty, too large, broken or of no kind that is taken; it names the file.
    """
    if len(files) > MOST_FILES:
        raise GearboxError(f"{len(files)} files are attached; at most {MOST_FILES} fit.", "Send them in two messages.")
    parts: list[Part] = []
    blobs: list[StoredBlob] = []
    for file in files:
        name = _clean(file.name)
        if not file.content:
            raise GearboxError(f"“{name}” is empty.", "Attach another file.")
        if kind := kind_of(file.content):
            picture, blob = read_picture(name, file.content, kind)
            parts.append(picture)
            blobs.append(blob)
        elif is_document(file.content):
            document, blob = read_document_file(name, file.content)
            parts.append(document)
            blobs.append(blob)
        elif sound_type(file.content):
            sound, blob = read_sound(name, file.content)
            parts.append(sound)
            blobs.append(blob)
        else:
            parts.append(_text_file(name, file.content))
    return Received(tuple(parts), tuple(blobs))


def _text_file(name: str, content: bytes) -> TextFilePart:
    if what := _known(content):
        raise GearboxError(f"“{name}” is {what}, which can't be taken.", _IS_TAKEN)
    if _CALLED_A_SOUND.fullmatch(name):
        raise GearboxError(
            f"“{name}” is called a sound, but holds none that can be taken.", f"Sounds are taken as {_SOUNDS}."
        )
    if len(content) > FILE_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content):,} bytes; a text file may have {FILE_BYTES:,}.", "Attach the important part."
        )
    text = _text(name, content)
    if not text.strip():
        raise GearboxError(f"“{name}” is empty.", "Attach another file.")
    return TextFilePart(name, text, len(content))


def _known(content: bytes) -> str | None:
    if content[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"}:
        return "a picture in HEIC or AVIF form"
    if content[4:8] == b"ftyp":
        return "a video"
    known = {**_SIGNATURES, **(_READABLE_SIGNATURES if b"\0" in content[:64] else {})}
    return next((what for signature, what in known.items() if content.startswith(signature)), None)


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise GearboxError(
            f"“{name}” is of no kind that can be taken, nor text in UTF-8 or UTF-16.",
            f"If it is text, save it as UTF-8. {_IS_TAKEN}",
        ) from None
    if "\0" in text:  # no text has one, and PostgreSQL keeps none
        raise GearboxError(f"“{name}” is not a text file.", _IS_TAKEN)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _clean(name: str) -> str:
    """The last part of a path, on one line: it is shown, and a model is told it."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Control, format and surrogate characters: line breaks, and marks that turn what follows around.
    shown = "".join(each for each in last if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return shown.strip()[:_NAME_CHARS].strip() or "file"
