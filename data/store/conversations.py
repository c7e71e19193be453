"""Conversations and their messages as one person sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update

from data.store.database import Database
from data.store.holding import is_held, keep_version, withhold
from data.store.routing_counting import forget_conversation
from data.store.routing_decisions import CHOICE, IN_FORCE, choice_in
from data.store.rows import conversation_of, details_of, message_of
from data.store.tables import calls, conversations, messages, routing_decisions
from data.values.calls import CHAT, CallStatus
from data.values.errors import NotFound
from data.values.holds import Earlier
from data.values.messages import (
    Author,
    Conversation,
    CutAttempt,
    Message,
    ReplyDetails,
    Utterance,
    of_all_rounds,
    of_all_steps,
)
from data.values.parts import NoticePart, StepPart, ToolCallPart
from data.values.wire import parts_from_wire

# The columns of a message and of the call that answered, as `rows.message_of` reads them.
MESSAGE = (
    messages,
    calls.c.provider,
    calls.c.model,
    calls.c.chosen_by,
    calls.c.ttft_ms,
    calls.c.latency_ms,
    calls.c.input_tokens,
    calls.c.output_tokens,
    calls.c.cached_tokens,
    calls.c.reasoning_tokens,
    calls.c.tokens_estimated,
    calls.c.cost_amount,
    calls.c.cost_currency,
    calls.c.cost_basis,
    calls.c.price_version,
)


class Conversations:
    """Blocking. Another person's conversation looks exactly like a missing one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, user_id: str, *, limit: int = 200) -> list[Conversation]:
        """The person's conversations, the last changed first; those of comparisons are not listed."""
        mine = select(conversations).where(conversations.c.user_id == user_id, conversations.c.hidden_in.is_(None))
        query = mine.order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        with self._database.read() as connection:
            return [conversation_of(row) for row in connection.execute(query)]

    def get(self, user_id: str, conversation_id: str) -> Conversation:
        """One conversation's card.

        Raises:
            NotFound: it does not exist or is not this person's.
        """
        with self._database.read() as connection:
            return conversation_of(owned(connection, user_id, conversation_id))

    def rename(self, user_id: str, conversation_id: str, title: str) -> None:
        """Change the title; the conversation keeps its place in the list. Raises NotFound."""

        def work(connection: Connection) -> None:
            card, now = owned(connection, user_id, conversation_id), self._database.clock()
            keep_version(connection, user_id, Earlier.TITLE, conversation_id, {"title": card.title}, until=now)
            connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(title=title))

        self._database.write(work)

    def delete(self, user_id: str, conversation_id: str) -> None:
        """Delete a conversation with its messages and turns; its calls stay in the books. Raises NotFound.

        While the person is held it is only nobody's from now on; see `data.store.holding`.
        """

        def work(connection: Connection) -> None:
            owned(connection, user_id, conversation_id)
            if is_held(connection, user_id):
                withhold(connection, conversations.c.id == conversation_id, user_id, self._database.clock())
                return
            forget_conversation(connection, conversation_id)
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

        self._database.write(work)

    def window(
        self,
        user_id: str,
        conversation_id: str,
        *,
        limit: int,
        before_seq: int | None = None,
        after_seq: int | None = None,
    ) -> list[Message]:
        """At most `limit` messages in order, without answers that were superseded.

        By default the last ones; with `before_seq` the last before it, with `after_seq` the first after it.

        Raises:
            NotFound: the conversation does not exist or is not this person's.
        """
        with self._database.read() as connection:
            owned(connection, user_id, conversation_id)
            rows = connection.execute(window_query(conversation_id, limit, before_seq, after_seq)).all()
            found = _with_choices(rows, _with_all_rounds(connection, rows))
            found = _with_what_was_cut(connection, conversation_id, found)
        return found if after_seq is not None else found[::-1]

    def message(self, user_id: str, conversation_id: str, message_id: str) -> Message:
        """One message, as `window` gives it.

        Raises:
            NotFound: it is not this person's, does not exist, or another answer has taken its place.
        """
        of_message = select(messages.c.seq).where(
            messages.c.id == message_id, messages.c.conversation_id == conversation_id
        )
        with self._database.read() as connection:
            owned(connection, user_id, conversation_id)
            seq = connection.execute(of_message).scalar_one_or_none()
        at = self.window(user_id, conversation_id, limit=1, after_seq=(seq or 0) - 1)
        if seq is None or not at or at[0].id != message_id:
            raise NotFound("There is no such message.", "It may have been answered anew; reload the page.")
        return at[0]

    def transcript(
        self, user_id: str, conversation_id: str, *, limit: int, before_seq: int | None = None
    ) -> list[Utterance]:
        """Who said what: the last `limit` messages (before `before_seq`), in order, superseded answers left out.

        A fifth of the cost of `window`; it is read before every answer.

        Raises:
            NotFound: the conversation does not exist or is not this person's.
        """
        query = (
            select(messages.c.seq, messages.c.author, messages.c.parts)
            .where(messages.c.conversation_id == conversation_id, messages.c.superseded_by.is_(None))
            .order_by(messages.c.seq.desc())
            .limit(limit)
        )
        if before_seq is not None:
            query = query.where(messages.c.seq < before_seq)
        with self._database.read() as connection:
            owned(connection, user_id, conversation_id)
            rows = connection.execute(query).all()
        return [Utterance(seq, Author(author), parts_from_wire(parts)) for seq, author, parts in reversed(rows)]


