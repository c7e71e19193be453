"""Turns: one prompt and its answer, from the first commit to the last."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.store.blobs import put
from data.store.calls import book, settle
from data.store.conversations import owned
from data.store.database import Database
from data.store.holding import keep_version
from data.store.lease import LEASE
from data.store.replies import again, asked_again, last_seq, make_room, message_row, new_id, save_reply
from data.store.routing_decisions import choice_of, choice_of_turn, keep_decision
from data.store.sweep import (
    NO_CALL,
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
from data.values.holds import Earlier
from data.values.media import StoredBlob
from data.values.messages import Author, Message, MessageStatus, ReplyDetails
from data.values.money import UNPRICED
from data.values.parts import Part
from data.values.routing import Decision, ReplyChoice
from data.values.wire import parts_to_wire


@dataclass(frozen=True, slots=True)
class BeginTurn:
    """What a turn starts from.

    `conversation_id` None makes a new conversation; `title` names it, or an existing one that has no name yet.
    `prompt` None answers the last prompt again: the answers it had leave the window but stay in the table. `blobs` are
    what the prompt's parts point at. `call` is the first one, which is booked with it; None books none yet. `decision`
    is how its model was chosen. `edits` is the prompt whose place this one takes: it and all after it is kept aside.
    """

    user_id: str
    conversation_id: str | None
    title: str
    prompt: tuple[Part, ...] | None
    call: CallIntent | None
    blobs: tuple[StoredBlob, ...] = ()
    decision: Decision | None = None
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class BegunTurn:
    """A turn that is committed: the prompt, and the reply so far, which is empty unless it was begun before.

    `receipt` is of the call that was booked with it, `choice` how its model was chosen.
    """

    turn_id: str
    conversation_id: str
    user_message: Message
    reply: Message
    receipt: Receipt | None = None
    choice: ReplyChoice | None = None


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

    def reopen(self, user_id: str, conversation_id: str, message_id: str) -> Future[BegunTurn]:
        """Go on with a reply that has ended: its turn runs again, with a lease of this process.

        The future fails with TurnActive while an answer is in progress in the conversation, and with NotFound for a
        reply that is not the person's, or that another one has taken the place of.
        """

        def work(connection: Connection) -> BegunTurn:
            now = self._database.clock()
            owned(connection, user_id, conversation_id)
            self._make_way(connection, conversation_id, now)
            turn_id, asked, reply = again(connection, conversation_id, message_id)
            before = {"parts": parts_to_wire(reply.parts)}
            keep_version(connection, user_id, Earlier.REPLY, message_id, before, until=now)
            runs = {"state": RUNNING, "owner": str(self._database.owner), "lease_until": now + LEASE, "ended_at": None}
            connection.execute(update(turns).where(turns.c.id == turn_id).values(runs))
            return BegunTurn(turn_id, conversation_id, asked, reply, choice=choice_of_turn(connection, turn_id))

        return self._database.submit(work)

    def checkpoint(self, turn_id: str, parts: tuple[Part, ...]) -> Future[None]:
        """Save what the answer has so far and renew the lease; does nothing for a turn that has ended."""

        def work(connection: Connection) -> None:
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            lease = update(turns).where(running).values(lease_until=self._database.clock() + LEASE)
            if connection.execute(lease).rowcount:
                save_reply(connection, turn_id, parts=parts_to_wire(parts))

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
                save_reply(connection, turn_id, call_id=call.id)
            return book(connection, self._database, call)

        return self._database.submit(work)

    def set_aside(self, turn_id: str, aside: tuple[Part, ...], *, of_call: str, by_call: str) -> Future[None]:
        """Keep what the call `of_call` answered out of sight: the call `by_call` answers in its place."""

        def work(connection: Connection) -> None:
            of_turn = select(turns.c.message_id).where(turns.c.id == turn_id).scalar_subquery()
            reply = connection.execute(select(messages).where(messages.c.id == of_turn)).one_or_none()
            if reply is None:  # the conversation was deleted
                return
            seq = last_seq(connection, reply.conversation_id) + 1
            now = self._database.clock()
            cut = Message(
                new_id(), reply.conversation_id, seq, Author.ASSISTANT, aside, MessageStatus.FAILED, now, turn_id
            )
            connection.execute(insert(messages), {**message_row(cut, of_call), "superseded_by": reply.id})
            save_reply(connection, turn_id, call_id=by_call)  # its text stays until the new one is saved

        return self._database.submit(work)

    def save_round(
        self, turn_id: str, parts: tuple[Part, ...], *, call_id: str, outcome: CallOutcome, actor: Actor
    ) -> Future[None]:
        """Commit the reply so far, with the outcome and the usage event of a call that may not be the turn's last."""

        def work(connection: Connection) -> None:
            now = self._database.clock()
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            if connection.execute(update(turns).where(running).values(lease_until=now + LEASE)).rowcount:
                save_reply(connection, turn_id, parts=parts_to_wire(parts))
            settle(connection, self._database, call_id, outcome, now, actor=actor)

        return self._database.submit(work)

    def finish(
        self,
        turn_id: str,
        *,
        status: MessageStatus,
        parts: tuple[Part, ...],
        call_id: str | None,
        outcome: CallOutcome,
        actor: Actor | None = None,
        answered_by: str | None = None,
    ) -> Future[None]:
        """Commit the final reply, the turn's end, the call's outcome and its usage event in one transaction.

        `call_id` is the turn's last call, None where all are concluded; `answered_by` the one whose answer the reply
        shows, if that is another.
        Only the first end of a turn counts. The call is booked also when the conversation was deleted meanwhile.
        """

        def work(connection: Connection) -> None:
            now = self._database.clock()
            running = (turns.c.id == turn_id) & (turns.c.state == RUNNING)
            ended = update(turns).where(running).values(state=status.value, ended_at=now)
            if connection.execute(ended).rowcount:
                shown: dict[str, Any] = {"parts": parts_to_wire(parts), "status": status.value}
                if answered := answered_by or call_id:
                    shown["call_id"] = answered
                save_reply(connection, turn_id, **shown)
                of_turn = select(turns.c.conversation_id).where(turns.c.id == turn_id).scalar_subquery()
                connection.execute(update(conversations).where(conversations.c.id == of_turn).values(updated_at=now))
            if call_id is not None:
                settle(connection, self._database, call_id, outcome, now, actor=actor)

        return self._database.submit(work)

    def sweep(self, alive: Collection[str] = ()) -> list[str]:
        """End the turns of dead processes, and the calls they made outside turns; returns the turns' ids. Blocking.

        Several processes may sweep at once: each dead turn is ended, and booked, by exactly one of them.

        Args:
            alive: ids of turns that this process runs. On a busy machine a lease may be renewed late, and who runs a
                turn knows better than its lease.
        """
        me = self._database.owner
        with self._database.read() as connection:  # mostly there is nothing to do, and nothing to lock
            now = self._database.clock()
            dead = [turn for turn in dead_turns(connection, me, now) if turn.id not in alive]
            if not dead and not dead_calls(connection, me, now):
                return []

        def work(connection: Connection) -> list[str]:
            now = self._database.clock()
            dead = [turn for turn in dead_turns(connection, me, now) if turn.id not in alive]
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
        turn_id, reply_id = (wanted.call.turn_id if wanted.call else None) or new_id(), new_id()
        call = replace(wanted.call, turn_id=turn_id, conversation_id=conversation_id) if wanted.call else None
        seq = last_seq(connection, conversation_id) + 1
        if wanted.prompt is None:
            asked = asked_again(connection, conversation_id, reply_id)
            new = []
        else:
            asked = Message(
                new_id(), conversation_id, seq, Author.USER, wanted.prompt, MessageStatus.COMPLETE, now, turn_id
            )
            new = [message_row(asked)]
            seq += 1
            if wanted.edits is not None:
                make_room(connection, conversation_id, wanted.edits, by=asked.id)
            put(connection, conversation_id, wanted.blobs, now)
        choice = choice_of(wanted.decision and keep_decision(connection, wanted.decision, turn_id))
        details = ReplyDetails(call.provider, call.model, None, UNPRICED, None, None, choice=choice) if call else None
        reply = Message(
            reply_id, conversation_id, seq, Author.ASSISTANT, (), MessageStatus.STREAMING, now, turn_id, details
        )
        connection.execute(insert(messages), [*new, message_row(reply, call.id if call else None)])
        receipt = book(connection, self._database, call) if call else None
        turn: dict[str, Any] = {"id": turn_id, "conversation_id": conversation_id, "message_id": reply_id}
        turn |= {
            "call_id": call.id if call else NO_CALL,
            "state": RUNNING,
            "owner": owner,
            "lease_until": now + LEASE,
            "started_at": now,
        }
        connection.execute(insert(turns), turn)
        return BegunTurn(turn_id, conversation_id, asked, reply, receipt, choice)

    def _make_way(self, connection: Connection, conversation_id: str, now: datetime) -> None:
        for turn in running_turns(connection, conversation_id):
            if not owner_is_dead(turn, self._database.owner, now):
                raise TurnActive(
                    "This conversation already has an answer in progress.", "Wait for it, or stop it first."
                )
            interrupt(connection, self._database, turn, now)


def _conversation(connection: Connection, wanted: BeginTurn, now: datetime) -> str:
    """The conversation to write into: a new one, or the person's own with its card brought up to date."""
    if wanted.conversation_id is None:
        new = {"id": new_id(), "user_id": wanted.user_id, "title": wanted.title, "created_at": now, "updated_at": now}
        connection.execute(insert(conversations), new)
        return str(new["id"])
    card = owned(connection, wanted.user_id, wanted.conversation_id)
    changed = {"updated_at": now, "title": card.title or wanted.title}
    connection.execute(update(conversations).where(conversations.c.id == card.id).values(changed))
    return str(card.id)
