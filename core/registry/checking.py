"""“Check what this model can do”: a handful of small, real, booked calls, and what each showed.

What is found out belongs to the connection that was asked: another server may serve the same model differently.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final

from core.access.access import Access
from core.access.policy import Permission
from core.access.rate_limit import RateLimit
from core.errors import GearboxError, NotFound, ProviderError
from core.loop import BackgroundLoop
from core.providers.attempts import AttemptsBooking
from core.providers.connections import Connections
from core.providers.features import Feature
from core.providers.gateway import Gateway
from core.providers.metering import CHARS_PER_TOKEN, cost_of
from core.providers.precautions import Precautions
from core.providers.questions import MAX_TOKENS, Question, questions
from core.providers.request import text_in
from core.providers.trying import Trying
from core.registry.service import Registry
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import TokenUsage
from data.values.model_checks import Estimate, Finding, Report
from data.values.models import Endpoint, Model
from data.values.registry import Capability, CapabilityFact, Category, FactSource

PER_MINUTE: Final = 6
"""Checks that one person may begin in a minute."""

_PICTURE_TOKENS: Final = 300  # what providers count for one of the smallest size, roughly
_FEATURES: Final = {
    Capability.TOOLS: Feature.TOOLS,
    Capability.PARALLEL_TOOLS: Feature.PARALLEL_TOOLS,
    Capability.STRUCTURED_OUTPUT: Feature.STRUCTURED_OUTPUT,
    Capability.VISION: Feature.VISION,
    Capability.STREAMING: Feature.STREAMING,
}
"""What a refusal of each is remembered as; what was seen to work is not left out of calls any longer."""

Told = Callable[[Finding], object]


class ModelCheck:
    """Tries models out. Thread-safe.

    Args:
        gateway: of `loop`.
        booking: where calls are committed.
        rng: draws what the pictures show.
        limit: how many checks a person may begin.
    """

    def __init__(
        self,
        access: Access,
        connections: Connections,
        registry: Registry,
        gateway: Gateway,
        booking: AttemptsBooking,
        *,
        precautions: Precautions,
        loop: BackgroundLoop,
        clock: Callable[[], datetime],
        rng: Random | None = None,
        limit: RateLimit | None = None,
    ) -> None:
        self._access = access
        self._connections = connections
        self._registry = registry
        self._gateway = gateway
        self._booking = booking
        self._precautions = precautions
        self._loop = loop
        self._clock = clock
        self._rng = rng or Random()  # noqa: S311  # nothing secret hangs on it
        self._limit = limit or RateLimit(PER_MINUTE)
        self._lock = threading.Lock()
        self._flights: dict[tuple[str, str], _Flight] = {}

    def estimate(self, actor: Actor, model_id: str) -> Estimate:
        """What `check` will come to. Raises as it does, but asks nobody."""
        _, model = self._checked(actor, model_id)
        asked = questions(self._rng)
        costs = [cost_of(model.price, _usage(each)) for each in asked]
        amounts = [cost.amount for cost in costs if cost.amount is not None]
        most = sum(amounts, Decimal(0)) if len(amounts) == len(costs) else None
        return Estimate(len(asked), most, costs[0].currency)

    def check(self, actor: Actor, model_id: str, told: Told = lambda _: None) -> Report:
        """Try a model out with the person's own connection; blocks until all is known.

        Who asks while the same connection's model is being tried gets the same report.

        Args:
            told: called with each finding as it comes, in the caller's thread.

        Raises:
            AccessRefused, SignedOut: see `Access.require`.
            NotFound: there is no such model for this person.
            RateLimited: they have begun too many checks.
            GearboxError: it is no model that chats, or its key can't be used.
        """
        endpoint, model = self._checked(actor, model_id)
        place = endpoint.id, model.name
        self._limit.check(actor.user_id)
        heard: queue.SimpleQueue[Finding | None] = queue.SimpleQueue()
        with self._lock:
            flight = self._flights.get(place)
            if flight is None:
                flight = self._flights[place] = _Flight()
                flight.done = self._loop.submit(self._fly(flight, actor, endpoint, model))
            done = flight.done
            flight.join(heard)
        assert done is not None, "set under the lock"
        while (finding := heard.get()) is not None:
            told(finding)
        return done.result()

    def _checked(self, actor: Actor, model_id: str) -> tuple[Endpoint, Model]:
        self._access.require(actor, Permission.CHAT)
        endpoint, model = self._connections.resolve(actor, model_id)
        category = Category.CHAT
        with contextlib.suppress(NotFound):  # some servers list nothing: then the person knows best
            category = self._registry.card(actor, model_id).category
        if category is not Category.CHAT:
            raise GearboxError("Only models that chat can be checked.", "Use it once to see whether it works.")
        return endpoint, model

    async def _fly(self, flight: _Flight, actor: Actor, endpoint: Endpoint, model: Model) -> Report:
        trying = Trying(
            actor,
            endpoint,
            model,
            gateway=self._gateway,
            booking=self._booking,
            precautions=self._precautions,
            clock=self._clock,
        )
        try:
            findings = await self._find(trying, flight)
            report = Report(
                model.id, self._clock(), tuple(findings), trying.booked.calls, trying.booked.cost, _currency(model)
            )
            await self._keep(actor, trying, report)
            return report
        finally:
            with self._lock:
                del self._flights[trying.place]
                flight.end()

    async def _find(self, trying: Trying, flight: _Flight) -> list[Finding]:
        known = self._precautions.learned.refused(*trying.place)
        await trying.learned.keep(trying.place, known.keys() - set(_FEATURES.values()))
        found: list[Finding] = []
        trouble: GearboxError | None = None
        has_thought = has_answered = False
        for question in questions(self._rng):
            if question.about == (Capability.REASONING,) and has_thought:
                came = [Finding(Capability.REASONING, True, "It thought before it answered.")]
            elif trouble is not None and not has_answered:  # who does not answer at all is asked once
                came = _unknown(question, trouble)
            else:
                try:
                    came, seen = await trying.ask(question)
                    has_answered, has_thought = True, has_thought or seen.reasoned
                except GearboxError as error:
                    if not isinstance(error, ProviderError) and trying.booked.calls == 0:
                        raise
                    trouble, came = error, _unknown(question, error)
            found += came
            for finding in came:
                flight.tell(finding)
        return found

    async def _keep(self, actor: Actor, trying: Trying, report: Report) -> None:
        facts = [
            CapabilityFact(each.capability, each.holds, FactSource.PROBE, report.at, each.evidence)
            for each in report.findings
            if each.holds is not None
        ]
        outcome = AuditOutcome.DONE if facts else AuditOutcome.FAILED
        event = AuditEvent.by(
            actor, Action.MODEL_CHECK, outcome, target=f"model:{report.model_id}", calls=report.calls, facts=len(facts)
        )
        await asyncio.to_thread(self._precautions.facts.keep, trying.place, facts, event=event)
        learned = self._precautions.learned
        works = {_FEATURES[fact.capability] for fact in facts if fact.holds and fact.capability in _FEATURES}
        await learned.forget(trying.place, works)
        await learned.keep(
            trying.place, trying.learned.refused(*trying.place).keys() - learned.refused(*trying.place).keys()
        )


@dataclass
class _Flight:
    """A check under way: who listens, and what they would have heard."""

    done: Future[Report] | None = None
    _heard: list[Finding] = field(default_factory=list)
    _listeners: list[queue.SimpleQueue[Finding | None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, listener: queue.SimpleQueue[Finding | None]) -> None:
        """Tell this one everything, from the beginning."""
        with self._lock:
            for finding in self._heard:
                listener.put(finding)
            self._listeners.append(listener)

    def tell(self, finding: Finding) -> None:
        """One more."""
        with self._lock:
            self._heard.append(finding)
            for listener in self._listeners:
                listener.put(finding)

    def end(self) -> None:
        """Nothing more comes."""
        with self._lock:
            for listener in self._listeners:
                listener.put(None)


def _unknown(question: Question, error: GearboxError) -> list[Finding]:
    return [Finding(each, None, str(error)) for each in question.about]


def _usage(question: Question) -> TokenUsage:
    """The most that a question uses, roughly."""
    chars = sum(len(text_in(message)) for message in question.messages) + len(json.dumps(dict(question.options)))
    picture = _PICTURE_TOKENS if Capability.VISION in question.about else 0
    return TokenUsage(input=chars // CHARS_PER_TOKEN + picture, output=MAX_TOKENS, estimated=True)


def _currency(model: Model) -> str:
    return model.price.currency if model.price else "USD"