def window_query(conversation_id: str, limit: int, before_seq: int | None, after_seq: int | None) -> Select[Any]:
    """Visible messages with their calls and decisions: ascending from `after_seq` if given, else descending."""
    query = (
        select(*MESSAGE, *CHOICE)
        .outerjoin(calls, calls.c.id == messages.c.call_id)
        .outerjoin(routing_decisions, (routing_decisions.c.turn_id == messages.c.turn_id) & IN_FORCE)
        .where(messages.c.conversation_id == conversation_id, messages.c.superseded_by.is_(None))
        .limit(limit)
    )
    if before_seq is not None:
        query = query.where(messages.c.seq < before_seq)
    if after_seq is not None:
        return query.where(messages.c.seq > after_seq).order_by(messages.c.seq)
    return query.order_by(messages.c.seq.desc())


def _with_all_rounds(connection: Connection, rows: Sequence[Row[Any]]) -> list[Message]:
    """The messages; of those whose model called tools, or that were planned, all calls of their turn count."""
    found = [message_of(row) for row in rows]
    in_rounds: dict[str | None, list[Row[Any]]] = {
        each.turn_id: [] for each in found if any(isinstance(part, ToolCallPart | StepPart) for part in each.parts)
    }
    if not in_rounds:
        return found
    query = select(calls).where(calls.c.turn_id.in_(in_rounds)).order_by(calls.c.started_at)
    for call in connection.execute(query):
        in_rounds[call.turn_id].append(call)
    shown = []
    for row, message in zip(rows, found, strict=True):
        of_turn = in_rounds.get(message.turn_id, ())
        if any(isinstance(part, StepPart) for part in message.parts):
            shown.append(replace(message, details=_of_steps(row, of_turn)))
            continue
        # One that failed gave the reply nothing, unless it is how the reply ended.
        made = [call for call in of_turn if call.status != CallStatus.FAILED.value or call.id == row.call_id]
        if made and message.details:
            shown.append(replace(message, details=of_all_rounds([details_of(call) for call in made])))
        else:
            shown.append(message)
    return shown


def _with_choices(rows: Sequence[Row[Any]], found: list[Message]) -> list[Message]:
    """The messages, each reply with how its model was chosen."""
    return [
        replace(message, details=replace(message.details, choice=choice))
        if message.details and (choice := choice_in(row))
        else message
        for row, message in zip(rows, found, strict=True)
    ]


def _of_steps(row: Row[Any], of_turn: Sequence[Row[Any]]) -> ReplyDetails | None:
    """What a planned reply took. A call that failed counts only for what it cost, or where there is no other."""
    ended = [call for call in of_turn if call.status != CallStatus.INTENT.value]
    counts = [call for call in ended if call.status != CallStatus.FAILED.value or call.cost_amount is not None]
    made = counts or [call for call in ended if call.id == row.call_id]
    return of_all_steps([(details_of(call), call.modality == CHAT) for call in made])


def _with_what_was_cut(connection: Connection, conversation_id: str, found: list[Message]) -> list[Message]:
    """The messages, each with the attempt that it took the place of."""
    # A reply that took another's place says so in a notice: most windows need no second look.
    replies = [each for each in found if any(isinstance(part, NoticePart) for part in each.parts)]
    if not replies:
        return found
    aside = (
        select(*MESSAGE)
        .outerjoin(calls, calls.c.id == messages.c.call_id)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.seq > min(each.seq for each in replies),
            messages.c.superseded_by.in_([each.id for each in replies]),
        )
        .order_by(messages.c.seq)
    )
    # An answer that was asked for again is superseded, too, but by another turn's.
    cut = {(row.superseded_by, row.turn_id): row for row in connection.execute(aside)}
    return [
        replace(each, cut=CutAttempt(parts_from_wire(row.parts), message_of(row).details))
        if (row := cut.get((each.id, each.turn_id)))
        else each
        for each in found
    ]


def owned(connection: Connection, user_id: str, conversation_id: str) -> Row[Any]:
    """The row of a person's own conversation, in the caller's transaction. Raises NotFound."""
    mine = (conversations.c.id == conversation_id) & (conversations.c.user_id == user_id)
    row = connection.execute(select(conversations).where(mine)).first()
    if row is None:
        raise NotFound("There is no such conversation.", "It may have been deleted; pick another one.")
    return row
