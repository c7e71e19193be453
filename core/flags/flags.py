"""Whether something is on for somebody: what the rest of Gearbox asks."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import SwitchedOff
from core.flags.capabilities import DESCRIBED, Capability
from core.flags.snapshot import FlagSnapshot
from data.values.actor import Actor

if TYPE_CHECKING:
    from openfeature.client import OpenFeatureClient
    from openfeature.evaluation_context import EvaluationContext

    from core.flags.exposures import Exposures


class Flags:
    """Asks OpenFeature's API, behind which the flags of admins stand. Thread-safe, never blocks after its first use.

    Args:
        off: what the operator's settings turn off: no flag turns it on.
        environment: what this deployment is, for rules that ask for it.
        exposures: makes what takes note of evaluations; made late, with OpenFeature, which takes a tenth of a second
            to import: nobody's start waits for it.
    """

    def __init__(
        self,
        snapshot: FlagSnapshot,
        *,
        off: frozenset[Capability] = frozenset(),
        environment: str = "",
        clock: Callable[[], datetime],
        exposures: Callable[[], Exposures],
    ) -> None:
        self._snapshot = snapshot
        self._off = off
        self._environment = environment
        self._clock = clock
        self._make_exposures = exposures
        self._client: OpenFeatureClient | None = None
        self._lock = threading.Lock()
        self.exposures: Exposures | None = None
        """What took note of evaluations; None before the first."""

    def is_on(self, actor: Actor, capability: Capability) -> bool:
        """Whether somebody has it; not where that can't be found out."""
        if capability in self._off:
            return False
        client = self._client or self.client()
        return client.get_boolean_value(capability, False, context_of(actor))

    def asks(self, capability: Capability) -> Callable[[Actor], bool]:
        """`is_on` for one capability, for whoever needs to know no more."""
        return lambda actor: self.is_on(actor, capability)

    def require(self, actor: Actor, capability: Capability) -> None:
        """Go on only where it is on. Raises SwitchedOff."""
        if not self.is_on(actor, capability):
            raise SwitchedOff(
                f"This is switched off here: {DESCRIBED[capability].title}.",
                "Ask an admin: the flag is " + capability.value + ".",
            )

    def is_operators(self, capability: Capability) -> bool:
        """Whether the operator's settings turn it off for everybody."""
        return capability in self._off

    def client(self) -> OpenFeatureClient:
        """OpenFeature's client, for flags of one's own."""
        with self._lock:
            if self._client is None:
                from openfeature import api

                from core.flags.provider import FlagProvider

                self.exposures = self._make_exposures()
                provider = FlagProvider(self._snapshot, self._environment, self._clock, [self.exposures])
                # One provider for each domain, and OpenFeature's are the process's: tests have several services.
                domain = f"gearbox-{uuid.uuid4().hex}"
                api.set_provider_and_wait(provider, domain)
                self._client = api.get_client(domain)
            return self._client


def context_of(actor: Actor, conversation_id: str = "", turn_id: str = "") -> EvaluationContext:
    """Who asks, as OpenFeature is told."""
    from openfeature.evaluation_context import EvaluationContext

    attributes: dict[str, str | list[str]] = {
        "roles": list(actor.roles),
        "team_ids": list(actor.team_ids),
    }
    if conversation_id:
        attributes["conversation_id"] = conversation_id
    if turn_id:
        attributes["turn_id"] = turn_id
    return EvaluationContext(actor.user_id, attributes)
