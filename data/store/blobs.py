"""The pictures and documents of conversations: bytes beside the messages, by their SHA-256."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, select

from data.store.columns import insert_new
from data.store.conversations import owned
from data.store.database import Database
from data.store.tables import blob_descriptions, blobs, conversations
from data.values.media import Described, StoredBlob


class Blobs:
    """What is in a conversation of somebody else's looks exactly as if there were nothing. Reading blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def content(self, user_id: str, conversation_id: str, digest: str) -> bytes | None:
        """The bytes; None where there are none."""
        return self._read(user_id, conversation_id, [digest], blobs.c.content).get(digest)

    def media_type(self, user_id: str, conversation_id: str, digest: str) -> str | None:
        """What it is, such as `image/png`; None where there is no such blob."""
        return self._read(user_id, conversation_id, [digest], blobs.c.media_type).get(digest)

    def text(self, user_id: str, conversation_id: str, digest: str) -> str | None:
        """What stands in it as text; None where nothing does, or there is no such blob."""
        return self._read(user_id, conversation_id, [digest], blobs.c.text).get(digest)

    def previews(self, user_id: str, conversation_id: str, digests: Collection[str]) -> dict[str, bytes]:
        """Small pictures of those that have one, by digest."""
        return self._read(user_id, conversation_id, digests, blobs.c.preview) if digests else {}

    def keep(self, user_id: str, conversation_id: str, made: Collection[StoredBlob]) -> Future[None]:
        """Keep what an answer holds. The future fails with NotFound where the conversation is not the person's."""

        def work(connection: Connection) -> None:
            owned(connection, user_id, conversation_id)
            put(connection, conversation_id, made, self._database.clock())

        return self._database.submit(work)

    def description(self, user_id: str, digest: str) -> Described | None:
        """What a model wrote of it in any conversation of the person's; None where none did."""
        query = (
            select(blob_descriptions.c.text, blob_descriptions.c.described_by)
            .join(conversations, conversations.c.id == blob_descriptions.c.conversation_id)
            .where(blob_descriptions.c.digest == digest, conversations.c.user_id == user_id)
            .order_by(blob_descriptions.c.created_at)
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Described(row.text, row.described_by)

    def describe(self, user_id: str, conversation_id: str, digest: str, described: Described) -> Future[None]:
        """Keep what a model wrote of a blob, as long as the blob is kept; does nothing where there is no such blob.

        The future fails with NotFound where the conversation is not the person's.
        """

        def work(connection: Connection) -> None:
            owned(connection, user_id, conversation_id)
            key = {"conversation_id": conversation_id, "digest": digest}
            of_blob = (blobs.c.conversation_id == conversation_id) & (blobs.c.digest == digest)
            if connection.execute(select(blobs.c.digest).where(of_blob)).first() is None:
                return
            row = {**key, "text": described.text, "described_by": described.by, "created_at": self._database.clock()}
            insert_new(connection, blob_descriptions, row, key=tuple(key))

        return self._database.submit(work)

    def _read(
        self, user_id: str, conversation_id: str, digests: Collection[str], column: Column[Any]
    ) -> dict[str, Any]:
        query = (
            select(blobs.c.digest, column)
            .join(conversations, conversations.c.id == blobs.c.conversation_id)
            .where(conversations.c.id == conversation_id, conversations.c.user_id == user_id)
            .where(blobs.c.digest.in_(digests), column.is_not(None))
        )
        with self._database.read() as connection:
            return {row.digest: row[1] for row in connection.execute(query)}


def put(connection: Connection, conversation_id: str, made: Iterable[StoredBlob], now: datetime) -> None:
    """Keep blobs in the caller's transaction; what the conversation has already is kept once."""
    for each in made:
        row = {
            "conversation_id": conversation_id,
            "digest": each.blob.digest,
            "media_type": each.blob.media_type,
            "size": each.blob.size,
            "created_at": now,
            "preview": each.preview,
            "text": each.text,
            "content": each.content,
        }
        insert_new(connection, blobs, row, key=("conversation_id", "digest"))
