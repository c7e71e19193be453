"""From what was said to the plan of its answer: who answers, with what, in how many parts, and what is asked first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core.chat.agreeing import Agreement
from core.chat.attachments import Received
from core.chat.choosing import Choosing
from core.chat.composing.compositions import Compositions
from core.chat.describing import Describing
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.preparing import Prepared, Preparing
from core.chat.readying import readied
from core.chat.said import title_of
from core.chat.selection import Choice
from core.preferences import Preferences
from data.store import Store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.messages import Message
from data.values.parts import NoticePart
from data.values.routing import ReplyChoice


class Beginning:
    """Makes plans of answers. Blocks.

    Args:
        patience: seconds that a costly model waits for the person's word.
    """

    def __init__(
        self,
        store: Store,
        choosing: Choosing,
        preparing: Preparing,
        compositions: Compositions | None,
        describing: Describing | None,
        *,
        clock: Callable[[], datetime],
        patience: float,
    ) -> None:
        self._store = store
        self._choosing = choosing
        self._preparing = preparing
        self._compositions = compositions
        self._describing = describing
        self._clock = clock
        self._patience = patience

    def plan(
        self,
        actor: Actor,
        conversation_id: str | None,
        said: Received | None,
        choice: Choice | None,
        preferences: Preferences,
        *,
        edits: Message | None = None,
    ) -> TurnPlan:
        """For the answer to what was `said`, or to the conversation's last prompt when it is None.

        Args:
            edits: the prompt whose place it takes.

        Raises:
            NotFound: the conversation is not this person's, the model is gone, or there is no prompt to answer.
            GearboxError: there is no usable model.
        """
        new = () if said is None else said.blobs
        parts = None if said is None else said.parts
        chosen = self._choosing.to_send(actor, conversation_id, said, choice, preferences)
        before = edits.seq if edits else None
        prepared = self._preparing.prepare(
            actor, conversation_id, chosen, preferences, said=parts, new=new, before_seq=before
        )
        begin = BeginTurn(
            user_id=actor.user_id,
            conversation_id=conversation_id,
            title=title_of(prepared.asking.prompt),
            prompt=parts,
            call=None,
            blobs=new,
            decision=chosen.decision,
            edits=edits.id if edits else None,
        )
        waits = self._choosing.needs_yes(chosen, preferences)
        composition, told = (None, ()) if self._compositions is None else self._compositions.of(prepared, waits=waits)
        if composition is not None:
            return TurnPlan(begin, (), composition=composition)
        plan = self._plan(begin, prepared, told)
        if not waits or chosen.decision is None:
            return plan

        async def instead(model_id: str, turn: LiveTurn) -> TurnPlan:
            other = await asyncio.to_thread(self._choosing.instead, actor, chosen, model_id)
            return await asyncio.to_thread(self._with_another, other, turn, prepared, plan)

        return replace(plan, asks=Agreement(chosen.decision, self._patience, instead))

    def _with_another(self, other: Choice, turn: LiveTurn, prepared: Prepared, plan: TurnPlan) -> TurnPlan:
        """With a model that the person named, for a turn that has begun; the record says so."""
        asking, here = prepared.asking, turn.begun.conversation_id
        assert other.decision is not None, "somebody chose it"
        turn.decision = kept = self._store.routing.overrule(other.decision, turn.begun.turn_id)
        again = self._preparing.prepare(asking.actor, here, other, asking.preferences, said=None)
        made = self._plan(replace(plan.begin, decision=kept), again, ())
        return replace(made, choice=ReplyChoice(kept.id, kept.chooser, kept.task, is_once=True))

    def _plan(self, begin: BeginTurn, prepared: Prepared, told: tuple[NoticePart, ...]) -> TurnPlan:
        """For an answer by one model; `told` is said beside it."""
        asking, choices = prepared.asking, prepared.choices
        asked_of = [asking.of(each, self._clock()) for each in choices]
        candidates = tuple(each.candidate for each in asked_of)
        notices = {each.candidate.request.model.id: (*told, *each.notices) for each in asked_of}
        plan = TurnPlan(replace(begin, call=candidates[0].intent), candidates, notices, asking.tools)
        # Only for whom is asked first: nobody waits for what a model that sees, or never answers, would be told.
        if self._describing is not None and (wordless := asked_of[0].wordless):
            tasks = self._describing.tasks(asking.actor, wordless, choices[0].endpoint, asking.preferences.describe)
            if tasks:
                plan = replace(plan, readied=readied(asking, choices, self._describing, tasks))
        return plan
