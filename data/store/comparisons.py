"""Comparisons: several conversations with the same beginning and prompt, each answered by a model of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, literal, select, update

from data.store.conversations import owned
from data.store.database import Database
from data.store.holding import is_held, keep_version, withhold
from data.store.replies import new_id
from data.store.tables import blobs, comparison_sides, comparisons, conversations, messages
from data.values.comparisons import Comparison, Side, Verdict
from data.values.errors import NotFound
from data.values.holds import Earlier


class Comparisons:
    """Blocking. Another person's comparison looks exactly like a missing one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        user_id: str,
        title: str,
        model_ids: Sequence[str],
        *,
        is_blind: bool,
        source: tuple[str, int] | None = None,
    ) -> Comparison:
        """Make one, with a hidden conversation for each model, shown in this order.

        Args:
            source: a conversation and a message's number: what was said before that is copied into each.

        Raises:
            NotFound: the source is not this person's.
        """

        def work(connection: Connection) -> Comparison:
            now = self._database.clock()
            made = Comparison(new_id(), title, is_blind, now, tuple(Side(new_id(), each) for each in model_ids))
            if source is not None:
                owned(connection, user_id, source[0])
            row = {"id": made.id, "user_id": user_id, "title": title, "is_blind": is_blind, "created_at": now}
            connection.execute(insert(comparisons), row)
            card = {"user_id": user_id, "title": title, "created_at": now, "updated_at": now, "hidden_in": made.id}
            connection.execute(insert(conversations), [{"id": side.conversation_id, **card} for side in made.sides])
            sides = [
                {
                    "comparison_id": made.id,
                    "position": position,
                    "conversation_id": side.conversation_id,
                    "model_id": side.model_id,
                }
                for position, side in enumerate(made.sides)
            ]
            connection.execute(insert(comparison_sides), sides)
            if source is not None:
                for side in made.sides:
                    _copy(connection, source, side.conversation_id)
            return made

        return self._database.write(work)

    def get(self, user_id: str, comparison_id: str) -> Comparison:
        """One with its sides. Raises NotFound."""
        with self._database.read() as connection:
            return _with_sides(connection, [_owned(connection, user_id, comparison_id)])[0]

    def recent(self, user_id: str, *, limit: int) -> list[Comparison]:
        """The person's, the newest first."""
        query = select(comparisons).where(comparisons.c.user_id == user_id)
        newest = query.order_by(comparisons.c.created_at.desc(), comparisons.c.id).limit(limit)
        with self._database.read() as connection:
            return _with_sides(connection, connection.execute(newest).all())

    def of_conversation(self, user_id: str, conversation_id: str) -> Comparison | None:
        """The one that a conversation came from; None where it came from none."""
        query = (
            select(comparisons)
            .join(comparison_sides, comparison_sides.c.comparison_id == comparisons.c.id)
            .where(comparison_sides.c.conversation_id == conversation_id, comparisons.c.user_id == user_id)
        )
        with self._database.read() as connection:
            return next(iter(_with_sides(connection, connection.execute(query).all())), None)

    def judge(self, user_id: str, comparison_id: str, verdict: Verdict, winner: str | None) -> Comparison:
        """Keep the first verdict; the winner's conversation is listed from now on. A later one changes nothing.

        Raises:
            NotFound: there is no such comparison, or the winner is none of its sides.
        """

        def work(connection: Connection) -> Comparison:
            row = _owned(connection, user_id, comparison_id)
            if winner is not None:
                _side(connection, comparison_id, winner)
            verdict_of = {"verdict": verdict.value, "winner": winner, "judged_at": self._database.clock()}
            unjudged = (comparisons.c.id == row.id) & comparisons.c.verdict.is_(None)
            judged = connection.execute(update(comparisons).where(unjudged).values(verdict_of)).rowcount
            if judged and winner is not None:
                _show(connection, winner)
            return _with_sides(connection, [_owned(connection, user_id, comparison_id)])[0]

        return self._database.write(work)

    def show(self, user_id: str, comparison_id: str, conversation_id: str) -> None:
        """List the conversation of a side from now on. Raises NotFound."""

        def work(connection: Connection) -> None:
            _owned(connection, user_id, comparison_id)
            _side(connection, comparison_id, conversation_id)
            _show(connection, conversation_id)

        self._database.write(work)

    def delete(self, user_id: str, comparison_id: str) -> None:
        """Delete it with those of its conversations that are not listed. Raises NotFound."""

        def work(connection: Connection) -> None:
            row, now = _owned(connection, user_id, comparison_id), self._database.clock()
            sides = conversations.c.hidden_in == comparison_id
            told = _told(_with_sides(connection, [row])[0])
            keep_version(connection, user_id, Earlier.COMPARISON, comparison_id, told, until=now)
            connection.execute(delete(comparisons).where(comparisons.c.id == comparison_id))
            if is_held(connection, user_id):
                withhold(connection, sides, user_id, now)
            else:
                connection.execute(delete(conversations).where(sides))

        self._database.write(work)


def _copy(connection: Connection, source: tuple[str, int], to: str) -> None:
    """Copy what is visible before a message, with the files of the whole conversation."""
    conversation_id, before_seq = source
    said = select(messages).where(
        messages.c.conversation_id == conversation_id,
        messages.c.seq < before_seq,
        messages.c.superseded_by.is_(None),
    )
    copies = [
        {**row._mapping, "id": new_id(), "conversation_id": to} for row in connection.execute(said.order_by("seq"))
    ]
    if copies:
        connection.execute(insert(messages), copies)
    kept = [column for column in blobs.c if column.name != "conversation_id"]
    copied = select(literal(to), *kept).where(blobs.c.conversation_id == conversation_id)
    names = ["conversation_id", *(column.name for column in kept)]
    connection.execute(insert(blobs).from_select(names, copied))


def _show(connection: Connection, conversation_id: str) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(hidden_in=None))


def _told(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON."""
    return {
        "title": comparison.title,
        "created_at": comparison.created_at.isoformat(),
        "verdict": comparison.verdict.value if comparison.verdict else None,
        "winner": comparison.winner,
        "sides": {side.conversation_id: side.model_id for side in comparison.sides},
    }


def _owned(connection: Connection, user_id: str, comparison_id: str) -> Row[Any]:
    mine = (comparisons.c.id == comparison_id) & (comparisons.c.user_id == user_id)
    row = connection.execute(select(comparisons).where(mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such comparison.", "It may have been deleted; begin another one.")
    return row


def _side(connection: Connection, comparison_id: str, conversation_id: str) -> None:
    is_side = (comparison_sides.c.comparison_id == comparison_id) & (
        comparison_sides.c.conversation_id == conversation_id
    )
    if connection.execute(select(comparison_sides.c.position).where(is_side)).first() is None:
        raise NotFound("This comparison has no such answer.", "Reload the page.")


def _with_sides(connection: Connection, rows: Sequence[Row[Any]]) -> list[Comparison]:
    query = select(comparison_sides).where(comparison_sides.c.comparison_id.in_([row.id for row in rows]))
    sides: dict[str, list[Side]] = defaultdict(list)
    for row in connection.execute(query.order_by(comparison_sides.c.position)):
        sides[row.comparison_id].append(Side(row.conversation_id, row.model_id))
    bare = [
        Comparison(
            row.id,
            row.title,
            row.is_blind,
            row.created_at,
            verdict=Verdict(row.verdict) if row.verdict else None,
            winner=row.winner,
        )
        for row in rows
    ]
    return [replace(each, sides=tuple(sides[each.id])) for each in bare]
