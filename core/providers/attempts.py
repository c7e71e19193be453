"""Attempts: what is done when a call fails. A layer above `Gateway.stream`, which is one call, booked once.

Not stamina or tenacity: they repeat a function that returns once. This is a stream that has handed out part of its
result, each try has to be booked before it begins, and what comes next is decided, and committed, as the last one ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from core.clock import utc_now
from core.errors import GearboxError
from core.providers.answering import Answering
from core.providers.candidates import AttemptsBooking, Candidate
from core.providers.gateway import Booking, Gateway
from core.providers.operation_attempts import OperationAttempts
from core.providers.precautions import Precautions
from core.providers.tool_answer import ToolAnswer, knows_tools
from data.values.actor import Actor
from data.values.calls import CallIntent
from data.values.events import AttemptEvent, Delta, ToolsPrompted
from data.values.operations import OperationRequest
from data.values.results import OperationResult

__all__ = ["Attempts", "AttemptsBooking", "Candidate"]


class Attempts:
    """Makes the calls that lead to one answer. Belongs to one event loop.

    Args:
        gateway: makes one call; of the same loop.
        precautions: limits, circuits and what was learned; of the whole process.
        rng: spreads the pauses, so that callers refused together don't come back together.
        clock: for the intents.
        sleep: waits.
    """

    def __init__(
        self,
        gateway: Gateway,
        precautions: Precautions | None = None,
        *,
        rng: random.Random | None = None,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self.precautions = precautions or Precautions()
        self._rng = rng or random.Random()  # noqa: S311  # jitter
        self._clock = clock
        self._sleep = sleep

    async def stream(
        self, candidates: Sequence[Candidate], booking: AttemptsBooking, *, anew: bool = True, counts: bool = True
    ) -> AsyncGenerator[Delta | AttemptEvent, None]:
        """Yield the answer's deltas, the `StreamEnd` last, and what happened on the way; wrap it in `aclosing`.

        Args:
            candidates: who is asked, in this order; the later ones only when the earlier ones fail.
            booking: each call is intended and concluded here once; all but the last by `carry_on`.
            anew: whether an answer that is cut may be begun anew. Not for readers who can't take text back:
                without it no `TookOver` ever comes.
            counts: whether it is one more answer for the person; not for a round of one that is counted already.

        Raises:
            GearboxError: of the last call; a `ProviderError` after its outcome was committed. When no call could be
                made at all, nothing was booked.
            RateLimited: person or key has reached a limit.
        """

        def ask(candidates: Sequence[Candidate]) -> AsyncGenerator[Delta | AttemptEvent, None]:
            return self._ask(candidates, booking, anew=anew)

        with self.answer(candidates[0].intent.actor) if counts else contextlib.nullcontext():
            stream = (
                ToolAnswer(ask, candidates, self._clock).stream() if knows_tools(candidates[0]) else ask(candidates)
            )
            async with contextlib.aclosing(stream):
                async for event in stream:
                    yield event

    def answer(self, person: Actor) -> AbstractContextManager[None]:
        """One more answer for a person, until the end of the block. Raises RateLimited."""
        return self.precautions.limits.answer(person)

    async def _ask(
        self, candidates: Sequence[Candidate], booking: AttemptsBooking, *, anew: bool
    ) -> AsyncGenerator[Delta | AttemptEvent, None]:
        run = Answering(
            self._gateway, self.precautions, candidates, booking, anew=anew, rng=self._rng, clock=self._clock
        )
        if (said := candidates[0].instead_of) is not None:
            yield said
        while True:
            try:
                async with run.call() as deltas:
                    if run.prompts_tools:
                        yield ToolsPrompted()
                    if left := run.left_out:
                        yield left
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

    async def perform(
        self, request: OperationRequest, intent: CallIntent, booking: Booking, *, counts: bool = True
    ) -> OperationResult:
        """The result of another operation than chat; see `OperationAttempts.perform`, and `stream` for `counts`."""
        made_of = (self._gateway, self.precautions, self._rng, self._clock, self._sleep)
        with self.answer(intent.actor) if counts else contextlib.nullcontext():
            return await OperationAttempts(*made_of).perform(request, intent, booking)
