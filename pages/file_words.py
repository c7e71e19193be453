"""How files are spoken of: an icon, their kind, and how much of it there is."""

from __future__ import annotations

from pathlib import PurePosixPath

from data.values.parts import AudioPart, FilePart, ImagePart, TextFilePart, VideoPart

AttachedPart = TextFilePart | ImagePart | AudioPart | VideoPart | FilePart
"""What a file becomes in a message."""

_OOXML = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_DOCUMENTS = {
    "application/pdf": ("PDF", ":material/picture_as_pdf:"),
    f"{_OOXML}wordprocessingml.document": ("Word", ":material/article:"),
    f"{_OOXML}presentationml.presentation": ("PowerPoint", ":material/slideshow:"),
    f"{_OOXML}spreadsheetml.sheet": ("Excel", ":material/table:"),
    f"{_OPEN}text": ("OpenDocument text", ":material/article:"),
    f"{_OPEN}presentation": ("OpenDocument slides", ":material/slideshow:"),
    f"{_OPEN}spreadsheet": ("OpenDocument sheets", ":material/table:"),
    "application/vnd.apache.parquet": ("Parquet", ":material/table:"),
    "text/csv": ("CSV", ":material/table:"),
    "text/tab-separated-values": ("TSV", ":material/table:"),
    "application/json": ("JSON", ":material/data_object:"),
    "application/x-ndjson": ("JSON lines", ":material/data_object:"),
}
_TEXTS = {
    ".csv": ("CSV", ":material/table:"),
    ".tsv": ("TSV", ":material/table:"),
    ".tab": ("TSV", ":material/table:"),
    ".json": ("JSON", ":material/data_object:"),
    ".jsonl": ("JSON lines", ":material/data_object:"),
    ".ndjson": ("JSON lines", ":material/data_object:"),
    ".md": ("Markdown", ":material/description:"),
}


def kind(part: AttachedPart) -> str:
    """What people call a file of its kind; empty for a text of no particular one."""
    match part:
        case TextFilePart(name):
            return _TEXTS.get(PurePosixPath(name).suffix.lower(), ("", ""))[0]
        case FilePart():
            return _DOCUMENTS.get(part.blob.media_type, ("Document", ""))[0]
        case _:
            return part.blob.media_type.partition("/")[2].upper()


def icon(part: AttachedPart) -> str:
    """An icon of Streamlit's for it."""
    match part:
        case TextFilePart(name):
            return _TEXTS.get(PurePosixPath(name).suffix.lower(), ("", ":material/description:"))[1]
        case FilePart():
            return _DOCUMENTS.get(part.blob.media_type, ("", ":material/draft:"))[1]
        case ImagePart():
            return ":material/image:"
        case AudioPart():
            return ":material/graphic_eq:"
        case VideoPart():
            return ":material/movie:"


def extent(part: AttachedPart) -> str:
    """How much there is of it: pixels, minutes or bytes."""
    if isinstance(part, ImagePart):
        return f"{part.width} × {part.height}"
    if isinstance(part, AudioPart | VideoPart) and part.seconds is not None:
        return clock(part.seconds)
    return size(part.size if isinstance(part, TextFilePart) else part.blob.size)


def clock(seconds: float) -> str:
    """A length of time as players show it."""
    whole = int(seconds) or round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def size(count: int) -> str:
    """A number of bytes."""
    if count < 1_000:
        return f"{count} bytes"
    return f"{count / 1_000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"
