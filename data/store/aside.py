"""What was kept aside: answers before the one in view, and what followed a prompt before it was changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from data.store.conversations import MESSAGE, owned
from data.store.database import Database
from data.store.rows import message_of
from data.store.tables import calls, messages
from data.values.messages import Message


class Aside:
    """Blocking. Another person's conversation looks exactly like a missing one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def before(self, user_id: str, conversation_id: str, message_id: str) -> list[list[Message]]:
        """What stood where a message stands now, the oldest first; each version is the messages that left together.

        Of an answer these are answers; of a prompt that was changed, the prompt before and what followed it. What had
        left before, from among those, comes before them with what it followed.

        Raises:
            NotFound: the conversation does not exist or is not this person's.
        """
        brief = (messages.c.id, messages.c.superseded_by, messages.c.turn_id, messages.c.author)
        here = messages.c.conversation_id == conversation_id
        with self._database.read() as connection:
            owned(connection, user_id, conversation_id)
            rows = connection.execute(select(*brief).where(here).order_by(messages.c.seq)).all()
            versions = _versions(rows, message_id)
            wanted = [each for version in versions for each in version]
            if not wanted:
                return []
            query = select(*MESSAGE).outerjoin(calls, calls.c.id == messages.c.call_id)
            found = {row.id: message_of(row) for row in connection.execute(query.where(messages.c.id.in_(wanted)))}
        return [[found[each] for each in version] for version in versions]


def _versions(rows: Sequence[Any], message_id: str) -> list[list[str]]:
    """Ids of what left together, followed back from a message."""
    by_id = {row.id: row for row in rows}
    left: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        place = by_id.get(row.superseded_by)
        # An attempt that was cut off within a turn was never an answer of its own.
        if place is not None and place.turn_id != row.turn_id:
            left[place.id].append(row)
    return _back(message_id, by_id, left)


def _back(message_id: str, by_id: Mapping[str, Any], left: Mapping[str, Sequence[Any]]) -> list[list[str]]:
    """A step back, and all the steps before it."""
    together = left.get(message_id)
    if not together:
        return []
    author = by_id[message_id].author
    same = next((row for row in together if row.author == author), None)
    versions = _back(same.id, by_id, left) if same is not None else []
    for before, row in pairwise(together):
        if row is not same:
            versions += [[before.id, *each] for each in _back(row.id, by_id, left)]
    return [*versions, [row.id for row in together]]
