"""Whether something is on for somebody: what the rest of Gearbox asks."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import SwitchedOff
from core.flags.capabilities import DESCRIBED, Capability
from core.flags.snapshot import FlagSnapshot
from data.values.actor import Actor
from data.values.flag_evaluation import Why
from data.values.flags import Flag

if TYPE_CHECKING:
    from openfeature.client import OpenFeatureClient
    from openfeature.evaluation_context import EvaluationContext

    from core.flags.exposures import Exposures


@dataclass(frozen=True, slots=True)
class _SameForAll:
    """What OpenFeature said of a flag that says the same to everybody, for as long as these are the flags.

    Most flags are such, and OpenFeature takes 20 µs for each: with three of them in a call of a program that was a
    fifteenth of the gateway's own time.
    """

    flags: Mapping[str, Flag]
    value: bool
    variant: str


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
        self._same_for_all: dict[Capability, _SameForAll] = {}
        self.exposures: Exposures | None = None
        """What took note of evaluations; None before the first."""

    def is_on(self, actor: Actor, capability: Capability) -> bool:
        """Whether somebody has it; not where that can't be found out."""
        if capability in self._off:
            return False
        flags = self._snapshot.flags
        known = self._same_for_all.get(capability)
        if known is not None and known.flags is flags and self.exposures is not None:
            self.exposures.evaluated(capability, known.variant)
            return known.value
        client = self._client or self.client()
        found = client.get_boolean_details(capability, False, context_of(actor))
        if found.reason == Why.STATIC and not flags[capability].prerequisites:
            self._same_for_all[capability] = _SameForAll(flags, found.value, found.variant or "")
        return found.value

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
