"""What people do with replies and their parts: agree to a plan, have a part made again, have all of it read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from core.access.access import Access
from core.access.policy import Permission
from core.chat.composing.compositions import Compositions, inputs_of, outputs_before
from core.chat.composing.material import heard
from core.chat.composing.orders import without_orders
from core.chat.live import LiveTurn
from core.chat.own_messages import own_message
from core.chat.plan import TurnPlan
from core.chat.planning.edited import Changes, edited
from core.chat.planning.estimating import estimated
from core.chat.planning.makers import SANDBOX, Maker
from core.chat.preparing import Preparing
from core.chat.selection import Choice, choose
from core.chat.title import title_from
from core.chat.turn import TurnRunner
from core.chat.understanding import Understanding
from core.errors import GearboxError, NotFound, TurnActive
from core.preferences import Preferences, PreferenceService
from core.providers.connections import Connections
from data.store import Store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.messages import Message
from data.values.parts import Part, StepPart, TextPart, text_of
from data.values.plans import Action, Brief, Earlier, Input, Output, Plan, Step

UNCHANGED = Changes()


class Able(Protocol):
    """See `Makers.for_action`."""

    def __call__(self, actor: Actor, action: Action, beside: str = "", /) -> Sequence[Maker]:
        """The models that a person can have a step made by, the first choice first. Blocks."""
        ...


class ReplyParts:
    """Parts of the replies of the person who acts; foreign ids look like missing ones. Blocks."""

    def __init__(
        self,
        access: Access,
        store: Store,
        connections: Connections,
        preferences: PreferenceService,
        turns: TurnRunner,
        *,
        preparing: Preparing,
        compositions: Compositions,
        able: Able,
        understanding: Understanding,
    ) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._preferences = preferences
        self._turns = turns
        self._preparing = preparing
        self._compositions = compositions
        self._able = able
        self._understanding = understanding

    def makers(self, actor: Actor, action: Action) -> Sequence[str]:
        """The ids of the models that can make such a step, the first choice first."""
        self._access.require(actor, Permission.CHAT)
        return [maker.model_id for maker in self._able(actor, action)]

    def answer(
        self, actor: Actor, conversation_id: str, key: str, plan: Plan | None, changes: Changes = UNCHANGED
    ) -> None:
        """Say what is to be made: the plan, with changes, or with None nothing. Waits until that was taken note of.

        Raises:
            GearboxError: nobody waits for it: it was said before, or it is too late; or the changes make no sense.
        """
        self._access.require(actor, Permission.CHAT)
        turn = self._turns.live(conversation_id)
        if turn is None or turn.owner_id != actor.user_id or not key.startswith("plan-"):
            raise GearboxError("This plan waits no longer.", "Look at what became of it.")
        seen = turn.seen
        if plan is not None:
            plan = self._edited(actor, turn, plan, changes)
        if not turn.questions.answer(key, plan):
            raise GearboxError("This plan waits no longer.", "Look at what became of it.")
        turn.wait_for_more(seen, timeout=2.0)

    def edited(self, actor: Actor, conversation_id: str, plan: Plan, changes: Changes) -> Plan:
        """A plan that waits, as it would be made with these changes: its steps, and what they take.

        Raises:
            GearboxError: nobody waits for it, or the changes make no sense.
        """
        self._access.require(actor, Permission.CHAT)
        turn = self._turns.live(conversation_id)
        if turn is None or turn.owner_id != actor.user_id:
            raise GearboxError("This plan waits no longer.", "Look at what became of it.")
        return self._edited(actor, turn, plan, changes)

    def _edited(self, actor: Actor, turn: LiveTurn, plan: Plan, changes: Changes) -> Plan:
        _, chat_model = self._connections.resolve(actor, turn.model_id or "")
        return edited(plan, changes, partial(self._able, actor), chat_model)

    def read_aloud(self, actor: Actor, conversation_id: str, message_id: str) -> LiveTurn:
        """Have a whole reply read aloud: a reply of its own, below the conversation.

        Raises:
            NotFound: there is no such conversation.
            TurnActive: an answer is in progress in the conversation.
            GearboxError: no model can speak, the reply has no words, or is not there.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        message = self._message(actor, conversation_id, message_id)
        text = heard(text_of(message.parts))
        if not text:
            raise GearboxError("This answer has no words to read aloud.", "Ask for some first.")
        chosen, preferences = self._chosen(actor, message)
        speakers = self._able(actor, Action.SPEAK, chosen.model.provider)
        if not speakers:
            raise GearboxError(
                "No model that you can use speaks.", "Connect a provider that has one: the Models page finds those."
            )
        said: tuple[Part, ...] = (TextPart(f"Read this answer aloud: “{title_from(text)}”"),)
        prepared = self._preparing.prepare(actor, conversation_id, chosen, preferences, said=said)
        spoken = Earlier(Input.TEXT, title_from(text), seq=message.seq, text=text)
        step = Step("speak-1", Action.SPEAK, "", earlier=(spoken,), model=speakers[0].model_id)
        plan = Plan((estimated(step, [step], speakers[0], chosen.model),), Brief(text_of(said)))
        composition = self._compositions.planned(prepared, plan)
        begin = BeginTurn(actor.user_id, conversation_id, "", said, None)
        return self._turns.start(TurnPlan(begin, (), composition=composition))

    def correct(self, actor: Actor, conversation_id: str, message_id: str, outputs: frozenset[Output]) -> bool:
        """Remember what a reply should have held, for prompts like its own; says whether it is the conversation's last.

        Raises:
            NotFound: there is no such conversation.
            GearboxError: nothing was wanted, or there is no such reply.
        """
        self._access.require(actor, Permission.CHAT)
        message = self._message(actor, conversation_id, message_id)
        chosen, preferences = self._chosen(actor, message)
        asking = self._preparing.prepare(
            actor, conversation_id, chosen, preferences, said=None, before_seq=message.seq
        ).asking
        plays = chosen.model.provider == SANDBOX
        prompt = without_orders(asking.prompt) if plays else asking.prompt
        held = outputs_before(asking.history)
        self._understanding.correct(actor, text_of(prompt), inputs_of(prompt), outputs, held)
        return not self._store.conversations.window(actor.user_id, conversation_id, limit=1, after_seq=message.seq)

    def again(
        self, actor: Actor, conversation_id: str, message_id: str, step_id: str, *, model: str | None = None
    ) -> LiveTurn:
        """Make one part of a reply again, and what was left out for want of it; all else of the reply stays.

        Args:
            model: id of who makes it now; None: the same as before.

        Raises:
            NotFound: there is no such conversation, or no such model for the person.
            TurnActive: an answer is in progress in the conversation.
            GearboxError: there is no such reply or part, or no model can be used.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        message = self._message(actor, conversation_id, message_id)
        if self._turns.live(conversation_id) is not None:
            raise TurnActive("This conversation already has an answer in progress.", "Wait for it, or stop it first.")
        step = next(
            (part.step for part in message.parts if isinstance(part, StepPart) and part.step.id == step_id), None
        )
        if step is None:
            raise GearboxError("There is no such part of this answer.", "Reload the page.")
        if model is not None and model not in self.makers(actor, step.action):
            raise NotFound(f"You can't have it made by {model!r}.", "The Models page shows whom you can use for what.")
        chosen, preferences = self._chosen(actor, message)
        prepared = self._preparing.prepare(
            actor, conversation_id, chosen, preferences, said=None, before_seq=message.seq
        )
        composition = self._compositions.again(prepared, message_id, message.parts, step_id, model=model)
        begin = BeginTurn(actor.user_id, conversation_id, "", None, None)
        return self._turns.start(TurnPlan(begin, (), composition=composition))

    def _chosen(self, actor: Actor, message: Message) -> tuple[Choice, Preferences]:
        """The chat model that goes on with a reply: the one that wrote it, or who stands in for it."""
        preferences = self._preferences.load(actor)
        details = message.details
        last = f"{details.provider}/{details.model}" if details is not None and details.chats else None
        chosen = choose(self._connections, actor, picked=None, last=last, default=preferences.default_model)
        if chosen is None:
            raise GearboxError("No model can be used now.", "Open settings (the gear) and add a provider key.")
        return chosen, preferences

    def _message(self, actor: Actor, conversation_id: str, message_id: str) -> Message:
        return own_message(self._access, self._store, actor, conversation_id, message_id)
