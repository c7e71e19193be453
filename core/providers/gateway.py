"""The gateway: every model call of Gearbox passes here, and is booked before and after."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from core.errors import GearboxError
from core.providers.addresses import require_encrypted
from core.providers.commits import to_the_end
from core.providers.failures import failure
from core.providers.keys import error_kind
from core.providers.metering import cost_of, estimate_usage
from core.providers.operation_metering import OperationMeter
from core.providers.request import ModelRequest, Transport
from core.telemetry.gaps import Gaps
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind, TokenUsage
from data.values.events import AnotherTry, Delta, ReasoningDelta, SourceDelta, TextDelta, ToolCallDelta, UsageReport
from data.values.models import Endpoint, Model, Wire
from data.values.operations import OperationRequest
from data.values.registry import Prices
from data.values.results import OperationResult

if TYPE_CHECKING:
    from data.store import Store


class Booking(Protocol):
    """Where a call's intent and outcome are committed. Both return after the commit."""

    async def intend(self, intent: CallIntent) -> Receipt:
        """Commit what is about to happen."""
        ...

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """Commit how it ended, with the usage event; `error` is what a failed call is about to raise."""
        ...


class StoreBooking:
    """Books calls that belong to no turn straight into the store."""

    def __init__(self, store: Store) -> None:
        self._calls = store.calls

    async def intend(self, intent: CallIntent) -> Receipt:
        """See `Booking.intend`."""
        return await asyncio.wrap_future(self._calls.intend(intent))

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        """See `Booking.conclude`."""
        await asyncio.wrap_future(self._calls.conclude(intent.id, outcome, intent.actor))

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """See `core.providers.attempts.AttemptsBooking.carry_on`."""
        await self.conclude(intent, outcome, None)


Watch = Callable[[CallIntent], Callable[[CallOutcome, Gaps | None], None]]
"""Told of every call as it begins, and then of its end, before that is committed; must be quick and raise nothing."""


def unwatched(_intent: CallIntent) -> Callable[[CallOutcome, Gaps | None], None]:
    """Nobody is told."""
    return lambda _outcome, _gaps: None


class Gateway:
    """Runs model calls: intent committed, key opened, request sent, outcome committed; always in this order.

    Args:
        transports: how to reach endpoints of each wire.
        open_key: the plaintext key of an endpoint for an actor, or None where it needs none; the receipt says that
            its use is in the audit log.
        plain_http_hosts: hosts beyond this machine that may be called unencrypted.
        clock: monotonic seconds.
        prices_of: what a model's other operations than chat cost; None where nobody knows.
        watch: told of every call.
    """

    def __init__(
        self,
        transports: Mapping[Wire, Transport],
        open_key: Callable[[Endpoint, Actor, Receipt], Awaitable[str | None]],
        plain_http_hosts: tuple[str, ...] = (),
        clock: Callable[[], float] = time.perf_counter,
        prices_of: Callable[[Endpoint, Model], Prices | None] = lambda _endpoint, _model: None,
        *,
        watch: Watch = unwatched,
    ) -> None:
        self._prices_of = prices_of
        self._watch = watch
        self._transports = transports
        self._open_key = open_key
        self._plain_http_hosts = plain_http_hosts
        self._clock = clock

    async def stream(self, request: ModelRequest, intent: CallIntent, booking: Booking) -> AsyncGenerator[Delta, None]:
        """Yield the answer's deltas, the `StreamEnd` last; wrap it in `contextlib.aclosing`.

        The outcome is committed exactly once whatever happens, also when the consumer closes the stream or is
        cancelled (then as STOPPED). Nothing is sent and nothing concluded when the intent can't be committed.

        Raises:
            ProviderError: after the outcome was committed.
            GearboxError: the key could not be opened, or the booking failed.
        """
        meter = _Meter(request, self._clock)
        async with _booked(intent, booking, meter, self._watch) as receipt:
            key = await self._open(request.endpoint, intent, receipt)
            meter.sent = True
            async with contextlib.aclosing(self._transports[request.endpoint.wire].stream(request, key)) as deltas:
                async for delta in deltas:
                    meter.count(delta)
                    yield delta
            if meter.status is not CallStatus.OK:
                message = f"{request.endpoint.label} ended the answer in the middle."
                raise failure(ErrorKind.STREAM_CUT, message, key)

    async def perform(self, request: OperationRequest, intent: CallIntent, booking: Booking) -> OperationResult:
        """Do something else than chat, and return all of it; booked like `stream`, as a call of the request's kind.

        Raises:
            ProviderError: after the outcome was committed.
            GearboxError: the key could not be opened, or the booking failed.
        """
        intent = replace(intent, modality=request.kind.value, task=request.kind.task)
        meter = OperationMeter(request, self._clock, self._prices_of)
        async with _booked(intent, booking, meter, self._watch) as receipt:
            key = await self._open(request.endpoint, intent, receipt)
            meter.sent = True
            return meter.result(await self._transports[request.endpoint.wire].perform(request, key))

    async def _open(self, endpoint: Endpoint, intent: CallIntent, receipt: Receipt) -> str | None:
        if endpoint.base_url:  # checked when it was entered, too; but an admin may take a host back
            require_encrypted(endpoint.base_url, self._plain_http_hosts)
        return await self._open_key(endpoint, intent.actor, receipt)

    async def aclose(self) -> None:
        """Close the transports' connections."""
        for transport in self._transports.values():
            await transport.aclose()


