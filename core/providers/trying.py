"""Asking one model one question, and what the answer showed: booked, limited and guarded like every other call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.errors import GearboxError
from core.providers.attempts import Attempts, AttemptsBooking, Candidate
from core.providers.candidates import intent_for
from core.providers.gateway import Gateway
from core.providers.learned import Learned
from core.providers.patience import Patience
from core.providers.precautions import Precautions
from core.providers.questions import MAX_TOKENS, Question, Seen
from core.providers.request import ModelRequest
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, ChosenBy
from data.values.events import AnotherTry, ReasoningDelta, StreamEnd, TextDelta, ToolCallDelta, UsageReport
from data.values.model_checks import Finding
from data.values.models import Endpoint, Model, Sampling

SECONDS = 60.0
"""How long one answer may take: a cold local model has to be loaded first."""

_EVIDENCE_CHARS = 200


class Trying:
    """One check of one model; for one task.

    Args:
        gateway: makes the calls; of the loop that this runs on.
        booking: where they are committed.
        precautions: whose limits and circuits hold; what was learned is found out anew, and told in `learned`.
    """

    def __init__(
        self,
        actor: Actor,
        endpoint: Endpoint,
        model: Model,
        *,
        gateway: Gateway,
        booking: AttemptsBooking,
        precautions: Precautions,
        clock: Callable[[], datetime],
    ) -> None:
        self._actor = actor
        self._endpoint = endpoint
        self._model = model
        self._circuits = precautions.circuits
        self.learned = Learned(clock=clock)
        self._attempts = Attempts(gateway, replace(precautions, learned=self.learned, patience=Patience(tries=1)))
        self.booked = Tally(booking)
        self._clock = clock

    @property
    def place(self) -> tuple[str, str]:
        """Which server's model is tried."""
        return self._endpoint.id, self._model.name

    async def ask(self, question: Question) -> tuple[list[Finding], Seen]:
        """What the answer to one question shows.

        Raises:
            GearboxError: there was none; that says nothing of the model.
        """
        request = ModelRequest(
            self._endpoint, self._model, question.messages, Sampling(max_tokens=MAX_TOKENS), question.options
        )
        candidate = Candidate(request, self._intent())
        self._circuits.try_now(candidate.circuit)
        seen, why = await self._answer(candidate)
        if question.feature and question.feature in self.learned.refused(*self.place):
            words = f"Its server refused it: {why}"[:_EVIDENCE_CHARS]
            return [Finding(each, False, words) for each in question.about], seen
        return question.judge(seen), seen

    async def _answer(self, candidate: Candidate) -> tuple[Seen, str]:
        text, pieces, reasoned, reason, why = "", 0, False, "", ""
        calls: dict[int, str] = {}
        try:
            async with asyncio.timeout(SECONDS):
                stream = self._attempts.stream([candidate], self.booked, anew=False)
                async with contextlib.aclosing(stream) as deltas:
                    async for delta in deltas:
                        match delta:
                            case TextDelta():
                                text, pieces = text + delta.text, pieces + 1
                            case ReasoningDelta():
                                reasoned, pieces = True, pieces + 1
                            case ToolCallDelta():
                                calls[delta.index] = calls.get(delta.index, "") + delta.name
                            case UsageReport():
                                reasoned = reasoned or delta.usage.reasoning > 0
                            case StreamEnd():
                                reason = delta.reason
                            case AnotherTry():
                                why = delta.why
        except TimeoutError:
            raise GearboxError(
                f"{self._endpoint.label} did not answer within {SECONDS:.0f} seconds.",
                "Check that the server is not busy, then try again.",
            ) from None
        return Seen(text, pieces, tuple(calls.values()), reasoned, reason), why

    def _intent(self) -> CallIntent:
        return intent_for(self._actor, self._endpoint, self._model, self._clock(), ChosenBy.PERSON, is_test=True)


class Tally:
    """Books calls where they belong, and adds up what they came to."""

    def __init__(self, booking: AttemptsBooking) -> None:
        self._booking = booking
        self.calls = 0
        self._spent = Decimal(0)
        self._is_priced: bool | None = None

    @property
    def cost(self) -> Decimal | None:
        """What the calls that used anything were booked with; None where one of them has no price, or none was made."""
        return self._spent if self._is_priced else None

    async def intend(self, intent: CallIntent) -> Receipt:
        """See `Booking.intend`."""
        self.calls += 1
        return await self._booking.intend(intent)

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """See `Booking.conclude`."""
        self._count(outcome)
        await self._booking.conclude(intent, outcome, error)

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """See `AttemptsBooking.carry_on`."""
        self._count(outcome)
        await self._booking.carry_on(intent, outcome, then)

    def _count(self, outcome: CallOutcome) -> None:
        if outcome.usage is None:
            return
        amount = outcome.cost.amount
        self._spent += amount or 0
        self._is_priced = amount is not None and self._is_priced is not False
