"""Reads the files that a person attaches to a prompt.

What a file is, its bytes say: pictures, sounds, documents, and anything that is text. What its name says is another of
these is refused. A text goes into the message, the others and
large tables beside it: both belong to whom the conversation belongs to, and are deleted with it.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.chat.documents import TABLE_BYTES, is_document, keep_table, read_document_file, table_type
from core.chat.pictures import PICTURES, kind_of, read_picture
from core.chat.sound_headers import sound_type
from core.chat.sounds import NAMES, read_sound
from core.errors import GearboxError
from data.values.media import StoredBlob
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart

MOST_FILES = 10
"""Files that one message takes."""

FILE_BYTES = 1024 * 1024
"""Largest text file taken; one of this size is more than most models read."""

_MOST_LOOKED_AT = 2 * MOST_FILES
"""Whoever drops a whole folder gets an answer soon."""

UPLOAD_BYTES = 20 * 1024 * 1024
"""Largest file of any kind taken."""

_NAME_CHARS = 100

_SIGNATURES = {
    b"\xd0\xcf\x11\xe0": "an Office document of before 2007, or one with a password",
    b"\x1f\x8b": "a compressed file",
    b"\x30\x26\xb2\x75": "a sound or a video in Windows Media form",
    b"\x1aE\xdf\xa3": "a video",
    b"\0\0\1\xba": "a video",
}
"""What people are most likely to attach that can't be taken: named, so that the refusal makes sense."""

_READABLE_SIGNATURES = {
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
    f"Taken are pictures ({PICTURES}), sounds ({_SOUNDS}), PDF, Office and OpenDocument files, tables in Parquet, and "
    "every text: Markdown, CSV, JSON, code and the like. Of anything else paste the part that matters."
)

_INSTEAD_OF_A_FILM = "Send a picture out of it, or what is said in it as MP3 or M4A."

_OFFICE = "PDF, Word, PowerPoint, Excel and OpenDocument"

_CALLED = {
    "a sound": (
        f"Sounds are taken as {_SOUNDS}.",
        "mp3 wav m4a ogg oga opus webm weba flac aac aif aiff wma amr mid midi",
    ),
    "a picture": (
        f"Pictures are taken as {PICTURES}.",
        "png jpg jpeg jpe gif webp heic heif avif tif tiff bmp ico jp2 psd",
    ),
    "a document": (f"Documents are taken as {_OFFICE} files.", "pdf doc docx ppt pptx xls xlsx xlsm xlsb odt odp ods"),
    "a table in Parquet": ("Have it written anew, or attach it as CSV.", "parquet"),
    "a video": (_INSTEAD_OF_A_FILM, "mp4 m4v mov avi mkv mpg mpeg wmv 3gp"),
}
"""What a name promises, what to do where it is not kept, and endings of such names."""

_NEARLY = {("a sound", "a video"), ("a document", "a table in Parquet")}
"""What it is, and what it may be called all the same: an MP4 with nothing but sound; a table is read as a document."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it came from the browser; neither its name nor its content is to be trusted."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was looked at and can go with a message; a text file is all in its part and has no blob."""

    part: TextFilePart | ImagePart | AudioPart | FilePart
    blob: StoredBlob | None = None


class FilesRefused(GearboxError):
    """Some files can't go with a message.

    Args:
        refusals: why, one of each, in their order.
        taken: the others; nobody has to attach these again.
    """

    def __init__(self, refusals: Sequence[GearboxError], taken: Sequence[Taken]) -> None:
        remedies = dict.fromkeys(each.remedy for each in refusals)  # the same one is said once
        super().__init__(" ".join(map(str, refusals)), " ".join(remedies))
        self.refusals = tuple(refusals)
        self.taken = tuple(taken)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of files: message parts, in their order, and the blobs that these point at."""

    parts: tuple[Part, ...] = ()
    blobs: tuple[StoredBlob, ...] = ()


def read_all(files: Sequence[Attachment | Taken]) -> Received:
    """Look at `files`, but for those that were looked at. Blocks, raises as `take` does."""
    taken = take(files)
    return Received(tuple(each.part for each in taken), tuple(each.blob for each in taken if each.blob is not None))


def take(files: Sequence[Attachment | Taken]) -> tuple[Taken, ...]:
    """Look at `files`. Blocks: up to a second for a picture, several for a document, no time for a sound.

    Raises:
        FilesRefused: too many, or some that are empty, too large, broken or of no kind that is taken; it names each.
    """
    taken: list[Taken] = []
    refusals: list[GearboxError] = []
    for file in files[:_MOST_LOOKED_AT]:
        try:
            taken.append(file if isinstance(file, Taken) else _look_at(clean_name(file.name), file.content))
        except GearboxError as refusal:
            refusals.append(refusal)
    if len(files) > MOST_FILES:
        refusals.append(_too_many(files))
    if refusals:
        raise FilesRefused(refusals, taken)
    return tuple(taken)


def _too_many(files: Sequence[Attachment | Taken]) -> GearboxError:
    left = len(files) - _MOST_LOOKED_AT
    dropped = f" The last {left:,} were not looked at." if left > 0 else ""
    return GearboxError(
        f"{len(files):,} files are attached; at most {MOST_FILES} fit.{dropped}",
        "Take some away, or send them in two messages.",
    )


def _look_at(name: str, content: bytes) -> Taken:
    if not content:
        raise GearboxError(f"“{name}” is empty.", "Attach another file.")
    if kind := kind_of(content):
        _keeps("a picture", name)
        return Taken(*read_picture(name, content, kind))
    if is_document(content):
        _keeps("a document", name)
        return Taken(*read_document_file(name, content))
    if sound_type(content):
        _keeps("a sound", name)
        return Taken(*read_sound(name, content))
    return _text_file(name, content)


def _keeps(what: str, name: str) -> None:
    """Refuse what is called something else than it is: whoever opens it later by its name gets an error."""
    promised = _promised(name)
    if promised is None or promised == what or (what, promised) in _NEARLY:
        return
    raise GearboxError(
        f"“{name}” is called {promised}, but is {what}.", "Give it an ending that fits, and attach it again."
    )


def _promised(name: str) -> str | None:
    """What the ending of a name says; None where it says nothing."""
    ending = PurePosixPath(name).suffix[1:].lower()
    return next((what for what, (_, endings) in _CALLED.items() if ending in endings.split()), None)


def _text_file(name: str, content: bytes) -> Taken:
    if what := _known(content):
        remedy = _INSTEAD_OF_A_FILM if "video" in what else _IS_TAKEN
        raise GearboxError(f"“{name}” is {what}, which can't be taken.", remedy)
    if promised := _promised(name):
        raise GearboxError(f"“{name}” is called {promised}, but holds none that can be taken.", _CALLED[promised][0])
    if len(content) > TABLE_BYTES and (media_type := table_type(name)):
        return Taken(*keep_table(name, content, media_type, _text(name, content)))
    if len(content) > FILE_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content):,} bytes; a text file may have {FILE_BYTES:,}.", "Attach the important part."
        )
    text = _text(name, content)
    if not text.strip():
        raise GearboxError(f"“{name}” is empty.", "Attach another file.")
    return Taken(TextFilePart(name, text, len(content)))


def _known(content: bytes) -> str | None:
    if content[4:8] == b"ftyp" or content[8:12] == b"AVI ":
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


def clean_name(name: str) -> str:
    """The last part of a path, on one line: it is shown, and a model is told it."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Control, format and surrogate characters: line breaks, and marks that turn what follows around.
    shown = "".join(each for each in last if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return shown.strip()[:_NAME_CHARS].strip() or "file"
