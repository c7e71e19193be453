"""Comparisons: one prompt to several models at once, side by side; the better answer goes on as a conversation.

Each side is an ordinary turn of a conversation of its own that lists don't show: so streaming, booking, tools, stopping
and the recovery of dead processes are those of every answer, and a side that fails leaves the others alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from random import Random

from core.access.access import Access
from core.access.policy import Permission
from core.chat.attachments import Attachment, Received, Taken, take
from core.chat.live import LiveTurn
from core.chat.said import said_with, title_of
from core.chat.selection import Choice
from core.chat.service import ChatService
from core.errors import GearboxError, NotFound
from core.preferences import PreferenceService
from core.providers.connections import Connections
from core.routing.estimates import cost_of_answer
from core.routing.feedback import FeedbackService, Thumb
from data.store import Store
from data.values.actor import Actor
from data.values.comparisons import Comparison, Side, Verdict
from data.values.messages import Author, Message, MessageStatus
from data.values.routing import Signal
from data.values.tasks import Task

FEWEST, MOST = 2, 4
"""Models of one comparison."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a comparison is going to cost, US dollars; `unpriced` models are not in it."""

    cost: Decimal
    unpriced: tuple[str, ...] = ()


class Comparing:
    """For the person who acts; foreign ids look like missing ones. Blocks.

    Args:
        rng: shuffles the sides of blind comparisons.
    """

    def __init__(  # noqa: PLR0917
        self,
        access: Access,
        store: Store,
        connections: Connections,
        preferences: PreferenceService,
        chat: ChatService,
        feedback: FeedbackService,
        *,
        rng: Callable[[], Random] = Random,
    ) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._preferences = preferences
        self._chat = chat
        self._feedback = feedback
        self._rng = rng

    def start(
        self,
        actor: Actor,
        prompt: str,
        model_ids: Sequence[str],
        *,
        is_blind: bool,
        files: Sequence[Attachment | Taken] = (),
    ) -> Comparison:
        """Send a prompt with its files to 2 to 4 models. One that can't be asked any more has no answer.

        Raises:
            GearboxError: too few or too many models, or a message that can't be sent; nothing is stored.
            NotFound: a model can't be used.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        taken = take(files)
        said = said_with(prompt, _received(taken))
        choices = self._choices(actor, model_ids)
        comparison = self._begin(actor, title_of(said.parts), choices, is_blind=is_blind)
        for side in comparison.sides:
            choice = choices[side.model_id]
            _leave_others(partial(self._chat.send, actor, side.conversation_id, prompt, choice, files=taken))
        return comparison

    def start_from(self, actor: Actor, conversation_id: str, model_ids: Sequence[str], *, is_blind: bool) -> Comparison:
        """Send the last prompt of a conversation, with all that was said before it; the conversation stays as it is.

        Raises as `start`, and NotFound where there is no such conversation.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        last = self._chat.window(actor, conversation_id, limit=2)
        prompt = next((each for each in reversed(last) if each.author is Author.USER), None)
        if prompt is None:
            raise GearboxError("There is no prompt to compare answers to.", "Send one first.")
        choices = self._choices(actor, model_ids)
        source = (conversation_id, prompt.seq + 1)
        comparison = self._begin(actor, title_of(prompt.parts), choices, is_blind=is_blind, source=source)
        for side in comparison.sides:
            choice = choices[side.model_id]
            _leave_others(partial(self._chat.retry, actor, side.conversation_id, choice))
        return comparison

    def ask_again(self, actor: Actor, comparison_id: str, conversation_id: str) -> LiveTurn:
        """Have one side answered again. Raises NotFound, and GearboxError where it can't be asked."""
        comparison = self.get(actor, comparison_id)
        side = _side(comparison, conversation_id)
        choice = self._choices(actor, [side.model_id], fewest=1)[side.model_id]
        return self._chat.retry(actor, side.conversation_id, choice)

    def get(self, actor: Actor, comparison_id: str) -> Comparison:
        """One with its sides. Raises NotFound."""
        self._access.require(actor, Permission.CHAT)
        try:
            return self._store.comparisons.get(actor.user_id, comparison_id)
        except NotFound:
            self._access.note_refusal(actor, target=f"comparison:{comparison_id}", reason=NotFound.__name__)
            raise

    def recent(self, actor: Actor, *, limit: int = 20) -> list[Comparison]:
        """The person's, the newest first."""
        self._access.require(actor, Permission.CHAT)
        return self._store.comparisons.recent(actor.user_id, limit=limit)

    def of_conversation(self, actor: Actor, conversation_id: str) -> Comparison | None:
        """The one that a conversation came from. Raises NotFound where there is no such conversation."""
        self._chat.conversation(actor, conversation_id)
        return self._store.comparisons.of_conversation(actor.user_id, conversation_id)

    def said(self, actor: Actor, comparison: Comparison) -> Sequence[Sequence[Message]]:
        """The last prompt and its answer of each side, as far as they are there."""
        return [self._chat.window(actor, side.conversation_id, limit=2) for side in comparison.sides]

    def stop(self, actor: Actor, comparison_id: str) -> None:
        """Stop the answers that are being written; what has come is kept. Raises NotFound."""
        turns = [self._chat.live(actor, side.conversation_id) for side in self.get(actor, comparison_id).sides]
        for turn in turns:
            if turn is not None:
                turn.stop()
        for turn in turns:
            if turn is not None:
                turn.wait_ended(timeout=3.0)

    def judge(self, actor: Actor, comparison_id: str, verdict: Verdict, winner: str | None = None) -> Comparison:
        """Say which answer is better, or that they are alike; the first word counts. The winner is listed from now on.

        Args:
            winner: the conversation of the better answer, with `Verdict.BETTER` alone.

        Raises:
            NotFound: there is no such comparison or side.
            GearboxError: an answer is in progress, or there are not two to choose from.
        """
        before = self.get(actor, comparison_id)
        if (verdict is Verdict.BETTER) is not (winner is not None):
            raise GearboxError("Say which answer is the better one.", "Choose one of them.")
        if any(self._chat.live(actor, side.conversation_id) for side in before.sides):
            raise GearboxError("Not all answers are there yet.", "Wait for them, or stop them first.")
        answers = self._answers(actor, before)
        if winner is not None and winner not in answers:
            raise GearboxError("This comparison has no such answer.", "Reload the page.")
        if len(answers) < FEWEST:
            raise GearboxError("There are no two answers to choose from.", "Have a missing one answered again.")
        judged = self._store.comparisons.judge(actor.user_id, comparison_id, verdict, winner)
        if before.verdict is None and (judged.verdict, judged.winner) == (verdict, winner):
            self._shows(actor, answers, verdict, winner)
        return judged

    def go_on(self, actor: Actor, comparison_id: str, conversation_id: str) -> None:
        """Have the conversation of a side listed like others. Raises NotFound."""
        _side(self.get(actor, comparison_id), conversation_id)
        self._store.comparisons.show(actor.user_id, comparison_id, conversation_id)

    def delete(self, actor: Actor, comparison_id: str) -> None:
        """Delete one for good, but for conversations that are listed; answers in progress end. Raises NotFound."""
        self.stop(actor, comparison_id)
        self._store.comparisons.delete(actor.user_id, comparison_id)

    def estimate(self, actor: Actor, model_ids: Sequence[str], *, tokens: int = 100) -> Estimate:
        """What a prompt of so many tokens is going to cost, all answers together; tools are called for nothing.

        Raises:
            NotFound: a model can't be used.
        """
        self._access.require(actor, Permission.CHAT)
        costs: dict[str, Decimal | None] = {}
        for each in model_ids:
            _, model = self._connections.resolve(actor, each)
            costs[each] = cost_of_answer(model, Task.OTHER, tokens, 0)
        known = [cost for cost in costs.values() if cost is not None]
        return Estimate(sum(known, Decimal()), tuple(each for each, cost in costs.items() if cost is None))

    def _begin(
        self,
        actor: Actor,
        title: str,
        choices: dict[str, Choice],
        *,
        is_blind: bool,
        source: tuple[str, int] | None = None,
    ) -> Comparison:
        ids = list(choices)
        if is_blind:
            self._rng().shuffle(ids)
        return self._store.comparisons.begin(actor.user_id, title, ids, is_blind=is_blind, source=source)

    def _choices(self, actor: Actor, model_ids: Sequence[str], *, fewest: int = FEWEST) -> dict[str, Choice]:
        """Each model as the person's own pick, in their order."""
        wanted = list(dict.fromkeys(model_ids))
        if not fewest <= len(wanted) <= MOST:
            raise GearboxError(
                f"{len(wanted)} models are chosen; {FEWEST} to {MOST} can be compared.", "Choose other ones."
            )
        for each in wanted:
            self._connections.resolve(actor, each)
        preferences = self._preferences.load(actor)
        found = {each: self._chat.choice(actor, preferences, picked=each, history=[]) for each in wanted}
        return {each: choice for each, choice in found.items() if choice is not None}

    def _answers(self, actor: Actor, comparison: Comparison) -> dict[str, Message]:
        """The answers that somebody could judge, by conversation."""
        lasts = {
            each.conversation_id: messages
            for each, messages in zip(comparison.sides, self.said(actor, comparison), strict=True)
        }
        judged = {MessageStatus.COMPLETE, MessageStatus.STOPPED}
        return {
            conversation_id: messages[-1]
            for conversation_id, messages in lasts.items()
            if messages and messages[-1].author is Author.ASSISTANT and messages[-1].status in judged
        }

    def _shows(self, actor: Actor, answers: dict[str, Message], verdict: Verdict, winner: str | None) -> None:
        models = {conversation_id: _model_of(answer) for conversation_id, answer in answers.items()}
        for conversation_id, answer in answers.items():
            others = [model for each, model in models.items() if each != conversation_id]
            if verdict is Verdict.NONE:
                # Each is as a thumb down would say: a tie would claim that they are worth something.
                self._feedback.thumb(actor, conversation_id, answer.id, Thumb(False))
            elif winner is None:
                self._feedback.note(actor, answer, Signal.TIED, others)
            elif conversation_id == winner:
                self._feedback.note(actor, answer, Signal.WON, others)
            else:
                self._feedback.note(actor, answer, Signal.LOST, [models[winner]])


def _received(taken: Sequence[Taken]) -> Received:
    return Received(tuple(each.part for each in taken), tuple(each.blob for each in taken if each.blob is not None))


def _leave_others(ask: Callable[[], LiveTurn]) -> None:
    """Ask one model. Where that fails its side stays empty, and can be asked again."""
    with contextlib.suppress(GearboxError):
        ask()


def _side(comparison: Comparison, conversation_id: str) -> Side:
    found = next((each for each in comparison.sides if each.conversation_id == conversation_id), None)
    if found is None:
        raise GearboxError("This comparison has no such answer.", "Reload the page.")
    return found


def _model_of(answer: Message) -> str:
    return f"{answer.details.provider}/{answer.details.model}" if answer.details else ""
