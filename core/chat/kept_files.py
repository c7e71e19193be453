"""The pictures and documents of a conversation, for rendering it: those just attached, and those that are stored."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache

from core.chat.bridge import Files
from data.store import Store
from data.values.media import Blob, StoredBlob


def files_of(store: Store, user_id: str, conversation_id: str | None, new: Sequence[StoredBlob]) -> Files:
    """Reads each once, however many models are asked: an address of megabytes is shared by their requests.

    Args:
        new: what is attached to a prompt that is not stored yet.
    """
    attached = {each.blob.digest: each for each in new}

    @cache
    def picture(blob: Blob) -> str | None:
        if blob.digest in attached:
            content: bytes | None = attached[blob.digest].content
        else:
            content = store.blobs.content(user_id, conversation_id, blob.digest) if conversation_id else None
        if content is None:
            return None
        return f"data:{blob.media_type};base64,{base64.b64encode(content).decode()}"

    @cache
    def text(blob: Blob) -> str | None:
        if blob.digest in attached:
            return attached[blob.digest].text
        return store.blobs.text(user_id, conversation_id, blob.digest) if conversation_id else None

    return Files(picture, text)
