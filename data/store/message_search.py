"""Finding words in one person's messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast, or_, select

from data.store.database import Database
from data.store.tables import conversations, messages
from data.values.messages import Author
from data.values.parts import text_of
from data.values.wire import parts_from_wire

MOST_LOOKED_AT = 2_000
"""Messages that may hold the words, the newest first; older ones are not looked at."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message with all of the words in its text."""

    conversation_id: str
    title: str
    author: Author
    created_at: datetime
    text: str


class MessageSearch:
    """Blocking. Sees what `Conversations` shows the person: no other's, and no answers that were superseded."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, user_id: str, words: Sequence[str], *, limit: int, without: str | None = None
    ) -> tuple[FoundMessage, ...]:
        """The newest messages whose text has every one of `words`, upper or lower case.

        Args:
            without: a conversation that is left out.
        """
        query = (
            select(messages, conversations.c.title)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(
                conversations.c.user_id == user_id,
                conversations.c.hidden_in.is_(None),
                messages.c.superseded_by.is_(None),
                *map(_may_have, words),
            )
            .order_by(messages.c.created_at.desc(), messages.c.seq.desc())
            .limit(MOST_LOOKED_AT)
        )
        if without is not None:
            query = query.where(conversations.c.id != without)
        wanted = [word.casefold() for word in words]
        found: list[FoundMessage] = []
        with self._database.read() as connection:
            for row in connection.execute(query):
                text = text_of(parts_from_wire(row.parts))
                folded = text.casefold()
                if all(word in folded for word in wanted):
                    found.append(FoundMessage(row.conversation_id, row.title, Author(row.author), row.created_at, text))
                    if len(found) == limit:
                        break
        return tuple(found)


def _may_have(word: str) -> ColumnElement[bool]:
    """Whether the stored JSON may hold a word: a coarse sieve, as names of fields hold words too.

    JSON is kept in ASCII, so that other letters are escapes there, of which both databases know no case.
    """
    stored = cast(messages.c.parts, Text)
    written = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(stored.icontains(json.dumps(each)[1:-1], autoescape=True) for each in sorted(written)))
