"""One step of a planned reply, seen as an answer of its own: what is written in it, and the books of its calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal

from core.chat import notices
from core.chat.live import LiveTurn
from core.chat.questions import Questions
from core.chat.written import Written
from core.errors import GearboxError
from core.tools.toolbox import ToolUse
from data.store.turns import BegunTurn
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, CallStatus
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    InStep,
    ReasoningDelta,
    RoundBegun,
    SourceDelta,
    TextDelta,
    TookOver,
    ToolCallDelta,
    TurnEvent,
)
from data.values.money import UNPRICED, Cost, dollars, total
from data.values.parts import NoticePart, Part, ToolCallPart


class StepTurn:
    """What a step writes. Its viewers are the reply's. See `core.chat.answer_turn.AnswerTurn`."""

    def __init__(self, turn: LiveTurn, step_id: str, titles: Mapping[str, str]) -> None:
        self._turn = turn
        self._step_id = step_id
        self._written = Written(titles)

    @property
    def begun(self) -> BegunTurn:
        """The reply's turn."""
        return self._turn.begun

    @property
    def questions(self) -> Questions:
        """The reply's."""
        return self._turn.questions

    def append(self, event: TurnEvent) -> None:
        """Add what happened in the step, and tell the reply's viewers."""
        self._written.take(event)
        self._turn.append(InStep(self._step_id, event))

    def parts(self) -> tuple[Part, ...]:
        """What the step wrote so far."""
        return self._written.parts()

    def round(self) -> tuple[Part, ...]:
        """Of it what came since the model was asked last."""
        return self._written.round()

    def calls(self) -> tuple[ToolCallPart, ...]:
        """The calls of tools in that."""
        return self._written.calls()


Intend = Callable[[CallIntent], Awaitable[Receipt]]
Conclude = Callable[[CallIntent, CallOutcome], Awaitable[None]]


class StepBooking:
    """Books the calls of one step among those of its reply. See `core.chat.answer_turn.RoundsBooking`.

    Args:
        turn: what the step writes.
        intend, conclude: commit a call of the reply's turn.
    """

    def __init__(self, turn: StepTurn, intend: Intend, conclude: Conclude) -> None:
        self.turn = turn
        self._intend = intend
        self._conclude = conclude
        self._call: CallIntent | None = None
        self._writer: CallIntent | None = None
        self._outcomes: list[CallOutcome] = []
        self._tries: list[AnotherTry] = []
        self._anew = False
        self._said: tuple[NoticePart, ...] = ()

    @property
    def answer(self) -> StepTurn:
        """What the step writes."""
        return self.turn

    @property
    def model(self) -> str:
        """The id of who made it, else of who was asked last; empty while nobody was."""
        call = self._writer or self._call
        return "" if call is None else f"{call.provider}/{call.model}"

    @property
    def cost(self) -> Cost:
        """What the step's calls cost; of those that failed before they used anything nobody knows of a cost."""
        paid = [each.cost for each in self._outcomes if each.status is not CallStatus.FAILED or each.cost.amount]
        return total(paid) if paid else UNPRICED

    @property
    def spent(self) -> Decimal:
        """See `RoundsBooking.spent`."""
        return dollars(each.cost for each in self._outcomes)

    def said(self) -> tuple[NoticePart, ...]:
        """What has to be said beside what the step gave: who stood in for whom, why it ended early."""
        return (*notices.kept(self._tries, self.model if self._writer else None, anew=self._anew), *self._said)

    async def intend(self, intent: CallIntent) -> Receipt:
        """Commit a call's intent."""
        self._call = intent
        return await self._intend(intent)

    async def conclude(
        self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None
    ) -> None:  # the composer hears of it
        """Commit a call's outcome, with the reply so far."""
        self._outcomes.append(outcome)
        if outcome.status is CallStatus.OK:
            self._writer = self._writer or self._call
        await self._conclude(intent, outcome)

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """Commit the outcome of a call that another one follows."""
        self._outcomes.append(outcome)
        await self._conclude(intent, outcome)

    async def take(self, item: Delta | AttemptEvent) -> None:
        """Pass on what comes from the models, and what happens on the way."""
        match item:
            case TextDelta() | ReasoningDelta() | ToolCallDelta():
                self._writer = self._writer or self._call
            case SourceDelta():
                pass
            case AnotherTry():
                self._tries.append(item)
            case TookOver():  # what was cut is not kept aside: the steps beside it go on
                self._anew, self._writer = True, self._call
            case _:
                return
        self.turn.append(item)

    def next_round(self, step: int, use: ToolUse) -> None:
        """The model is about to be asked again, told what its tools gave."""
        self.turn.append(RoundBegun(min(step, use.steps), use.steps, self.spent, use.budget))
        self._writer = None

    async def complete(self, *said: NoticePart) -> None:
        """The last round is booked."""
        self._said = said
