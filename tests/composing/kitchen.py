"""A house whose replies are made in parts, by plans that a test gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.access.access import Access
from core.calls import CallService
from core.chat.composing.composition import Composition
from core.chat.composing.compositions import Compositions
from core.chat.composing.reply_parts import ReplyParts
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.planning.makers import Maker
from core.chat.selection import Choice
from core.chat.understanding import Understanding
from core.providers.catalog import Catalogue
from core.providers.gateway import StoreBooking
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import ChosenBy
from data.values.messages import Message
from data.values.parts import StepPart, TextPart
from data.values.plans import Action, Brief, Plan, Step
from tests.chat.house import SOON, ChatHouse, now
from tests.people import ALICE

MAKERS = {
    Action.DRAW: ("sandbox/scripted-image", "sandbox/scripted-image-2"),
    Action.EDIT: ("sandbox/scripted-image", "sandbox/scripted-image-2"),
    Action.SPEAK: ("sandbox/scripted-speech", "sandbox/scripted-speech-2"),
    Action.FILM: ("sandbox/scripted-video",),
}


def step(step_id: str, action: Action, instruction: str, *uses: str) -> Step:
    """A step as a planner makes it, by the sandbox."""
    return Step(step_id, action, instruction, uses, model=MAKERS.get(action, ("",))[0])


def _able(_actor: Actor, action: Action, beside: str = "") -> list[Maker]:
    """As the product ranks them: a real model before the sandbox's, unless that is what the person chats with."""
    played = [Maker(each, "sandbox") for each in MAKERS[action]]
    return played if action is not Action.SPEAK or beside == "sandbox" else [Maker("paid/voice", "paid"), *played]


class Kitchen:
    """Starts replies in several parts."""

    def __init__(self, home: Path, sandbox_url: str, catalogue: Catalogue, **house: Any) -> None:
        self.house = ChatHouse(home, sandbox_url, catalogue, **house)
        parts = self.house
        self.calls = CallService(
            parts.connections,
            parts.preferences,
            StoreBooking(parts.store),
            make_gateway=lambda: parts.gateway,
            make_attempts=lambda _gateway: parts.attempts,
            clock=now,
        )
        self.compositions = Compositions(_not_asked, _not_asked, self.calls.operation, self.resolve, patience=SOON)
        self.reply_parts = ReplyParts(
            Access(parts.store),
            parts.store,
            parts.connections,
            parts.preferences,
            parts.turns,
            preparing=parts.preparing,
            compositions=self.compositions,
            understanding=Understanding(
                Access(parts.store),
                parts.store,
                parts.connections,
                parts.preferences,
                parts.attempts,
                model_id="",
                clock=now,
            ),
            able=_able,
        )

    def resolve(self, actor: Actor, model_id: str) -> Choice:
        return Choice(*self.house.connections.resolve(actor, model_id), ChosenBy.PERSON)

    def start(
        self,
        prompt: str,
        steps: Sequence[Step],
        conversation_id: str | None = None,
        *,
        patience: float | None = None,
    ) -> LiveTurn:
        """Send a prompt whose reply has these steps."""
        said = (TextPart(prompt),)
        house = self.house
        prepared = house.preparing.prepare(
            ALICE, conversation_id, house.choice(), house.preferences.load(ALICE), said=said
        )
        composition = Composition(
            Plan(tuple(steps), Brief(prompt)),
            prepared.asking,
            prepared.choices,
            self.calls.operation,
            self.resolve,
            patience,
        )
        begin = BeginTurn(ALICE.user_id, conversation_id, "A reply", said, None)
        return house.turns.start(TurnPlan(begin, (), composition=composition))

    def make(self, prompt: str, *steps: Step, conversation_id: str | None = None) -> tuple[LiveTurn, Message]:
        """The same, to its end; the turn, and the reply as it is stored."""
        turn = self.start(prompt, steps, conversation_id)
        assert turn.wait_ended(SOON)
        return turn, self.reply(turn)

    def again(self, turn: LiveTurn, step_id: str, *, model: str | None = None) -> Message:
        """Have a part of a reply made again, to its end; the reply as it is stored then."""
        begun = turn.begun
        written_on = self.reply_parts.again(ALICE, begun.conversation_id, begun.reply.id, step_id, model=model)
        assert written_on.wait_ended(SOON)
        return self.reply(written_on)

    def reply(self, turn: LiveTurn) -> Message:
        """The reply of a turn as it is stored."""
        begun = turn.begun
        return self.house.store.conversations.message(ALICE.user_id, begun.conversation_id, begun.reply.id)

    def booked(self, turn: LiveTurn) -> list[tuple[str, str]]:
        """Model and status of each call of a turn, in the order in which they were begun."""
        return [
            (model, status)
            for model, status in self.house.rows(
                "SELECT model, status FROM calls WHERE turn_id = ? ORDER BY started_at, id", turn.begun.turn_id
            )
        ]

    def close(self) -> None:
        self.house.close()


def _not_asked(*_: object) -> Any:
    raise AssertionError("these replies are planned by the test")


def planned(message: Message) -> dict[str, StepPart]:
    """The steps of a reply, by id."""
    return {part.step.id: part for part in message.parts if isinstance(part, StepPart)}
