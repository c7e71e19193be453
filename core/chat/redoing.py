"""Answers that are made anew: by the same model, by another one, or to a prompt in other words.

Nothing is lost by it, and it shows something of the answer before; see `data.learning.routing.reward`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.access.access import Access
from core.access.policy import Permission
from core.chat.live import LiveTurn
from core.chat.own_messages import own_message
from core.chat.selection import Choice
from core.chat.service import ChatService
from core.errors import GearboxError
from core.preferences import PreferenceService
from core.providers.connections import Connections
from core.routing.estimates import cost_of_answer
from core.routing.feedback import FeedbackService
from core.routing.pasts import last_prompt
from core.routing.words import cost_in_words, standing
from data.store import Store
from data.values.actor import Actor
from data.values.messages import Author, Message, MessageStatus
from data.values.routing import Signal
from data.values.tasks import Task


class Redoing:
    """For the person who acts; foreign ids look like missing ones. Blocks."""

    def __init__(  # noqa: PLR0917
        self,
        access: Access,
        store: Store,
        connections: Connections,
        preferences: PreferenceService,
        chat: ChatService,
        feedback: FeedbackService,
    ) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._chat = chat
        self._preferences = preferences
        self._feedback = feedback

    def again(self, actor: Actor, conversation_id: str, message_id: str, *, model: str | None = None) -> LiveTurn:
        """Have the conversation's last answer made anew, by `model`, or by who would answer its prompt anyway.

        Raises:
            NotFound: there is no such conversation, or the model can't be used.
            GearboxError: it is not the last answer any more, or an answer is in progress.
        """
        said = self._chat.window(actor, conversation_id, limit=2)
        if not said or said[-1].id != message_id or said[-1].author is not Author.ASSISTANT:
            raise GearboxError("This is not the last answer.", "Change its prompt instead, or go on below.")
        old = said[-1]
        is_other = model is not None and model != _model_of(old)
        turn = self._chat.retry(actor, conversation_id, self._choice(actor, said, model, old if is_other else None))
        self._shows(actor, old, Signal.SWITCHED if is_other else Signal.REGENERATED)
        return turn

    def edit(self, actor: Actor, conversation_id: str, message_id: str, prompt: str, *, picked: str | None) -> LiveTurn:
        """Send a prompt again in other words; see `ChatService.edit`. `picked` is the model that the person picked."""
        prompt_before = self._message(actor, conversation_id, message_id)
        after = self._chat.window(actor, conversation_id, limit=1, after_seq=prompt_before.seq)
        before = self._chat.window(actor, conversation_id, limit=2, before_seq=prompt_before.seq)
        history = before or after  # the first prompt was answered by what is the conversation's model
        turn = self._chat.edit(actor, conversation_id, message_id, prompt, self._choice(actor, history, picked, None))
        if after and after[0].author is Author.ASSISTANT:
            self._shows(actor, after[0], Signal.EDITED)
        return turn

    def prompt_of(self, actor: Actor, conversation_id: str, message_id: str) -> Message:
        """The prompt that an answer is of. Raises NotFound."""
        answer = self._message(actor, conversation_id, message_id)
        said = self._chat.window(actor, conversation_id, limit=1, before_seq=answer.seq)
        if not said or said[0].author is not Author.USER:
            raise GearboxError("The prompt of this answer is not there.", "Reload the page.")
        return said[0]

    def before(self, actor: Actor, conversation_id: str, message_id: str) -> Sequence[Sequence[Message]]:
        """What stood where an answer, or its prompt, stands now, the oldest first. Raises NotFound."""
        prompt = self.prompt_of(actor, conversation_id, message_id)
        answers = self._store.aside.before(actor.user_id, conversation_id, message_id)
        return [*self._store.aside.before(actor.user_id, conversation_id, prompt.id), *answers]

    def others(self, actor: Actor, conversation_id: str, message_id: str) -> Mapping[str, str]:
        """The other models that could answer instead, the likeliest to do well first, by their ids.

        Each with its grade at this task as it was when the answer was made, and what its answer is going to cost.

        Raises:
            NotFound: there is no such answer, or no prompt before it.
        """
        answer = self._message(actor, conversation_id, message_id)
        decision = self._store.routing.of_turn(actor.user_id, answer.turn_id or "")
        usable = {model.id: model for model in self._connections.models(actor)}
        arms = {arm.model_id: arm for arm in decision.arms} if decision else {}
        ranked = [arm.model_id for arm in decision.arms if arm.model_id in usable] if decision else []
        liked = self._preferences.load(actor)
        ranked += [each for each in (*liked.favourites, *liked.recents) if each in usable]
        matter, past = last_prompt(self._store, actor.user_id, conversation_id)
        task = decision.task if decision else Task.OTHER
        costs = {each: cost_of_answer(model, task, matter.tokens, past.tokens) for each, model in usable.items()}
        return {
            each: f"{standing(arms.get(each))}, {cost_in_words(costs[each])}"
            for each in dict.fromkeys((*ranked, *usable))
            if each != _model_of(answer)
        }

    def _message(self, actor: Actor, conversation_id: str, message_id: str) -> Message:
        self._access.require(actor, Permission.CHAT)
        return own_message(self._access, self._store, actor, conversation_id, message_id)

    def _choice(
        self, actor: Actor, history: Sequence[Message], picked: str | None, instead_of: Message | None
    ) -> Choice | None:
        overruled = instead_of.details.choice if instead_of is not None and instead_of.details else None
        return self._chat.choice(
            actor,
            self._preferences.load(actor),
            picked=picked,
            history=history,
            overrules=overruled.decision_id if overruled else None,
        )

    def _shows(self, actor: Actor, old: Message, signal: Signal) -> None:
        if old.status is MessageStatus.COMPLETE:  # one that was stopped or failed nobody could judge
            self._feedback.note(actor, old, signal)


def _model_of(answer: Message) -> str | None:
    details = answer.details
    return f"{details.provider}/{details.model}" if details is not None and details.chats else None
