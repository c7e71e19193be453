"""What the rounds of tools need of an answer: the whole answer of a turn, or one part of a planned reply."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from core.chat.questions import Questions
from core.providers.candidates import AttemptsBooking
from core.tools.toolbox import ToolUse
from data.store.turns import BegunTurn
from data.values.events import AttemptEvent, Delta, TurnEvent
from data.values.parts import NoticePart, Part, ToolCallPart


class AnswerTurn(Protocol):
    """What is written, and who is told. See `core.chat.live.LiveTurn`."""

    @property
    def begun(self) -> BegunTurn:
        """The turn as it was committed."""
        ...

    @property
    def questions(self) -> Questions:
        """What waits for the person."""
        ...

    def append(self, event: TurnEvent) -> None:
        """Add an event and wake the viewers."""
        ...

    def parts(self) -> tuple[Part, ...]:
        """The answer so far."""
        ...

    def round(self) -> tuple[Part, ...]:
        """Of it what came since the model was asked last."""
        ...

    def calls(self) -> tuple[ToolCallPart, ...]:
        """The calls of tools in that."""
        ...


class RoundsBooking(AttemptsBooking, Protocol):
    """Where the rounds are committed. See `core.chat.booking.TurnBooking`."""

    @property
    def answer(self) -> AnswerTurn | None:
        """What the rounds write; None before the first call."""
        ...

    @property
    def spent(self) -> Decimal:
        """US dollars that the calls so far cost, as far as prices are known."""
        ...

    async def take(self, item: Delta | AttemptEvent) -> None:
        """Pass on what comes from the model."""
        ...

    def next_round(self, step: int, use: ToolUse) -> None:
        """The model is about to be asked again."""
        ...

    async def complete(self, *said: NoticePart) -> None:
        """The last round is over; `said` is put below the answer."""
        ...
