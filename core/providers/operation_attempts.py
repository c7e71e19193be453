"""What is done when another operation than chat fails: it may be made again, by the same model only.

Vectors of two models can't be compared, and a picture by another one is another picture: nobody takes over.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import GearboxError
from core.providers.circuits import Circuit
from core.providers.gateway import Booking, Gateway
from core.providers.keys import error_kind
from core.providers.patience import may_pass
from core.providers.precautions import Precautions
from data.values.calls import CallIntent, ErrorKind
from data.values.operations import OperationKind, OperationRequest
from data.values.results import OperationResult

# Dear, and made although the answer got lost: only a refusal says that nothing was made.
_DEAR = {OperationKind.IMAGE, OperationKind.IMAGE_EDIT, OperationKind.VIDEO}


@dataclass(frozen=True, slots=True)
class OperationAttempts:
    """Makes the calls that lead to one result. Belongs to one event loop; see `Attempts` for what it is made of."""

    gateway: Gateway
    precautions: Precautions
    rng: random.Random
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]

    async def perform(self, request: OperationRequest, intent: CallIntent, booking: Booking) -> OperationResult:
        """The result; each call on the way is booked once, the first one under `intent`.

        Raises:
            GearboxError: of the last call. RateLimited: the key has reached a limit, or the person may spend no more.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self.precautions.patience.again_within
        for tries in range(1, self.precautions.patience.tries + 1):
            try:
                return await self._call(request, intent, booking)
            except GearboxError as error:
                wait = self._wait(request, error, tries)
                if wait is None or loop.time() >= until:
                    raise
            await self.sleep(wait)
            intent = replace(intent, id=uuid.uuid4().hex, started_at=self.clock())
        raise AssertionError("the last try returns or raises")

    async def _call(self, request: OperationRequest, intent: CallIntent, booking: Booking) -> OperationResult:
        label = request.endpoint.label
        circuit = Circuit(request.endpoint.id, request.model.name)
        await self.precautions.limits.check(intent, label)
        with self.precautions.limits.call(intent, label):
            self.precautions.circuits.enter(circuit, label)
            failed, answered = None, False
            try:
                result = await self.gateway.perform(request, intent, booking)
                answered = True
                return result
            except GearboxError as error:
                failed = error_kind(error)
                raise
            finally:
                self.precautions.circuits.left(circuit, label, failed, answered=answered)

    def _wait(self, request: OperationRequest, error: GearboxError, tries: int) -> float | None:
        kind = error_kind(error)
        again = may_pass(error, kind, begun=False) and (request.kind not in _DEAR or kind is ErrorKind.RATE_LIMIT)
        if not again or tries >= self.precautions.patience.tries:
            return None
        return self.precautions.patience.pause(error, tries, self.rng, beside=False)
