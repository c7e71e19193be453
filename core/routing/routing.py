"""Chooses the model for each prompt of people who leave that to Gearbox, and says why."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.chat.attachments import Attachment, Taken
from core.chat.selection import Choice, PassedOver, choose
from core.errors import NotFound
from core.preferences import Preferences, PreferenceService
from core.providers.connections import Connections
from core.providers.request import ChatMessage
from core.routing.asked import Asked, Wishes, wishes_of
from core.routing.deciding import Deciding, Weighed, affordable, stands, with_arm
from core.routing.eligible import Fit
from core.routing.estimates import cost_of_answer
from core.routing.matter import Matter, of_draft
from core.routing.of_messages import of_messages
from core.routing.pasts import Pasts
from core.routing.words import Explained, explained
from data.values.actor import Actor
from data.values.calls import ChosenBy
from data.values.plans import Analysis
from data.values.routing import Chooser, Decision

if TYPE_CHECKING:
    from core.chat.understanding import Understanding

log = logging.getLogger(__name__)

BOOKED_AS = {
    Chooser.POLICY: ChosenBy.AUTO,
    Chooser.PIN: ChosenBy.PERSON,
    Chooser.FIXED: ChosenBy.DEFAULT,
    Chooser.PERSON: ChosenBy.PERSON,
}
"""Who is said to have chosen the model in the books of a call."""


class Routing:
    """Decisions for the person who acts. Thread-safe; blocks for a few milliseconds.

    Args:
        is_on: whether Gearbox chooses for somebody at all.
        load: reads what was learned.
    """

    def __init__(  # noqa: PLR0917
        self,
        access: Access,
        connections: Connections,
        preferences: PreferenceService,
        understanding: Understanding,
        pasts: Pasts,
        deciding: Deciding,
        *,
        is_on: Callable[[Actor], bool],
        load: Callable[[], None],
    ) -> None:
        self._access = access
        self._connections = connections
        self._preferences = preferences
        self._understanding = understanding
        self._pasts = pasts
        self._deciding = deciding
        self._is_on = is_on
        self._load = load

    def draft(
        self,
        actor: Actor,
        prompt: str,
        conversation_id: str | None,
        wished: Wishes,
        preferences: Preferences,
        *,
        files: Sequence[Attachment | Taken] = (),
    ) -> Choice | None:
        """Which model is to answer a prompt that may still be being written; None where no model can be used.

        Args:
            conversation_id: where it is said; None begins a new one.

        Raises:
            NotFound: the conversation is not the person's.
        """
        self._access.require(actor, Permission.CHAT)
        try:
            past, seq = self._pasts.of(actor.user_id, conversation_id)
        except NotFound:
            self._access.note_refusal(actor, target=f"conversation:{conversation_id}", reason=NotFound.__name__)
            raise
        matter = of_draft(prompt, files)
        return self.choose(actor, Asked(matter, past, conversation_id, seq, wished, preferences))

    def to_send(
        self,
        actor: Actor,
        conversation_id: str | None,
        matter: Matter | None,
        choice: Choice,
        preferences: Preferences,
    ) -> Choice | None:
        """The choice for a prompt that is about to be sent; None where no model can be used any more.

        What was decided for the same prompt and files stands, unless nothing could be weighed; else it is decided now.

        Args:
            matter: the prompt; None answers the conversation's last one again.
            choice: what the page shows.

        Raises:
            NotFound: the model that the person picked can't be used any more, or there is no prompt to answer again.
        """
        self._access.require(actor, Permission.CHAT)
        past, seq = self._pasts.of(actor.user_id, conversation_id)
        if matter is None:
            matter, past = self._pasts.last_prompt(actor.user_id, conversation_id or "")
        asked = Asked(matter, past, conversation_id, seq, wishes_of(choice), preferences)
        try:
            endpoint, model = self._connections.resolve(actor, choice.model.id)
        except NotFound:
            if asked.wished.picked is not None:
                raise
            choice = replace(choice, decision=None)
        else:
            choice = replace(choice, endpoint=endpoint, model=model)
        if not stands(choice.decision) or choice.decided_for != asked.same:
            chosen = self.choose(actor, asked)
            if chosen is None:
                return None
            choice = replace(chosen, instead_of=chosen.instead_of or choice.instead_of)
        self._deciding.sent(actor, asked)
        return choice

    def for_call(self, actor: Actor, messages: Sequence[ChatMessage], *, tools: bool) -> Choice | None:
        """The model for a program's request, whom nobody can be asked about; None where Gearbox does not choose.

        The person's default model counts as in the chat. `tools`: the request brings some.

        Raises:
            GearboxError: each model that could answer costs as much as people are asked about first, or is excluded.
        """
        self._access.require(actor, Permission.CHAT)
        preferences = self._preferences.load(actor)
        if not self._is_on(actor):
            return None
        matter, past = of_messages(messages)
        wanted = preferences.model_copy(update={"tools": tools})
        asked = Asked(matter, past, f"call-{uuid.uuid4().hex}", 0, Wishes(), wanted)  # no draft of the person's
        found, _ = self._own(actor, asked)
        if found is not None:
            return found
        analysis = self._understanding.understand(actor, matter.text, matter.inputs)
        found = self._by_policy(actor, asked, analysis, unasked=True)
        self._deciding.sent(actor, asked)
        if found is None:
            return choose(self._connections, actor, picked=None, last=None, default=None, never=preferences.excluded)
        if found.decision is None:
            return None
        fingerprint = self._understanding.fingerprint(matter.text, matter.inputs)
        return replace(found, decision=replace(found.decision, fingerprint=fingerprint))

    def load(self) -> None:
        """Make ready what the first prompt would wait for; until then the fixed default answers. Blocking."""
        self._load()

    def is_on(self, actor: Actor) -> bool:
        """Whether Gearbox chooses for this person, where they leave it open."""
        self._access.require(actor, Permission.CHAT)
        return self._is_on(actor)

    def choose(self, actor: Actor, asked: Asked) -> Choice | None:
        """The model for a prompt, with its decision; None where no model can be used.

        Raises:
            GearboxError: the person excluded all that can.
        """
        self._access.require(actor, Permission.CHAT)
        matter, past, wished = asked.matter, asked.past, asked.wished
        analysis = self._understanding.understand(actor, matter.text, matter.inputs, past.outputs)
        found, passed_over = None, None
        if is_on := self._is_on(actor):
            found, passed_over = self._own(actor, asked)
            found = found or self._by_policy(actor, asked, analysis)
        if found is None:
            default, never = wished.default(asked.preferences), asked.preferences.excluded if is_on else ()
            found = choose(
                self._connections, actor, picked=wished.picked, last=wished.last, default=default, never=never
            )
        if found is None:
            return None
        decision = found.decision or self._recorded(actor, asked, analysis, found)
        fingerprint = self._understanding.fingerprint(matter.text, matter.inputs, past.outputs)
        return replace(
            found,
            chosen_by=BOOKED_AS[decision.chooser],
            instead_of=passed_over or found.instead_of,
            decision=replace(decision, fingerprint=fingerprint),
            decided_for=asked.same,
            tokens=(matter.tokens, past.tokens),
        )

    def _own(self, actor: Actor, asked: Asked) -> tuple[Choice | None, PassedOver | None]:
        """The model that the person wants, or that it can't be had."""
        own = asked.wished.own(asked.preferences)
        if own is None:
            return None, None
        try:
            return Choice(*self._connections.resolve(actor, own), ChosenBy.PERSON), None
        except NotFound as error:  # its key or its server is gone, or an admin turned it off
            return None, PassedOver(own, str(error))

    def _by_policy(self, actor: Actor, asked: Asked, analysis: Analysis, *, unasked: bool = False) -> Choice | None:
        """The model that Gearbox chooses; None where none can answer, or what was learned can't be used now."""
        weighed = self._weighed(actor, asked, analysis)
        if unasked:
            weighed = affordable(weighed, asked.preferences.auto_ask_from)
        if not weighed.arms:
            return None
        decision = self._deciding.decide(actor, asked, analysis, weighed)
        try:
            return Choice(*self._connections.resolve(actor, decision.chosen), ChosenBy.AUTO, decision=decision)
        except NotFound:  # it went within the last seconds
            return None

    def _recorded(self, actor: Actor, asked: Asked, analysis: Analysis, found: Choice) -> Decision:
        """The record of a choice of the person's, or of the fixed default."""
        cost = cost_of_answer(found.model, analysis.task, asked.matter.tokens, asked.past.tokens)
        meant = Fit(found.endpoint, found.model, cost)
        weighed = with_arm(self._weighed(actor, asked, analysis, meant), meant)
        is_own = asked.wished.is_own(found.model.id, asked.preferences)
        by = Chooser.PERSON if is_own else Chooser.FIXED
        return self._deciding.decision(actor, asked, analysis, weighed, found.model.id, by)

    def _weighed(self, actor: Actor, asked: Asked, analysis: Analysis, meant: Fit | None = None) -> Weighed:
        """What speaks for which model; nothing while that is not known, or where it fails."""
        try:
            return self._deciding.weigh(actor, asked, analysis, tools=asked.preferences.tools, meant=meant) or Weighed()
        except Exception:
            # Whatever it is: the fixed default answers. Nobody waits for an answer because of what was learned.
            log.exception("what was learned of models could not be used")
            return Weighed()

    def instead(self, actor: Actor, choice: Choice, model_id: str) -> Choice:
        """The choice for the same prompt where its person takes another model than the one they were told of.

        Raises:
            NotFound: it can't be used.
        """
        self._access.require(actor, Permission.CHAT)
        endpoint, model = self._connections.resolve(actor, model_id)
        if told := choice.decision:
            fit = Fit(endpoint, model, cost_of_answer(model, told.task, *choice.tokens))
            told = self._deciding.overruling(told, fit)
        own = BOOKED_AS[Chooser.PERSON]
        return replace(choice, endpoint=endpoint, model=model, chosen_by=own, instead_of=None, decision=told)

    def explain(self, actor: Actor, decision: Decision) -> Explained:
        """A decision in words, for the person whom it was made for."""
        self._access.require(actor, Permission.CHAT)
        labels = {model.id: model.label for model in self._connections.models(actor)}
        return explained(decision, labels)

    def needs_yes(self, decision: Decision, preferences: Preferences) -> bool:
        """Whether the answer waits until the person agrees: Gearbox chose the model, and it is costly.

        A cost that nobody knows does not wait: the person is told that it is not known.
        """
        cost, limit = decision.arm.cost if decision.arm else None, preferences.auto_ask_from
        return decision.chooser is not Chooser.PERSON and limit is not None and cost is not None and cost >= limit