@contextlib.asynccontextmanager
async def _booked(
    intent: CallIntent, booking: Booking, meter: _Meter | OperationMeter, watch: Watch
) -> AsyncIterator[Receipt]:
    """Commits around one call: the intent before, and exactly once, whatever happens, the outcome after."""
    problem: GearboxError | None = None
    receipt, stopped = await to_the_end(booking.intend(intent))
    ended = watch(intent)
    try:
        if stopped:
            raise asyncio.CancelledError
        yield receipt
    except GearboxError as error:
        meter.failed(error_kind(error))
        problem = error
        raise
    except Exception:
        meter.failed(ErrorKind.INTERNAL)
        raise
    finally:
        outcome = meter.outcome()
        ended(outcome, meter.gaps if isinstance(meter, _Meter) else None)
        if (await to_the_end(booking.conclude(intent, outcome, problem)))[1]:
            raise asyncio.CancelledError


class _Meter:
    """Watches one call go by. Until something else is known, it was stopped by its consumer."""

    def __init__(self, request: ModelRequest, clock: Callable[[], float]) -> None:
        self.status = CallStatus.STOPPED
        self.sent = False
        self._request = request
        self._clock = clock
        self._began = clock()
        self._first: float | None = None
        self.gaps = Gaps()
        self._ended: float | None = None
        self._text = 0
        self._reasoning = 0
        self._reported: TokenUsage | None = None
        self._error: ErrorKind | None = None

    def count(self, delta: Delta) -> None:
        """Take note of a delta before it is passed on."""
        if isinstance(delta, TextDelta):
            self._text += len(delta.text)
        elif isinstance(delta, ReasoningDelta):
            self._reasoning += len(delta.text)
        elif isinstance(delta, ToolCallDelta):
            self._text += len(delta.name) + len(delta.arguments)
        elif isinstance(delta, UsageReport):
            self._reported = delta.usage
            return
        elif isinstance(delta, SourceDelta):  # no token of the answer
            return
        else:
            self.status = CallStatus.OK
            self._ended = self._clock()
            return
        now = self._clock()
        if self._first is None:
            self._first = now
        self.gaps.piece(now)

    def failed(self, kind: ErrorKind) -> None:
        """The call ended with an error."""
        self.status = CallStatus.FAILED
        self._error = kind

    def outcome(self) -> CallOutcome:
        """What to book now. A call that failed before its first token used nothing that we know of."""
        usage = self._reported
        if usage is None and self.sent and (self._first is not None or self.status is not CallStatus.FAILED):
            messages = self._request.messages
            usage = estimate_usage(messages, text_chars=self._text, reasoning_chars=self._reasoning)
        ended = self._clock() if self._ended is None else self._ended
        return CallOutcome(
            status=self.status,
            latency_ms=(ended - self._began) * 1000,
            ttft_ms=None if self._first is None else (self._first - self._began) * 1000,
            usage=usage,
            cost=cost_of(self._request.model.price, usage),
            error_kind=self._error,
        )
