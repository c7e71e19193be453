"""Names of saved files: whatever somebody called a thing, one that any system takes, and that leads nowhere else."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_MOST_CHARS = 60
_NOT = re.compile(r"[^\w\-. ()]+")  # of any script: letters, digits and a few marks
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)  # Windows opens devices by these names
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")

_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/webm": ".weba",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}


def file_name(called: str, ending: str = "", *, otherwise: str = "file") -> str:
    """A file's name for what is `called` so: at most 60 characters before the ending.

    Args:
        ending: with its dot; takes the place of another spelling of itself. Empty keeps that of the name.
        otherwise: what it is called when nothing is left of the name.
    """
    base = unicodedata.normalize("NFC", PurePosixPath(called.replace("\\", "/")).name)
    own = PurePosixPath(base).suffix.lower()
    if not ending and _ENDING.fullmatch(own):
        ending = own
    if ending and own == ending:
        base = base[: -len(own)]
    stem = " ".join(_NOT.sub(" ", base).split()).strip(". ")[:_MOST_CHARS].strip(". ")
    if not stem or _RESERVED.match(f"{stem}."):
        stem = f"{otherwise} {stem}".strip()
    return stem + ending


def ending_of(media_type: str) -> str:
    """The ending that goes with it; empty where any may."""
    return _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "")


class Names:
    """Gives each file of a folder a name of its own, also where case does not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """`name`, or the first free one with a number behind it."""
        path, number, free = PurePosixPath(name), 1, name
        while free.casefold() in self._taken:
            number += 1
            free = f"{path.stem} {number}{path.suffix}"
        self._taken.add(free.casefold())
        return free
