"""One answer on its way: which call is next, what of it is passed on, and what follows when it ends.

Before the first token a failed call is made again, after a pause, or another model is asked. After it the answer is
begun anew: the new one is held back until it has more to show than what was cut, then takes its place in one step.
A page so never goes backwards, and what fails while it is held back can be tried again unseen.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from core.errors import GearboxError, RateLimited
from core.providers.candidates import AttemptsBooking, Candidate
from core.providers.circuits import CircuitOpen
from core.providers.gateway import Gateway
from core.providers.keys import error_kind
from core.providers.learned import Trial
from core.providers.patience import ANEW, ELSEWHERE, may_pass
from core.providers.precautions import Precautions
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, ErrorKind
from data.values.events import (
    AnotherTry,
    AttemptEvent,
    Delta,
    LeftOut,
    ReasoningDelta,
    StreamEnd,
    TextDelta,
    TookOver,
    ToolCallDelta,
)
from data.values.registry import Capability


class Answering:
    """One answer: where its calls stand. It books for the gateway, and decides what follows as a call ends.

    Args: see `Attempts` and its `stream`.
    """

    def __init__(
        self,
        gateway: Gateway,
        precautions: Precautions,
        candidates: Sequence[Candidate],
        booking: AttemptsBooking,
        *,
        anew: bool,
        rng: random.Random,
        clock: Callable[[], datetime],
    ) -> None:
        self._gateway = gateway
        self._circuits = precautions.circuits
        self._facts = precautions.facts
        self._limits = precautions.limits
        self._patience = precautions.patience
        self._may_prompt = precautions.prompts_tools
        self._trial = Trial(precautions.learned)
        self._candidates = candidates
        self._booking = booking
        self._may_begin_anew = anew
        self._rng = rng
        self._clock = clock
        self._began = asyncio.get_running_loop().time()
        self._place = 0
        self._tries = [0] * len(candidates)
        self._spent: set[str] = set()  # ids of intents
        self._shown = 0
        self._held: list[Delta] | None = None
        self._held_size = 0
        self._showed: set[Capability] = set()
        self._then: AnotherTry | None = None
        self._is_calling = False
        self.prompts_tools = False

    @contextlib.asynccontextmanager
    async def call(self) -> AsyncIterator[AsyncGenerator[Delta, None]]:
        """Make the next call, until the end of the block."""
        candidate = self._candidates[self._place]
        self._then = None
        self._showed.clear()
        if self._shown:
            self._held, self._held_size = [], 0
        label = candidate.request.endpoint.label
        await self._limits.check(candidate.intent, label)
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._limits.call(candidate.intent, label))
            self._circuits.enter(candidate.circuit, label)
            stack.callback(self._never_booked, candidate)
            self._is_calling = True
            self._tries[self._place] += 1
            in_words = self._may_prompt(candidate.intent.actor) if candidate.request.options.get("tools") else True
            fitted = self._trial.fit(candidate.request, in_words=in_words)
            self.prompts_tools = in_words and "tools" in candidate.request.options and "tools" not in fitted.options
            stream = self._gateway.stream(fitted, self._intent(candidate), self)
            async with contextlib.aclosing(stream):
                yield stream

    @property
    def left_out(self) -> LeftOut | None:
        """What the call that is being made goes without."""
        left = self._trial.left_out
        return LeftOut(tuple(each.value for each in left)) if left else None

    def is_plain(self, delta: Delta) -> bool:
        """Take note of a delta; whether it is passed on as it is. One question a token: this is the hot path."""
        if self._held is not None:
            return False
        self._shown += len(delta.text) if type(delta) is TextDelta else self._other(delta)
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
                request = self._candidates[self._place].request
                await self._trial.answered(request)
                if not intent.is_test:  # who tries says more
                    self._facts.saw((request.endpoint.id, request.model.name), self._showed)
        else:
            await self._booking.carry_on(intent, outcome, then)
            self._then = then  # not before it is committed

    def _other(self, delta: Delta) -> int:
        """Note what a delta that is no text shows of the model; its size."""
        if isinstance(delta, ToolCallDelta):
            self._showed.add(Capability.TOOLS if not delta.index else Capability.PARALLEL_TOOLS)
        elif isinstance(delta, ReasoningDelta):
            self._showed.add(Capability.REASONING)
        return _size(delta)

    def _intent(self, candidate: Candidate) -> CallIntent:
        intent = candidate.intent
        if intent.id in self._spent:
            intent = replace(intent, id=uuid.uuid4().hex, started_at=self._clock())
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
            wait = self._patience.pause(error, self._tries[self._place], self._rng, beside=beside is not None)
            if wait is not None:
                return self._place, wait
        return None if beside is None or kind not in ELSEWHERE else (beside, 0.0)

    def _may_repeat(self, error: GearboxError, kind: ErrorKind) -> bool:
        return (
            may_pass(error, kind, begun=self._shown > 0)
            and self._tries[self._place] < self._patience.tries
            and asyncio.get_running_loop().time() - self._began < self._patience.again_within
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
