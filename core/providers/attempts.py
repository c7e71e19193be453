"""Attempts: what is done when a call fails. A layer above `Gateway.stream`, which is one call, booked once.

Before the first token a failed call is made again, after a pause, or another model is asked. After it the answer is
begun anew: the new one is held back until it has more to show than what was cut, then takes its place in one step.
A page so never goes backwards, and what fails while it is held back can be tried again unseen.

Not stamina or tenacity: they repeat a function that returns once. This is a stream that has handed out part of its
result, each try has to be booked before it begins, and what comes next is decided, and committed, as the last one ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from core.clock import utc_now
from core.errors import GearboxError, RateLimited
from core.providers.circuits import Circuit, CircuitOpen, Circuits
from core.providers.gateway import Booking, Gateway
from core.providers.keys import error_kind
from core.providers.learned import Learned, Trial
from core.providers.limits import Limits
from core.providers.operation_attempts import OperationAttempts
from core.providers.patience import ANEW, ELSEWHERE, Patience, may_pass
from core.providers.request import ModelRequest
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, ErrorKind
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    ReasoningDelta,
    StreamEnd,
    TextDelta,
    TookOver,
    ToolCallDelta,
)
from data.values.operations import OperationRequest
from data.values.results import OperationResult


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer: what it would be asked, and how that is booked. `intent.id` is used once."""

    request: ModelRequest
    intent: CallIntent

    @property
    def circuit(self) -> Circuit:
        """What fails or works as one."""
        return Circuit(self.request.endpoint.id, self.request.model.name)


class AttemptsBooking(Booking, Protocol):
    """Where the calls for one answer are committed; `conclude` is for the last one."""

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """Commit how a call ended that another one follows."""
        ...


