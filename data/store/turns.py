"""Turns: one prompt and its answer, from the first commit to the last."""

from __future__ import annotations

import uuid
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, null, select, update

from data.store.blobs import put
from data.store.calls import book, settle
from data.store.conversations import owned
from data.store.database import Database
from data.store.lease import LEASE
from data.store.rows import message_of
from data.store.sweep import (
    RUNNING,
    dead_calls,
    dead_turns,
    interrupt,
    owner_is_dead,
    running_turns,
    settle_lost,
)
from data.store.tables import conversations, messages, turns
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome
from data.values.errors import StoreError, TurnActive
from data.values.media import StoredBlob
from data.values.messages import Author, Message, MessageStatus, ReplyDetails
from data.values.money import UNPRICED
from data.values.parts import Part
from data.values.wire import parts_to_wire


@dataclass(frozen=True, slots=True)
class BeginTurn:
    """What a turn starts from.

    `conversation_id` None makes a new conversation; `title` names it, or an existing one that has no name yet.
    `prompt` None answers the last prompt again: the answers it had leave the window but stay in the table. `blobs` are
    what the prompt's parts point at.
    """

    user_id: str
    conversation_id: str | None
    title: str
    prompt: tuple[Part, ...] | None
    call: CallIntent
    blobs: tuple[StoredBlob, ...] = ()


@dataclass(frozen=True, slots=True)
class BegunTurn:
    """A turn that is committed: the prompt, and the still empty reply."""

    turn_id: str
    conversation_id: str
    user_message: Message
    reply: Message
    receipt: Receipt


