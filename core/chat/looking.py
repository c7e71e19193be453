"""A look into an attached file: the first rows of its tables, or the beginning of what stands in it."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.access import Access
from core.access.policy import Permission
from core.errors import NotFound
from data.query import DataFile, QueryError, first_rows, kind_of
from data.store import Store
from data.values.actor import Actor
from data.values.parts import FilePart, TablePart, TextFilePart

_CHARS = 4_000
"""Enough to see which file it is."""

_TABLES, _ROWS = 5, 20


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of a file: `tables`, or `text`, of which `chars` characters stand in the file."""

    tables: tuple[TablePart, ...] = ()
    text: str = ""
    chars: int = 0


class AttachedFiles:
    """Files of a person's conversations; foreign ids look like missing ones."""

    def __init__(self, access: Access, store: Store) -> None:
        self._access = access
        self._store = store

    def look(self, actor: Actor, conversation_id: str, part: FilePart | TextFilePart) -> Look:
        """Look into a file of a conversation. Blocks, a second or so for a table, which is read in a limited process.

        Raises:
            NotFound: there is no such conversation among the actor's, or the file is gone.
        """
        self._access.require(actor, Permission.CHAT)
        try:
            self._store.conversations.get(actor.user_id, conversation_id)
        except NotFound:
            self._access.note_refusal(actor, target=f"conversation:{conversation_id}", reason=NotFound.__name__)
            raise
        tables = self._tables(actor, conversation_id, part)
        if tables:
            return Look(tables)
        if isinstance(part, TextFilePart):
            text = part.text
        else:
            text = self._store.blobs.text(actor.user_id, conversation_id, part.blob.digest) or ""
        return Look(text=text[:_CHARS], chars=len(text))

    def _tables(self, actor: Actor, conversation_id: str, part: FilePart | TextFilePart) -> tuple[TablePart, ...]:
        kind = kind_of(part.name, "text/plain" if isinstance(part, TextFilePart) else part.blob.media_type)
        if kind is None:
            return ()

        def content() -> bytes:
            if isinstance(part, TextFilePart):
                return part.text.encode()
            found = self._store.blobs.content(actor.user_id, conversation_id, part.blob.digest)
            if found is None:
                raise NotFound("This file is not there any more.", "Attach it again.")
            return found

        try:
            found = first_rows(DataFile(part.name, kind, content), tables=_TABLES, rows=_ROWS)
        except QueryError:  # what stands in it is shown instead, as far as it is text
            return ()
        return tuple(
            TablePart(table.name, tuple(name for name, _ in rows.columns), rows.rows, table.rows)
            for table, rows in found
        )
