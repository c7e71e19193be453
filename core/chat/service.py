"""What the chat page asks for: conversations, a window of messages, and turns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.chat.agreeing import KEY
from core.chat.attachments import Attachment, Received, Taken, read_all
from core.chat.beginning import Beginning
from core.chat.choosing import Choosing
from core.chat.composing.compositions import Compositions
from core.chat.describing import Describing
from core.chat.live import LiveTurn
from core.chat.own_messages import own_message
from core.chat.preparing import Preparing
from core.chat.said import said_with
from core.chat.selection import Choice
from core.chat.turn import TurnRunner
from core.clock import utc_now
from core.errors import GearboxError, NotFound
from core.preferences import Preferences, PreferenceService
from core.providers.connections import Connections
from core.routing.asked import wishes
from core.routing.routing import Routing
from core.tools.toolbox import DEFAULT_PATIENCE, Toolbox
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.media import Blob
from data.values.messages import Conversation, Message
from data.values.parts import ImagePart, TextPart
from data.values.tool_calls import Approval, Consent

WINDOW = 20
"""Messages that a page draws at once: rendering cost grows with every message drawn."""


class ChatService:
    """Conversations and turns of the person who acts; foreign ids look like missing ones.

    Args:
        preparing: looks together what an answer needs.
        compositions: decides which answers are made in several parts; None: none is.
        describing: puts pictures and sounds into words for models that can't take them; None: nobody does.
        routing: chooses models for people; None: nobody does.
        patience: seconds that a costly model waits for the person's word.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        connections: Connections,
        preferences: PreferenceService,
        *,
        turns: TurnRunner,
        preparing: Preparing | None = None,
        compositions: Compositions | None = None,
        clock: Callable[[], datetime] = utc_now,
        describing: Describing | None = None,
        routing: Routing | None = None,
        patience: float = DEFAULT_PATIENCE,
    ) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._preferences = preferences
        self._turns = turns
        self._choosing = Choosing(connections, routing)
        preparing = preparing or Preparing(store, connections, Toolbox())
        self._beginning = Beginning(
            store, self._choosing, preparing, compositions, describing, clock=clock, patience=patience
        )

    def conversations(self, actor: Actor, *, limit: int = 200) -> list[Conversation]:
        """The actor's conversations, the last changed first."""
        self._access.require(actor, Permission.CHAT)
        return self._store.conversations.recent(actor.user_id, limit=limit)

    def conversation(self, actor: Actor, conversation_id: str) -> Conversation:
        """One conversation's card, or NotFound."""
        self._access.require(actor, Permission.CHAT)
        with self._told(actor, conversation_id):
            return self._store.conversations.get(actor.user_id, conversation_id)

    def rename(self, actor: Actor, conversation_id: str, title: str) -> None:
        """Give a conversation a title of the person's own."""
        self._access.require(actor, Permission.CHAT)
        clean = " ".join(title.split())[:120]
        if not clean:
            raise GearboxError("A title needs at least one character.")
        with self._told(actor, conversation_id):
            self._store.conversations.rename(actor.user_id, conversation_id, clean)

    def delete(self, actor: Actor, conversation_id: str) -> None:
        """Delete a conversation with its messages; an answer in progress is stopped first."""
        self.conversation(actor, conversation_id)
        turn = self._turns.live(conversation_id)
        if turn is not None:
            turn.stop()
            turn.wait_ended(timeout=5.0)
        self._store.conversations.delete(actor.user_id, conversation_id)

    def window(
        self,
        actor: Actor,
        conversation_id: str,
        *,
        limit: int = WINDOW,
        before_seq: int | None = None,
        after_seq: int | None = None,
    ) -> list[Message]:
        """A run of messages in order; by default the last `limit` ones."""
        self._access.require(actor, Permission.CHAT)
        with self._told(actor, conversation_id):
            return self._store.conversations.window(
                actor.user_id, conversation_id, limit=limit, before_seq=before_seq, after_seq=after_seq
            )

    def live(self, actor: Actor, conversation_id: str) -> LiveTurn | None:
        """The answer in progress in a conversation, if this process runs it."""
        self._access.require(actor, Permission.CHAT)
        turn = self._turns.live(conversation_id)
        return turn if turn is not None and turn.owner_id == actor.user_id else None

    def waiting(self, actor: Actor) -> frozenset[str]:
        """The actor's conversations whose answers wait for their word."""
        self._access.require(actor, Permission.CHAT)
        return self._turns.waiting(actor.user_id)

    def decide(self, actor: Actor, conversation_id: str, call_id: str, approval: Approval) -> None:
        """Say whether a call that waits for the person may run; blocks until the answer has taken note of it.

        Raises:
            GearboxError: it does not wait: somebody said it before, or it is too late.
        """
        self.conversation(actor, conversation_id)
        turn = self.live(actor, conversation_id)
        seen = turn.seen if turn is not None else 0
        if turn is None or not turn.questions.answer(call_id, approval):
            raise GearboxError("This call waits no longer.", "Look at what became of it.")
        turn.wait_for_more(seen, timeout=2.0)

    def agree(self, actor: Actor, conversation_id: str, key: str, model_id: str | None) -> None:
        """Say which model is to answer where a costly one waits, `None` for none; blocks until that was taken note of.

        Raises:
            GearboxError: it does not wait: somebody said it before, or it is too late.
            NotFound: the model can't be used.
        """
        self.conversation(actor, conversation_id)
        turn = self.live(actor, conversation_id)
        if model_id is not None:
            self._connections.resolve(actor, model_id)
        seen = turn.seen if turn is not None else 0
        if turn is None or not key.startswith(KEY) or not turn.questions.answer(key, model_id):
            raise GearboxError("This model waits no longer.", "Look at what became of it.")
        turn.wait_for_more(seen, timeout=2.0)

    def consents(self, actor: Actor, conversation_id: str) -> list[Consent]:
        """What the person said of tools for the whole conversation, by the tools' names."""
        self._access.require(actor, Permission.CHAT)
        with self._told(actor, conversation_id):
            return list(self._store.tool_approvals.consents(actor.user_id, conversation_id).values())

    def withdraw(self, actor: Actor, conversation_id: str, tool: str) -> None:
        """Forget what the person said of a tool for the whole conversation: from now on they are asked."""
        self._access.require(actor, Permission.CHAT)
        told = AuditEvent.by(
            actor, Action.TOOL_APPROVE, AuditOutcome.DONE, target=f"tool:{tool}", by="withdrawn",
            conversation=conversation_id,
        )  # fmt: skip
        with self._told(actor, conversation_id):
            self._store.tool_approvals.withdraw(actor.user_id, conversation_id, tool, told)

    def choice(
        self,
        actor: Actor,
        preferences: Preferences,
        *,
        picked: str | None,
        history: Sequence[Message],
        prompt: str | None = None,
        files: Sequence[Attachment | Taken] = (),
        conversation_id: str | None = None,
        overrules: str | None = None,
    ) -> Choice | None:
        """The model that the next prompt goes to; `history` is what is known of the conversation's messages.

        Args:
            prompt, files: what is being written; then `Choice.decision` says why, and holds when just this is sent.
            conversation_id: where; that of `history` unless given.
            overrules: id of the decision that the person saw before they picked.
        """
        self._access.require(actor, Permission.CHAT)
        wished = wishes(picked, history, overrules=overrules)
        here = conversation_id or (history[-1].conversation_id if history else None)
        return self._choosing.of_draft(actor, preferences, wished, prompt=prompt, files=files, conversation_id=here)

    def send(
        self,
        actor: Actor,
        conversation_id: str | None,
        prompt: str,
        choice: Choice | None,
        *,
        files: Sequence[Attachment | Taken] = (),
    ) -> LiveTurn:
        """Start the answer to `prompt`, or to `files` alone; without a conversation a new one begins.

        An answer that waits for the person's word ends: what it waits for is not run.

        Raises:
            GearboxError: empty or too long a prompt, a file that can't be taken, no usable model, an answer in
                progress; nothing is stored.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        said = said_with(prompt, read_all(files))
        if conversation_id is not None:
            self._turns.end_waiting(actor.user_id, conversation_id)
        return self._start(actor, conversation_id, said, choice)

    def edit(self, actor: Actor, conversation_id: str, message_id: str, prompt: str, choice: Choice | None) -> LiveTurn:
        """Send a prompt anew, in other words and with the same files; it and all that followed is kept aside.

        Raises as `send`, and where there is no such prompt in view.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        old = own_message(self._access, self._store, actor, conversation_id, message_id)
        said = said_with(prompt, Received(tuple(part for part in old.parts if not isinstance(part, TextPart))))
        self._turns.end_waiting(actor.user_id, conversation_id)
        return self._start(actor, conversation_id, said, choice, edits=old)

    def retry(self, actor: Actor, conversation_id: str, choice: Choice | None) -> LiveTurn:
        """Answer the last prompt again; the answer before it is kept aside."""
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        return self._start(actor, conversation_id, None, choice)

    def previews(self, actor: Actor, conversation_id: str, pictures: Collection[ImagePart]) -> dict[str, bytes]:
        """Small ones (WebP) of a conversation's pictures, by digest."""
        self._access.require(actor, Permission.CHAT)
        if not pictures:  # most conversations
            return {}
        self.conversation(actor, conversation_id)
        digests = {picture.blob.digest for picture in pictures}
        return self._store.blobs.previews(actor.user_id, conversation_id, digests)

    def file(self, actor: Actor, conversation_id: str, blob: Blob) -> bytes | None:
        """What stands beside a conversation's messages, in full; None where it is gone."""
        self.conversation(actor, conversation_id)
        return self._store.blobs.content(actor.user_id, conversation_id, blob.digest)

    @contextmanager
    def _told(self, actor: Actor, conversation_id: str) -> Iterator[None]:
        """What is somebody else's is missing to whoever asks, and a refusal in the audit log."""
        try:
            yield
        except NotFound:
            self._access.note_refusal(actor, target=f"conversation:{conversation_id}", reason=NotFound.__name__)
            raise

    def _start(
        self,
        actor: Actor,
        conversation_id: str | None,
        said: Received | None,
        choice: Choice | None,
        edits: Message | None = None,
    ) -> LiveTurn:
        """Begin a turn for what was `said`, or for the last prompt when it is None; `edits` is whose place it takes."""
        preferences = self._preferences.load(actor)
        with self._told(actor, conversation_id) if conversation_id is not None else nullcontext():
            plan = self._beginning.plan(actor, conversation_id, said, choice, preferences, edits=edits)
        return self._turns.start(plan)
