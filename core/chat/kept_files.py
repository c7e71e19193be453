"""The pictures and documents of a conversation, for models and tools: those just attached, and those stored."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import cache, partial

from core.chat.bridge import Files
from core.errors import NotFound
from core.tools.tool import Attached
from data.store import Store
from data.values.media import Blob, Described, StoredBlob
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, VideoPart, every


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

    @cache
    def described(blob: Blob) -> Described | None:
        return store.blobs.description(user_id, blob.digest)

    return Files(picture, text, described)


def attached_to(
    said: Iterable[tuple[Part, ...]],
    store: Store,
    user_id: str,
    conversation_id: str | None,
    new: Sequence[StoredBlob],
) -> tuple[Attached, ...]:
    """The files among what was said, the oldest first, for tools to read; what tools gave is among them."""
    just_sent = {each.blob.digest: each.content for each in new}

    def content(blob: Blob) -> bytes:
        kept = just_sent.get(blob.digest)
        if kept is None and conversation_id is not None:
            kept = store.blobs.content(user_id, conversation_id, blob.digest)
        if kept is None:
            raise NotFound("This file is not there any more.", "Ask the person to attach it again.")
        return kept

    text = files_of(store, user_id, conversation_id, new).text
    found: list[Attached] = []
    for part in (part for parts in said for part in every(parts)):
        if isinstance(part, TextFilePart):
            found.append(Attached(part.name, "text/plain", partial(str.encode, part.text), partial(str, part.text)))
        elif isinstance(part, FilePart):
            found.append(
                Attached(part.name, part.blob.media_type, partial(content, part.blob), partial(text, part.blob))
            )
        elif isinstance(part, ImagePart | AudioPart | VideoPart):
            found.append(Attached(part.name, part.blob.media_type, partial(content, part.blob)))
    return tuple(found)