class Attempts:
    """Makes the calls that lead to one answer. Belongs to one event loop.

    Args:
        gateway: makes one call.
        circuits: which endpoints are left alone.
        patience: how often, and how long.
        limits: what people and keys may do.
        learned: what models refuse.
        rng: spreads the pauses, so that callers refused together don't come back together.
        clock: for the intents.
        sleep: waits.
    """

    def __init__(
        self,
        gateway: Gateway,
        circuits: Circuits,
        patience: Patience | None = None,
        *,
        limits: Limits | None = None,
        learned: Learned | None = None,
        rng: random.Random | None = None,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self.circuits = circuits
        self._patience = patience or Patience()
        self.limits = limits or Limits()
        self._learned = learned or Learned()
        self._rng = rng or random.Random()  # noqa: S311  # jitter
        self._clock = clock
        self._sleep = sleep

    async def stream(
        self, candidates: Sequence[Candidate], booking: AttemptsBooking, *, anew: bool = True
    ) -> AsyncGenerator[Delta | AttemptEvent, None]:
        """Yield the answer's deltas, the `StreamEnd` last, and what happened on the way; wrap it in `aclosing`.

        Args:
            candidates: who is asked, in this order; the later ones only when the earlier ones fail.
            booking: each call is intended and concluded here once; all but the last by `carry_on`.
            anew: whether an answer that is cut may be begun anew. Not for readers who can't take text back:
                without it no `TookOver` ever comes.

        Raises:
            GearboxError: of the last call; a `ProviderError` after its outcome was committed. When no call could be
                made at all, nothing was booked.
            RateLimited: person or key has reached a limit.
        """
        run = _Run(self, candidates, booking, anew=anew)
        with self.limits.answer(candidates[0].intent):
            while True:
                try:
                    async with run.call() as deltas:
                        async for delta in deltas:
                            if run.is_plain(delta):
                                yield delta
                            else:
                                for item in run.hold(delta):
                                    yield item
                    return
                except GearboxError as error:
                    then = run.after(error)
                    if then is None:
                        raise
                yield then
                if then.wait:
                    await self._sleep(then.wait)

    async def perform(self, request: OperationRequest, intent: CallIntent, booking: Booking) -> OperationResult:
        """The result of another operation than chat; see `OperationAttempts.perform`."""
        made_of = (self._gateway, self.circuits, self.limits, self._patience, self._rng, self._clock, self._sleep)
        return await OperationAttempts(*made_of).perform(request, intent, booking)


class _Run:
    """One answer: where its calls stand. It books for the gateway, and decides what follows as a call ends."""

    def __init__(
        self, attempts: Attempts, candidates: Sequence[Candidate], booking: AttemptsBooking, *, anew: bool
    ) -> None:
        self._attempts = attempts
        self._circuits = attempts.circuits
        self._candidates = candidates
        self._booking = booking
        self._may_begin_anew = anew
        self._began = asyncio.get_running_loop().time()
        self._place = 0
        self._tries = [0] * len(candidates)
        self._spent: set[str] = set()  # ids of intents
        self._shown = 0
        self._held: list[Delta] | None = None
        self._held_size = 0
        self._then: AnotherTry | None = None
        self._is_calling = False
        self._trial = Trial(attempts._learned)

    @contextlib.asynccontextmanager
    async def call(self) -> AsyncIterator[AsyncGenerator[Delta, None]]:
        """Make the next call, until the end of the block."""
        candidate = self._candidates[self._place]
        self._then = None
        if self._shown:
            self._held, self._held_size = [], 0
        label = candidate.request.endpoint.label
        await self._attempts.limits.check(candidate.intent, label)
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._attempts.limits.call(candidate.intent, label))
            self._circuits.enter(candidate.circuit, label)
            stack.callback(self._never_booked, candidate)
            self._is_calling = True
            self._tries[self._place] += 1
            stream = self._attempts._gateway.stream(self._trial.fit(candidate.request), self._intent(candidate), self)
            async with contextlib.aclosing(stream):
                yield stream

    def is_plain(self, delta: Delta) -> bool:
        """Take note of a delta; whether it is passed on as it is. One question a token: this is the hot path."""
        if self._held is not None:
            return False
        self._shown += len(delta.text) if type(delta) is TextDelta else _size(delta)
        return True

    def hold(self, delta: Delta) -> list[Delta | AttemptEvent]:
        """Keep a delta of the new answer back until it takes over; what is to be passed on now."""
        assert self._held is not None, "nothing is held back"
        self._held.append(delta)
        self._held_size += _size(delta)
        if self._held_size <= self._shown and not isinstance(delta, StreamEnd):
            return []
        held, self._held = self._held, None
        self._shown, self._may_begin_anew = self._held_size, False
        model = self._candidates[self._place].request.model
        return [TookOver(model.provider, model.name), *held]

    def after(self, error: GearboxError) -> AnotherTry | None:
        """What follows an error that `call` raised: decided as the call was booked, or now where none was made."""
        if self._then is None and isinstance(error, CircuitOpen | RateLimited):
            self._then = self._decide(error)
        return self._then

    async def intend(self, intent: CallIntent) -> Receipt:
        """See `Booking.intend`."""
        return await self._booking.intend(intent)

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """Commit how a call ended, and with it what follows."""
        self._left(self._candidates[self._place], outcome.error_kind, answered=outcome.ttft_ms is not None)
        then = None if error is None else self._decide(error)
        if then is None:
            await self._booking.conclude(intent, outcome, error)
            if outcome.ttft_ms is not None:
                await self._trial.answered(self._candidates[self._place].request)
        else:
            await self._booking.carry_on(intent, outcome, then)
            self._then = then  # not before it is committed

    def _intent(self, candidate: Candidate) -> CallIntent:
        intent = candidate.intent
        if intent.id in self._spent:
            intent = replace(intent, id=uuid.uuid4().hex, started_at=self._attempts._clock())
        self._spent.add(intent.id)
        return intent

    def _never_booked(self, candidate: Candidate) -> None:
        if self._is_calling:
            self._left(candidate, None, answered=False)

    def _left(self, candidate: Candidate, error: ErrorKind | None, *, answered: bool) -> None:
        self._is_calling = False
        self._circuits.left(candidate.circuit, candidate.request.endpoint.label, error, answered=answered)

    def _decide(self, error: GearboxError) -> AnotherTry | None:
        kind = error_kind(error)
        if self._shown and self._held is None:  # an answer was cut before the reader's eyes
            if not (self._may_begin_anew and kind in ANEW):
                return None
            self._tries = [0] * len(self._candidates)
            self._tries[self._place] = 1
        failed = self._candidates[self._place].request.model
        chosen = self._next(error, kind)
        if chosen is None:
            return None
        self._place, wait = chosen
        model = self._candidates[self._place].request.model
        return AnotherTry(
            failed.provider,
            failed.name,
            kind,
            str(error),
            model.provider,
            model.name,
            wait=wait,
            anew=self._shown > 0,
        )

    def _next(self, error: GearboxError, kind: ErrorKind) -> tuple[int, float] | None:
        """Who is called next, and after how many seconds."""
        if not self._shown and self._trial.refutes(self._candidates[self._place].request, error):
            self._tries[self._place] -= 1  # not the model's failure
            return self._place, 0.0
        later = range(self._place + 1, len(self._candidates))
        beside = next((place for place in later if self._circuits.admits(self._candidates[place].circuit)), None)
        if self._may_repeat(error, kind):
            wait = self._attempts._patience.pause(
                error, self._tries[self._place], self._attempts._rng, beside=beside is not None
            )
            if wait is not None:
                return self._place, wait
        return None if beside is None or kind not in ELSEWHERE else (beside, 0.0)

    def _may_repeat(self, error: GearboxError, kind: ErrorKind) -> bool:
        patience = self._attempts._patience
        return (
            may_pass(error, kind, begun=self._shown > 0)
            and self._tries[self._place] < patience.tries
            and asyncio.get_running_loop().time() - self._began < patience.again_within
            and self._circuits.admits(self._candidates[self._place].circuit)
        )


def _size(delta: Delta) -> int:
    match delta:
        case TextDelta(text) | ReasoningDelta(text):
            return len(text)
        case ToolCallDelta():
            return len(delta.name) + len(delta.arguments)
        case _:
            return 0
