"""Saving an answer: for the person whose conversation it is in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from threading import BoundedSemaphore

from core.access.access import Access
from core.access.policy import Permission
from core.chat.saving.markdown import reply_zip
from core.chat.saving.page import reply_page
from core.chat.saving.reply import Reply, check_size
from core.chat.saving.slideshow import slideshow
from core.clock import utc_now
from core.errors import GearboxError, NotFound
from data.store import Store
from data.values.actor import Actor
from data.values.media import Blob
from data.values.messages import Author, Message, MessageStatus
from data.values.parts import text_of

_FILMS_AT_ONCE = 2
"""Each takes a core; answers need some, too."""

_PATIENCE = 60.0


class Form(StrEnum):
    """What an answer is saved as."""

    ZIP = "zip"
    PAGE = "html"
    FILM = "mp4"


class SavedReplies:
    """Answers as files; foreign ids look like missing ones."""

    def __init__(self, access: Access, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._access = access
        self._store = store
        self._clock = clock
        self._films = BoundedSemaphore(_FILMS_AT_ONCE)

    def save(self, actor: Actor, conversation_id: str, seq: int, form: Form) -> bytes:
        """The answer that is message `seq` of a conversation, as a file. Blocks; nothing of it is kept here.

        Raises:
            NotFound: there is no such answer among the actor's.
            GearboxError: it is still being written, or its files are too much for one.
        """
        self._access.require(actor, Permission.CHAT)
        reply = self._reply(actor, conversation_id, seq)
        check_size(reply.message)
        content = partial(self._store.blobs.content, actor.user_id, conversation_id)

        def load(blob: Blob) -> bytes | None:
            return content(blob.digest)

        if form is Form.FILM:
            return self._film(reply, load)
        return reply_zip(reply, load) if form is Form.ZIP else reply_page(reply, load)

    def _film(self, reply: Reply, load: Callable[[Blob], bytes | None]) -> bytes:
        if not self._films.acquire(timeout=_PATIENCE):
            raise GearboxError("Other films are being made.", "Try again in a minute.")
        try:
            return slideshow(reply.message, load)
        finally:
            self._films.release()

    def _reply(self, actor: Actor, conversation_id: str, seq: int) -> Reply:
        try:
            card = self._store.conversations.get(actor.user_id, conversation_id)
            found = self._store.conversations.window(actor.user_id, conversation_id, limit=2, before_seq=seq + 1)
        except NotFound:
            self._access.note_refusal(actor, target=f"conversation:{conversation_id}", reason=NotFound.__name__)
            raise
        if not found or found[-1].seq != seq or found[-1].author is not Author.ASSISTANT:
            raise NotFound("There is no such answer.", "Reload the page.")
        if found[-1].status is MessageStatus.STREAMING:
            raise GearboxError("This answer is still being written.", "Save it when it has ended.")
        return Reply(card.title, _asked(found[:-1]), found[-1], self._clock())


def _asked(before: list[Message]) -> str:
    return text_of(before[-1].parts) if before and before[-1].author is Author.USER else ""
