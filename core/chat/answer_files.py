"""What the tools of one answer keep beside the messages, and may read of it again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

from core.chat.documents import is_document, read_document_file
from core.chat.kept_files import attached_to
from core.chat.pictures import preview_of
from core.chat.sounds import read_sound
from core.errors import GearboxError
from core.tools.tool import Attached
from data.store import Store
from data.values.media import Blob, StoredBlob
from data.values.parts import Part

MOST_FILES = 40
"""Pictures, sounds and files of one answer."""

MOST_BYTES = 60 * 1024 * 1024
"""Of one answer's files together."""

FILE_BYTES = 20 * 1024 * 1024
"""Largest file kept, as of those that people attach."""

_PATIENCE = 30.0


class AnswerFiles:
    """One answer's. They are the conversation's, and go with it. Thread-safe."""

    def __init__(self, store: Store, user_id: str, conversation_id: str) -> None:
        self._store = store
        self._user_id = user_id
        self._conversation_id = conversation_id
        self._lock = threading.Lock()
        self._count = self._bytes = 0

    def keep(self, content: bytes, media_type: str) -> Blob:
        """See `ToolContext.keep`: what says that it is a picture or a sound has to be one.

        Raises:
            GearboxError: it is not what it says, can't be read, or is too much; or the conversation is gone.
        """
        made = _looked_at(content, media_type)
        with self._lock:
            if self._count >= MOST_FILES or self._bytes + len(content) > MOST_BYTES:
                raise GearboxError("This answer holds as many files as it may: no more of them can be kept.")
            self._count += 1
            self._bytes += len(content)
        self._store.blobs.keep(self._user_id, self._conversation_id, [made]).result(_PATIENCE)
        return made.blob

    def attached(self, parts: Sequence[Part]) -> tuple[Attached, ...]:
        """The files among the parts of the answer so far, for its next tools."""
        return attached_to([tuple(parts)], self._store, self._user_id, self._conversation_id, ())


def _looked_at(content: bytes, media_type: str) -> StoredBlob:
    if not content:
        raise GearboxError("There is nothing in it.")
    if len(content) > FILE_BYTES:
        raise GearboxError(f"It has {len(content) / 2**20:,.0f} MB; at most {FILE_BYTES // 2**20} are kept.")
    if media_type.startswith("image/"):
        return StoredBlob(_blob(content, media_type), content, preview_of("picture", content))
    if media_type.startswith("audio/"):
        return read_sound("sound", content)[1]
    if media_type.startswith("video/"):
        kind = film_type(content)
        if kind is None:
            raise GearboxError("It is no film that browsers play.", "MP4 and WebM are.")
        return StoredBlob(_blob(content, kind), content)
    if is_document(content):
        return read_document_file("file", content)[1]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise GearboxError("It is no picture, sound, document or text, so it is not kept.")
    return StoredBlob(_blob(content, "text/plain"), content, text=text)


def film_type(content: bytes) -> str | None:
    """The kind of a film that browsers play, by its first bytes; None for anything else."""
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return "video/webm" if content.startswith(b"\x1aE\xdf\xa3") else None


def _blob(content: bytes, media_type: str) -> Blob:
    return Blob(hashlib.sha256(content).hexdigest(), media_type, len(content))
