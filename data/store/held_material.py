"""Everything that a hold keeps of a person, to be handed out: also what they have deleted or changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from data.store.database import Database
from data.store.preferences import INSTRUCTIONS
from data.store.tables import (
    blob_descriptions,
    blobs,
    calls,
    comparison_sides,
    comparisons,
    conversations,
    held_versions,
    messages,
    preferences,
    routing_feedback,
    saved_queries,
)

Record = Mapping[str, Any]
"""One row as JSON: `kind` says of what, moments are ISO 8601 in UTC."""

_MESSAGE = ("id", "conversation_id", "seq", "author", "status", "created_at", "turn_id", "superseded_by", "parts")
_ATTACHMENT = ("conversation_id", "digest", "media_type", "size", "created_at")


class HeldMaterial:
    """Blocking. A conversation at a time is read, so that one who wrote much does not fill the memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: str) -> Iterator[Record]:
        """All that there is of a person: each conversation with its messages and attachments, then what else."""
        theirs = (conversations.c.user_id == user_id) | (conversations.c.deleted_by == user_id)
        query = select(conversations.c.id).where(theirs).order_by(conversations.c.created_at, conversations.c.id)
        with self._database.read() as connection:
            ids = connection.execute(query).scalars().all()
        for conversation_id in ids:
            with self._database.moment() as connection:
                found = list(_conversation(connection, conversation_id))
            yield from found
        with self._database.moment() as connection:
            found = list(_rest(connection, user_id))
        yield from found

    def content(self, conversation_id: str, digest: str) -> bytes | None:
        """The bytes of an attachment; None where it is gone."""
        here = (blobs.c.conversation_id == conversation_id) & (blobs.c.digest == digest)
        with self._database.read() as connection:
            return connection.execute(select(blobs.c.content).where(here)).scalar()


def _conversation(connection: Connection, conversation_id: str) -> Iterator[Record]:
    here = conversations.c.id == conversation_id
    card = _some(conversations, "id", "title", "created_at", "updated_at", "deleted_at", "hidden_in")
    yield from _told(connection, "conversation", select(*card).where(here))
    said = (
        select(*_some(messages, *_MESSAGE), calls.c.provider, calls.c.model)
        .outerjoin(calls, calls.c.id == messages.c.call_id)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.seq)
    )
    yield from _told(connection, "message", said)
    described = (blob_descriptions.c.conversation_id == blobs.c.conversation_id) & (
        blob_descriptions.c.digest == blobs.c.digest
    )
    kept = (
        select(*_some(blobs, *_ATTACHMENT), blob_descriptions.c.text.label("description"))
        .outerjoin(blob_descriptions, described)
        .where(blobs.c.conversation_id == conversation_id)
        .order_by(blobs.c.created_at, blobs.c.digest)
    )
    yield from _told(connection, "attachment", kept)


def _rest(connection: Connection, user_id: str) -> Iterator[Record]:
    shown = routing_feedback
    told = _some(shown, "id", "turn_id", "model_id", "signal", "reason", "words", "at", "replaced_by")
    yield from _told(connection, "feedback", select(*told).where(shown.c.user_id == user_id).order_by(shown.c.at))
    compared = (
        select(comparisons, comparison_sides.c.conversation_id, comparison_sides.c.model_id)
        .join(comparison_sides, comparison_sides.c.comparison_id == comparisons.c.id)
        .where(comparisons.c.user_id == user_id)
        .order_by(comparisons.c.created_at, comparison_sides.c.position)
    )
    yield from _told(connection, "comparison_side", compared)
    yield from _told(connection, "saved_query", select(saved_queries).where(saved_queries.c.user_id == user_id))
    mine = (preferences.c.user_id == user_id) & (preferences.c.key == INSTRUCTIONS)
    yield from _told(connection, "instructions", select(preferences.c.value, preferences.c.updated_at).where(mine))
    earlier = held_versions
    wanted = select(earlier.c.kind.label("of"), *_some(earlier, "subject_id", "until", "body"))
    yield from _told(connection, "earlier_version", wanted.where(earlier.c.user_id == user_id).order_by("until"))


def _told(connection: Connection, kind: str, query: Select[Any]) -> Iterator[Record]:
    for row in connection.execute(query):
        known = {name: value for name, value in row._asdict().items() if value is not None}
        # The kind of a record comes first; a column of that name is what the row itself is a kind of.
        own = {"of_kind" if name == "kind" else name: _plain(value) for name, value in known.items()}
        yield {"kind": kind, **own}


def _some(table: Table, *names: str) -> list[Column[Any]]:
    return [table.c[name] for name in names]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
