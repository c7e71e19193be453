"""What people show of answers: a thumb, that they took one along, asked again, or found another one better.

That somebody shows nothing is never written down: missing feedback is no bad feedback.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.access.access import Access
from core.access.policy import Permission
from core.chat.own_messages import own_message
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.messages import Author, Message, MessageStatus
from data.values.routing import Feedback, Reason, Signal
from data.values.tasks import Task

MOST_WORDS = 1_000
"""Characters of a person's own words about an answer."""

_THUMBS = frozenset({Signal.THUMB_UP, Signal.THUMB_DOWN, Signal.THUMB_TAKEN_BACK})


@dataclass(frozen=True, slots=True)
class Thumb:
    """A person's thumb at an answer, and why if they said so."""

    is_up: bool
    reason: Reason | None = None
    words: str = ""


class FeedbackService:
    """Keeps what the person who acts shows of their own answers; those of others look like missing ones. Blocks."""

    def __init__(self, access: Access, store: Store, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._clock = clock

    def thumbs(self, actor: Actor, answers: Sequence[Message]) -> Mapping[str, Thumb]:
        """The person's thumbs at these answers, by the messages' ids."""
        self._access.require(actor, Permission.CHAT)
        by_turn = {each.turn_id: each.id for each in answers if each.author is Author.ASSISTANT and each.turn_id}
        if not by_turn:
            return {}
        told: dict[str, list[Feedback]] = defaultdict(list)
        for each in self._store.routing.feedback_of(actor.user_id, list(by_turn)):
            told[by_turn[each.turn_id]].append(each)
        found = {message_id: _in_force(each) for message_id, each in told.items()}
        return {message_id: thumb for message_id, thumb in found.items() if thumb is not None}

    def thumb(self, actor: Actor, conversation_id: str, message_id: str, thumb: Thumb | None) -> bool:
        """Give a thumb, change it, or with None take it back; says whether that changed anything.

        Raises:
            NotFound: there is no such conversation.
            GearboxError: there is no such answer, no model gave it, or the words are too many.
        """
        self._access.require(actor, Permission.CHAT)
        if thumb is not None and len(thumb.words) > MOST_WORDS:
            raise GearboxError(
                f"That are {len(thumb.words):,} characters; at most {MOST_WORDS:,} fit.", "Say it in fewer words."
            )
        message = self._answer(actor, conversation_id, message_id)
        shown = self._store.routing.feedback_of(actor.user_id, [message.turn_id or ""])
        told = [each for each in shown if each.signal in _THUMBS]
        if _in_force(told) == thumb:
            return False
        signal = Signal.THUMB_TAKEN_BACK if thumb is None else (Signal.THUMB_DOWN, Signal.THUMB_UP)[thumb.is_up]
        made = self._made(actor, message, signal, thumb=thumb, after=told[-1].id if told else "")
        if made is None:
            raise GearboxError("No model gave this answer.", "Rate another one.")
        if not self._store.routing.add_feedback(made):
            return False
        self._audit(actor, made)
        return True

    def copied(self, actor: Actor, conversation_id: str, message_id: str) -> None:
        """Note that an answer was taken along; the first time counts. Raises as `thumb` does."""
        self._access.require(actor, Permission.CHAT)
        self.note(actor, self._answer(actor, conversation_id, message_id), Signal.COPIED)

    def note(self, actor: Actor, answer: Message, signal: Signal, against: Sequence[str] = ()) -> None:
        """Keep what was shown of an answer of the person's own, once of each kind; of one by no model nothing is.

        Raises:
            NotFound: the answer is not theirs.
        """
        self._access.require(actor, Permission.CHAT)
        made = self._made(actor, answer, signal, against=against)
        if made is not None:
            self._store.routing.add_feedback(made)

    def _made(
        self,
        actor: Actor,
        answer: Message,
        signal: Signal,
        *,
        against: Sequence[str] = (),
        thumb: Thumb | None = None,
        after: str = "",
    ) -> Feedback | None:
        """None where no model gave the answer. The same thing told twice, after the same one, has the same id."""
        details = answer.details
        if details is None or answer.turn_id is None:
            return None
        reason, words = (thumb.reason, thumb.words.strip()) if thumb else (None, "")
        told = "\n".join((actor.user_id, answer.turn_id, after, signal, reason or "", words))
        decision = self._store.routing.of_turn(actor.user_id, answer.turn_id)
        return Feedback(
            id=sha256(told.encode()).hexdigest()[:32],
            user_id=actor.user_id,
            turn_id=answer.turn_id,
            model_id=f"{details.provider}/{details.model}",
            task=decision.task if decision else Task.OTHER,
            signal=signal,
            at=self._clock(),
            decision_id=decision.id if decision else None,
            against=tuple(against),
            reason=reason,
            words=words,
        )

    def _answer(self, actor: Actor, conversation_id: str, message_id: str) -> Message:
        message = own_message(self._access, self._store, actor, conversation_id, message_id)
        if message.author is not Author.ASSISTANT or message.status is MessageStatus.STREAMING:
            raise GearboxError("This is no answer that has ended.", "Wait for its end, or rate another one.")
        return message

    def _audit(self, actor: Actor, said: Feedback) -> None:
        told = AuditEvent.by(
            actor,
            Action.FEEDBACK_GIVE,
            AuditOutcome.DONE,
            target=f"turn:{said.turn_id}",
            signal=said.signal.value,
            model=said.model_id,
            reason=said.reason.value if said.reason else None,
        )
        self._store.audit.record(told)


def _in_force(told: Sequence[Feedback]) -> Thumb | None:
    """The last thumb of what was shown of an answer, unless it was taken back."""
    last = next((each for each in reversed(told) if each.signal in _THUMBS), None)
    if last is None or last.signal is Signal.THUMB_TAKEN_BACK:
        return None
    return Thumb(last.signal is Signal.THUMB_UP, last.reason, last.words)
