"""Messages as turns write them: prompts, replies, and those that make room for others. In the caller's transaction."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, func, null, select, update

from data.store.rows import message_of
from data.store.tables import messages, turns
from data.values.errors import NotFound, StoreError
from data.values.messages import Author, Message, MessageStatus
from data.values.wire import parts_to_wire


def new_id() -> str:
    """A fresh one, for a message, a turn or a conversation."""
    return uuid.uuid4().hex


def asked_again(connection: Connection, conversation_id: str, reply_id: str) -> Message:
    """The last prompt; the answers it had so far make room for `reply_id`."""
    query = select(messages, null().label("provider")).where(
        messages.c.conversation_id == conversation_id, messages.c.author == Author.USER.value
    )
    row = connection.execute(query.order_by(messages.c.seq.desc()).limit(1)).first()
    if row is None:
        raise StoreError("There is no message to answer again.", "Send one first.")
    old = (messages.c.conversation_id == conversation_id) & (messages.c.seq > row.seq)
    visible = messages.c.superseded_by.is_(None)
    connection.execute(update(messages).where(old, visible).values(superseded_by=reply_id))
    return message_of(row)


def make_room(connection: Connection, conversation_id: str, prompt_id: str, *, by: str) -> None:
    """A prompt is written anew: it and all that followed leave the window for the message `by`. Raises NotFound."""
    visible = (messages.c.conversation_id == conversation_id) & messages.c.superseded_by.is_(None)
    old = (messages.c.id == prompt_id) & (messages.c.author == Author.USER.value)
    seq = connection.execute(select(messages.c.seq).where(visible, old)).scalar_one_or_none()
    if seq is None:
        raise NotFound("There is no such message.", "It may have been changed meanwhile; reload the page.")
    connection.execute(update(messages).where(visible, messages.c.seq >= seq).values(superseded_by=by))


def last_seq(connection: Connection, conversation_id: str) -> int:
    """Of the conversation's last message, 0 where there is none."""
    last = select(func.coalesce(func.max(messages.c.seq), 0)).where(messages.c.conversation_id == conversation_id)
    return int(connection.execute(last).scalar_one())


def message_row(message: Message, call_id: str | None = None) -> dict[str, Any]:
    """A message as a row; `call_id` is of the call that writes it."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "author": message.author.value,
        "status": message.status.value,
        "parts": parts_to_wire(message.parts),
        "created_at": message.created_at,
        "turn_id": message.turn_id,
        "call_id": call_id,
    }


def save_reply(connection: Connection, turn_id: str, **columns: Any) -> None:
    """Write columns of a turn's reply."""
    of_turn = select(turns.c.message_id).where(turns.c.id == turn_id).scalar_subquery()
    connection.execute(update(messages).where(messages.c.id == of_turn).values(columns))


def again(connection: Connection, conversation_id: str, message_id: str) -> tuple[str, Message, Message]:
    """A reply is written on: the id of its turn, the prompt that it answers, and the reply as it is.

    Raises:
        NotFound: there is none, or another one has taken its place.
    """
    shown = (messages.c.conversation_id == conversation_id) & messages.c.superseded_by.is_(None)
    query = select(messages, null().label("provider"))
    row = connection.execute(query.where(shown, messages.c.id == message_id)).one_or_none()
    turn_id = connection.execute(select(turns.c.id).where(turns.c.message_id == message_id)).scalar_one_or_none()
    if row is None or turn_id is None:
        raise NotFound("There is no such answer.", "It may have been answered anew; reload the page.")
    before = shown & (messages.c.author == Author.USER.value) & (messages.c.seq < row.seq)
    asked = connection.execute(query.where(before).order_by(messages.c.seq.desc()).limit(1)).one()
    save_reply(connection, turn_id, status=MessageStatus.STREAMING.value)
    return str(turn_id), message_of(asked), message_of(row)
