"""What the chat page asks for: conversations, a window of messages, and turns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.chat.asking import Asking
from core.chat.attachments import Attachment, Received, read_all
from core.chat.bridge import room_for
from core.chat.describing import Describing
from core.chat.history import before_last_prompt, newest, others_words_in
from core.chat.kept_files import attached_to, files_of
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.readying import readied
from core.chat.selection import Choice, choose, fallbacks
from core.chat.title import title_from
from core.chat.turn import TurnRunner
from core.clock import utc_now
from core.errors import GearboxError, NotFound
from core.preferences import Preferences, PreferenceService
from core.providers.connections import Connections
from core.tools.toolbox import Toolbox
from data.store import Store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.media import Blob
from data.values.messages import Conversation, Message, Utterance
from data.values.models import Endpoint, Model
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, TextPart, text_of
from data.values.tool_calls import Approval, Consent

WINDOW = 20
"""Messages that a page draws at once: rendering cost grows with every message drawn."""

PROMPT_CHARS = 400_000
"""Longest prompt taken, its files included: about 100,000 tokens, more than most models read."""


class ChatService:
    """Conversations and turns of the person who acts; foreign ids look like missing ones.

    Args:
        fallbacks: ids of the models that answer when the chosen one does not, for who has set none.
        toolbox: the tools that models may call.
        takes_no_tools: whether a model is known to take none; it is then told of them in words.
        describing: puts pictures and sounds into words for models that can't take them; None: nobody does.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        connections: Connections,
        preferences: PreferenceService,
        *,
        turns: TurnRunner,
        clock: Callable[[], datetime] = utc_now,
        fallbacks: tuple[str, ...] = (),
        toolbox: Toolbox | None = None,
        takes_no_tools: Callable[[Endpoint, Model], bool] = lambda _endpoint, _model: False,
        describing: Describing | None = None,
    ) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._preferences = preferences
        self._turns = turns
        self._clock = clock
        self._fallbacks = fallbacks
        self._toolbox = toolbox or Toolbox()
        self._takes_no_tools = takes_no_tools
        self._describing = describing

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
        self, actor: Actor, preferences: Preferences, *, picked: str | None, history: Sequence[Message]
    ) -> Choice | None:
        """The model that the next prompt goes to; `history` is what is known of the conversation's messages."""
        answers = (message.details for message in reversed(history) if message.details is not None)
        # A fallback stood in for one answer: who was chosen is asked again.
        last = next((f"{each.provider}/{each.model}" for each in answers if not each.by_fallback), None)
        return choose(self._connections, actor, picked=picked, last=last, default=preferences.default_model)

    def send(
        self,
        actor: Actor,
        conversation_id: str | None,
        prompt: str,
        choice: Choice | None,
        *,
        files: Sequence[Attachment] = (),
    ) -> LiveTurn:
        """Start the answer to `prompt`, or to `files` alone; without a conversation a new one begins.

        An answer that waits for the person's word ends: what it waits for is not run.

        Raises:
            GearboxError: empty or too long a prompt, a file that can't be taken, no usable model, an answer in
                progress; nothing is stored.
        """
        self._access.require(actor, Permission.CHAT)
        attached = read_all(files)
        if not prompt.strip() and not attached.parts:
            raise GearboxError("The message is empty.", "Type something first.")
        length = len(prompt) + sum(len(part.text) for part in attached.parts if isinstance(part, TextFilePart))
        if length > PROMPT_CHARS:
            raise GearboxError(
                f"The message has {length:,} characters{', its files included' if attached.parts else ''}; "
                f"at most {PROMPT_CHARS:,} fit.",
                "Split it, or send the important part.",
            )
        typed = (TextPart(prompt),) if prompt.strip() else ()
        said = Received((*attached.parts, *typed), attached.blobs)
        if conversation_id is not None:
            self._turns.end_waiting(actor.user_id, conversation_id)
        return self._start(actor, conversation_id, said, choice)

    def retry(self, actor: Actor, conversation_id: str, choice: Choice | None) -> LiveTurn:
        """Answer the last prompt again; the answer before it is kept aside."""
        self._access.require(actor, Permission.CHAT)
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
        self, actor: Actor, conversation_id: str | None, said: Received | None, choice: Choice | None
    ) -> LiveTurn:
        """Begin a turn for what was `said`, or for the conversation's last one when it is None."""
        if choice is None:
            raise GearboxError(
                "No model can be used yet.", "Open settings (the gear) and add a provider key, or turn the sandbox on."
            )
        # Again: what was usable when the page was drawn may be gone.
        chosen = Choice(*self._connections.resolve(actor, choice.model.id), choice.chosen_by, choice.instead_of)
        preferences = self._preferences.load(actor)
        history: list[Utterance] = []
        is_whole = True
        if conversation_id is not None:
            with self._told(actor, conversation_id):
                room = room_for(chosen.model.context_tokens)
                history, is_whole = newest(self._store, actor.user_id, conversation_id, room)
        history, asked = before_last_prompt(history) if said is None else (history, said.parts)
        new = () if said is None else said.blobs
        files = files_of(self._store, actor.user_id, conversation_id, new)
        said_before = (message.parts for message in history)
        attached = attached_to((*said_before, asked), self._store, actor.user_id, conversation_id, new)
        untrusted = others_words_in(history, asked, is_whole=is_whole)
        tools = self._toolbox.use(actor, attached, untrusted) if preferences.tools else None
        asking = Asking(
            actor,
            conversation_id,
            history,
            asked,
            preferences,
            is_whole,
            files,
            chosen.instead_of,
            tools,
            self._takes_no_tools,
        )
        others = fallbacks(self._connections, actor, preferences.fallbacks or self._fallbacks, chosen=chosen)
        choices = (chosen, *others)
        asked_of = [asking.of(each, self._clock()) for each in choices]
        begin = BeginTurn(
            user_id=actor.user_id,
            conversation_id=conversation_id,
            title=_title(asked),
            prompt=None if said is None else said.parts,
            call=asked_of[0].candidate.intent,
            blobs=new,
        )
        candidates = tuple(each.candidate for each in asked_of)
        plan = TurnPlan(begin, candidates, {each.candidate.request.model.id: each.notices for each in asked_of}, tools)
        # Only for whom is asked first: nobody waits for what a model that sees, or never answers, would be told.
        if self._describing is not None and (wordless := asked_of[0].wordless):
            tasks = self._describing.tasks(actor, wordless, chosen.endpoint, preferences.describe)
            if tasks:
                plan = replace(plan, readied=readied(asking, choices, self._describing, tasks))
        return self._turns.start(plan)


def _title(prompt: tuple[Part, ...]) -> str:
    """A title from what was typed, else from the first file's name."""
    names = (part.name for part in prompt if isinstance(part, TextFilePart | FilePart | ImagePart | AudioPart))
    return title_from(text_of(prompt) or next(names, ""))
