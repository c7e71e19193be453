"""The Test button: one small, real, booked call, and what came of it in plain words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.loop import BackgroundLoop
from core.providers.attempts import Attempts, AttemptsBooking, Candidate
from core.providers.candidates import intent_for
from core.providers.connections import Connections
from core.providers.gateway import Gateway
from core.providers.keys import error_kind
from core.providers.limits import Limits
from core.providers.patience import Patience
from core.providers.precautions import Precautions
from core.providers.request import ModelRequest
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.calls import ChosenBy, ErrorKind, KeyOwner
from data.values.events import ReasoningDelta, TextDelta
from data.values.models import Endpoint, Model, Sampling

TEST_SECONDS = 30.0
"""How long a test may take: a cold local model may have to be loaded first."""

_PROMPT = "Reply with the single word OK."

# Reasoning models think before they answer; a smaller limit would cut them off before the first visible token.
_MAX_TOKENS = 64


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a test call came to. `seconds` is the time to the first token.

    Where it did not work, `kind` tells a key that was never sent from one that the provider refused.
    """

    ok: bool
    message: str
    remedy: str = ""
    seconds: float | None = None
    kind: ErrorKind | None = None


class ConnectionCheck:
    """Calls an endpoint's model once."""

    def __init__(
        self,
        access: Access,
        connections: Connections,
        gateway: Gateway,
        booking: AttemptsBooking,
        loop: BackgroundLoop,
        *,
        precautions: Precautions,
        audit: Callable[[AuditEvent], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._audit = audit
        self._access = access
        self._connections = connections
        self._circuits = precautions.circuits
        # One call, whatever the limits say: a person has pressed a button.
        self._attempts = Attempts(gateway, replace(precautions, limits=Limits(), patience=Patience(tries=1)))
        self._booking = booking
        self._loop = loop
        self._clock = clock

    def run(self, actor: Actor, endpoint: Endpoint) -> CheckResult:
        """Call the first suitable model of `endpoint` and say what happened; blocks until it is known.

        Raises:
            NotFound: it is gone, or not within the person's reach.
        """
        endpoint = self._connections.endpoint(actor, endpoint.id)
        actor = self._tester(actor, endpoint)
        result = self._checked(actor, endpoint)
        self._circuits.asked(endpoint.id, result.kind)
        return result

    def _checked(self, actor: Actor, endpoint: Endpoint) -> CheckResult:
        try:
            model = self._model(actor, endpoint)
            if model is None:
                return CheckResult(False, f"{endpoint.label} lists no chat model.", "Check the address, or its models.")
            return self._loop.submit(self._call(actor, endpoint, model)).result(TEST_SECONDS + 5)
        except GearboxError as error:
            return CheckResult(False, str(error), error.remedy, kind=error_kind(error))
        except TimeoutError:
            return CheckResult(
                False,
                f"{endpoint.label} did not answer within {TEST_SECONDS:.0f} seconds.",
                "Check that the server runs and is not busy loading a model, then test again.",
                kind=ErrorKind.TIMEOUT,
            )

    def _model(self, actor: Actor, endpoint: Endpoint) -> Model | None:
        """What to call. Without a list to choose from the test ends here, and no call would tell of it."""
        try:
            return self._connections.test_model(actor, endpoint)
        except GearboxError as error:
            if endpoint.secret_id is not None:
                target, why = secret_target(endpoint.secret_id), error_kind(error)
                event = AuditEvent.by(
                    actor, Action.KEY_TEST, AuditOutcome.FAILED, target=target, error=why.value, purpose="list models"
                )
                self._audit(event)
            raise

    def _tester(self, actor: Actor, endpoint: Endpoint) -> Actor:
        """Who manages shared keys tests a team's as its members would use it."""
        of_other_team = endpoint.owner is KeyOwner.TEAM and endpoint.owner_id not in actor.team_ids
        if not of_other_team:
            return actor
        self._access.require(actor, Permission.MANAGE_SHARED_KEYS)
        return replace(actor, team_ids=(*actor.team_ids, endpoint.owner_id))

    async def _call(self, actor: Actor, endpoint: Endpoint, model: Model) -> CheckResult:
        began = asyncio.get_running_loop().time()
        intent = intent_for(actor, endpoint, model, self._clock(), ChosenBy.PERSON, is_test=True)
        request = ModelRequest(
            endpoint, model, ({"role": "user", "content": _PROMPT},), Sampling(max_tokens=_MAX_TOKENS)
        )
        candidate = Candidate(request, intent)
        self._circuits.try_now(candidate.circuit)
        first: float | None = None
        async with asyncio.timeout(TEST_SECONDS):
            async with contextlib.aclosing(self._attempts.stream([candidate], self._booking, anew=False)) as deltas:
                async for delta in deltas:
                    if first is None and isinstance(delta, TextDelta | ReasoningDelta):
                        first = asyncio.get_running_loop().time() - began
        if first is None:
            return CheckResult(False, f"{model.label} answered without any text.", "Try another model.")
        return CheckResult(True, f"{model.label} answered.", seconds=first)