class Turns:
    """Starts, saves and ends turns; takes over those of dead processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, wanted: BeginTurn) -> Future[BegunTurn]:
        """Commit prompt, empty reply, lease and call intent in one transaction.

        The future fails with TurnActive while another answer is in progress, with NotFound for a conversation that
        is not the person's, and with StoreError when there is no prompt to answer again.
        """
        return self._database.submit(lambda connection: self._begin(connection, wanted))

    def checkpoint(self, turn_id: str, parts: tuple[Part, ...]) -> Future[None]:
        """Save what the answer has so far and renew the lease; does nothing for a turn that has ended."""

        def work(connection: Connection) -> None:
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            lease = update(turns).where(running).values(lease_until=self._database.clock() + LEASE)
            if connection.execute(lease).rowcount:
                _save_reply(connection, turn_id, parts=parts_to_wire(parts))

        return self._database.submit(work)

    def call_again(self, turn_id: str, call: CallIntent, *, writes: bool) -> Future[Receipt]:
        """Book a further call of a running turn; `writes` says that the reply is this call's from now on.

        The future fails with StoreError when the turn has ended meanwhile.
        """

        def work(connection: Connection) -> Receipt:
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            called = {"call_id": call.id, "lease_until": self._database.clock() + LEASE}
            if not connection.execute(update(turns).where(running).values(called)).rowcount:
                raise StoreError("This answer was ended elsewhere.", "Reload the page.")
            if writes:
                _save_reply(connection, turn_id, call_id=call.id)
            return book(connection, self._database, call)

        return self._database.submit(work)

    def set_aside(self, turn_id: str, aside: tuple[Part, ...], *, of_call: str, by_call: str) -> Future[None]:
        """Keep what the call `of_call` answered out of sight: the call `by_call` answers in its place."""

        def work(connection: Connection) -> None:
            of_turn = select(turns.c.message_id).where(turns.c.id == turn_id).scalar_subquery()
            reply = connection.execute(select(messages).where(messages.c.id == of_turn)).one_or_none()
            if reply is None:  # the conversation was deleted
                return
            seq = _last_seq(connection, reply.conversation_id) + 1
            now = self._database.clock()
            cut = Message(
                _new_id(), reply.conversation_id, seq, Author.ASSISTANT, aside, MessageStatus.FAILED, now, turn_id
            )
            connection.execute(insert(messages), {**_message_row(cut, of_call), "superseded_by": reply.id})
            _save_reply(connection, turn_id, call_id=by_call)  # its text stays until the new one is saved

        return self._database.submit(work)

    def save_round(
        self, turn_id: str, parts: tuple[Part, ...], *, call_id: str, outcome: CallOutcome, actor: Actor
    ) -> Future[None]:
        """Commit the reply so far, with the outcome and the usage event of a call that may not be the turn's last."""

        def work(connection: Connection) -> None:
            now = self._database.clock()
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            if connection.execute(update(turns).where(running).values(lease_until=now + LEASE)).rowcount:
                _save_reply(connection, turn_id, parts=parts_to_wire(parts))
            settle(connection, self._database, call_id, outcome, now, actor=actor)

        return self._database.submit(work)

    def finish(
        self,
        turn_id: str,
        *,
        status: MessageStatus,
        parts: tuple[Part, ...],
        call_id: str,
        outcome: CallOutcome,
        actor: Actor | None = None,
        answered_by: str | None = None,
    ) -> Future[None]:
        """Commit the final reply, the turn's end, the call's outcome and its usage event in one transaction.

        `call_id` is the turn's last call, `answered_by` the one whose answer the reply shows, if that is another.
        Only the first end of a turn counts. The call is booked also when the conversation was deleted meanwhile.
        """

        def work(connection: Connection) -> None:
            now = self._database.clock()
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            ended = update(turns).where(running).values(state=status.value, ended_at=now)
            if connection.execute(ended).rowcount:
                shown = {"parts": parts_to_wire(parts), "status": status.value, "call_id": answered_by or call_id}
                _save_reply(connection, turn_id, **shown)
                of_turn = select(turns.c.conversation_id).where(turns.c.id == turn_id).scalar_subquery()
                connection.execute(update(conversations).where(conversations.c.id == of_turn).values(updated_at=now))
            settle(connection, self._database, call_id, outcome, now, actor=actor)

        return self._database.submit(work)

    def sweep(self) -> list[str]:
        """End the turns of dead processes, and the calls they made outside turns; returns the turns' ids. Blocking.

        Several processes may sweep at once: each dead turn is ended, and booked, by exactly one of them.
        """
        me = self._database.owner
        with self._database.read() as connection:  # mostly there is nothing to do, and nothing to lock
            now = self._database.clock()
            if not dead_turns(connection, me, now) and not dead_calls(connection, me, now):
                return []

        def work(connection: Connection) -> list[str]:
            now = self._database.clock()
            dead = dead_turns(connection, me, now)
            for turn in dead:
                interrupt(connection, self._database, turn, now)
            for call_id in dead_calls(connection, me, now):
                settle_lost(connection, self._database, call_id, now)
            return [turn.id for turn in dead]

        return self._database.write(work)

    def running(self, conversation_id: str) -> str | None:
        """The turn in progress in a conversation, if its lease is live. Blocking."""
        with self._database.read() as connection:
            rows = running_turns(connection, conversation_id)
        now = self._database.clock()
        return next((row.id for row in rows if not owner_is_dead(row, self._database.owner, now)), None)

    def _begin(self, connection: Connection, wanted: BeginTurn) -> BegunTurn:
        # Every statement here is in front of the first token. Values go in as parameters: `.values()` would have
        # SQLAlchemy build an expression for each, which takes longer than SQLite's part of the work.
        now = self._database.clock()
        owner = str(self._database.owner)
        conversation_id = _conversation(connection, wanted, now)
        self._make_way(connection, conversation_id, now)
        turn_id, reply_id = wanted.call.turn_id or _new_id(), _new_id()
        call = replace(wanted.call, turn_id=turn_id, conversation_id=conversation_id)
        seq = _last_seq(connection, conversation_id) + 1
        if wanted.prompt is None:
            asked = _asked_again(connection, conversation_id, reply_id)
            new = []
        else:
            asked = Message(
                _new_id(), conversation_id, seq, Author.USER, wanted.prompt, MessageStatus.COMPLETE, now, turn_id
            )
            new = [_message_row(asked)]
            seq += 1
            put(connection, conversation_id, wanted.blobs, now)
        details = ReplyDetails(call.provider, call.model, None, UNPRICED, None, None)
        reply = Message(
            reply_id, conversation_id, seq, Author.ASSISTANT, (), MessageStatus.STREAMING, now, turn_id, details
        )
        connection.execute(insert(messages), [*new, _message_row(reply, call.id)])
        receipt = book(connection, self._database, call)
        turn: dict[str, Any] = {"id": turn_id, "conversation_id": conversation_id, "message_id": reply_id}
        turn |= {"call_id": call.id, "state": RUNNING, "owner": owner, "lease_until": now + LEASE, "started_at": now}
        connection.execute(insert(turns), turn)
        return BegunTurn(turn_id, conversation_id, asked, reply, receipt)

    def _make_way(self, connection: Connection, conversation_id: str, now: datetime) -> None:
        for turn in running_turns(connection, conversation_id):
            if not owner_is_dead(turn, self._database.owner, now):
                raise TurnActive(
                    "This conversation already has an answer in progress.", "Wait for it, or stop it first."
                )
            interrupt(connection, self._database, turn, now)


def _new_id() -> str:
    return uuid.uuid4().hex


def _conversation(connection: Connection, wanted: BeginTurn, now: datetime) -> str:
    """The conversation to write into: a new one, or the person's own with its card brought up to date."""
    if wanted.conversation_id is None:
        new = {"id": _new_id(), "user_id": wanted.user_id, "title": wanted.title, "created_at": now, "updated_at": now}
        connection.execute(insert(conversations), new)
        return str(new["id"])
    card = owned(connection, wanted.user_id, wanted.conversation_id)
    changed = {"updated_at": now, "title": card.title or wanted.title}
    connection.execute(update(conversations).where(conversations.c.id == card.id).values(changed))
    return str(card.id)


def _asked_again(connection: Connection, conversation_id: str, reply_id: str) -> Message:
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


def _last_seq(connection: Connection, conversation_id: str) -> int:
    last = select(func.coalesce(func.max(messages.c.seq), 0)).where(messages.c.conversation_id == conversation_id)
    return int(connection.execute(last).scalar_one())


def _message_row(message: Message, call_id: str | None = None) -> dict[str, Any]:
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


def _save_reply(connection: Connection, turn_id: str, **columns: Any) -> None:
    of_turn = select(turns.c.message_id).where(turns.c.id == turn_id).scalar_subquery()
    connection.execute(update(messages).where(messages.c.id == of_turn).values(columns))
