"""Model calls that belong to no conversation: what programs ask for through the API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.chat.selection import Choice, answering_first, choose, fallbacks, passed_over
from core.errors import GearboxError
from core.flags.capabilities import Capability
from core.preferences import PreferenceService
from core.providers.attempts import Attempts, Candidate
from core.providers.candidates import intent_for
from core.providers.connections import Connections
from core.providers.gateway import Gateway, StoreBooking
from core.providers.request import ChatMessage, ModelRequest
from core.routing.routing import Routing
from data.values.actor import Actor
from data.values.calls import CallIntent, ChosenBy
from data.values.events import AttemptEvent, Delta
from data.values.models import Endpoint, Model, Sampling
from data.values.operations import ImageEditRequest, ImageRequest, OperationRequest, SpeechRequest, VideoRequest, Wanted
from data.values.results import OperationResult
from data.values.routing import Decision
from data.values.tasks import Task

AUTO = "auto"
"""The model id that leaves the choice to Gearbox."""

MAKING: Mapping[type, Capability] = {
    ImageRequest: Capability.IMAGE_GENERATION,
    ImageEditRequest: Capability.IMAGE_GENERATION,
    SpeechRequest: Capability.SPEECH_GENERATION,
    VideoRequest: Capability.VIDEO_GENERATION,
}
"""What has to be on for somebody who wants this made."""

_TOOL_OPTIONS = frozenset({"tools", "tool_choice", "parallel_tool_calls"})


class CallService:
    """Makes booked calls on the event loop of whoever reads their answers, so that no delta changes threads.

    The chat's turns outlive their viewers and so run on a loop of their own. A program's answer has one reader, and
    ends with it; a hop between threads for each delta would cost more than everything else that is done with it.

    Args:
        make_gateway, make_attempts: called once, on that loop; from then on this instance belongs to it.
        fallbacks: ids of the models that answer for `auto` when the chosen one does not, for who has set none. Where
            these are none either, the next best one of those that were weighed is asked once.
        takes_no_tools: whether a model is known to take none; blocking. It is then told of them in words.
        require: raises where a capability is switched off for an actor.
    """

    def __init__(
        self,
        connections: Connections,
        preferences: PreferenceService,
        booking: StoreBooking,
        *,
        make_gateway: Callable[[], Gateway],
        make_attempts: Callable[[Gateway], Attempts],
        fallbacks: tuple[str, ...] = (),
        takes_no_tools: Callable[[Endpoint, Model], bool] = lambda _endpoint, _model: False,
        require: Callable[[Actor, Capability], None] = lambda _actor, _capability: None,
        clock: Callable[[], datetime],
    ) -> None:
        self._connections = connections
        self._preferences = preferences
        self._booking = booking
        self._make_gateway = make_gateway
        self._make_attempts = make_attempts
        self._fallbacks = fallbacks
        self._takes_no_tools = takes_no_tools
        self._require = require
        self._clock = clock
        self._gateway: Gateway | None = None
        self._attempts: Attempts | None = None
        self._routing: Routing | None = None
        self._keep: Callable[[Decision, str], object] = lambda _decision, _call_id: None

    def leave_to(self, routing: Routing, keep: Callable[[Decision, str], object]) -> None:
        """Have models chosen for `auto` from now on: `routing` stands on calls, so it can't come before them.

        Args:
            keep: keeps the decision of a call, by the call's id; blocking.
        """
        self._routing, self._keep = routing, keep

    def models(self, actor: Actor) -> list[Model]:
        """Every chat model that the actor can call. Blocking."""
        return self._connections.models(actor)

    def model(self, actor: Actor, model_id: str) -> Model:
        """One of them, also one that is not offered; `auto` is what it would be now. Blocking. Raises NotFound."""
        return self._choice(actor, model_id).model

    def candidates(
        self,
        actor: Actor,
        model_id: str,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        options: Mapping[str, Any],
    ) -> list[Candidate]:
        """Who is to answer a chat completion: the model that was named and no other one, or for `auto` several.

        Blocking: looks into the database.

        Args:
            model_id: `provider/name`, or `auto`.
            options: further fields of OpenAI's request body, see `ModelRequest`. Only ones that were checked: some
                transports read more into them than a provider would.

        Raises:
            NotFound: there is no such model for this actor.
            GearboxError: for `auto`, all models that could answer cost more than goes without asking somebody.
            AccessRefused, SignedOut: see `Access.require`.
        """
        meant = None
        if model_id == AUTO and self._routing is not None:
            meant = self._routing.for_call(actor, messages, tools=bool(options.get("tools")))
        meant = meant or self._choice(actor, model_id)
        choices = [meant]
        if model_id == AUTO:
            wanted = self._preferences.load(actor).fallbacks or self._fallbacks
            others = fallbacks(self._connections, actor, wanted or _next_best(meant), chosen=meant)
            choices = answering_first(self._connections, [meant, *others])
        if "tools" in options and not options["tools"]:  # servers refuse an empty list, and a choice without tools
            options = {name: value for name, value in options.items() if name not in _TOOL_OPTIONS}
        asked = [ModelRequest(choice.endpoint, choice.model, tuple(messages), sampling, options) for choice in choices]
        if options.get("tools"):
            asked = [replace(each, prompts_tools=self._takes_no_tools(each.endpoint, each.model)) for each in asked]
        task = meant.decision.task if meant.decision else Task.CHAT
        made = [
            Candidate(
                each, replace(self._intent(actor, choice), task=task), passed_over(self._connections, meant, choice)
            )
            for each, choice in zip(asked, choices, strict=True)
        ]
        if meant.decision is not None:  # before the call: what it shows of its model is counted when it ends
            self._keep(meant.decision, made[0].intent.id)
        return made

    def at_hand(self, actor: Actor, model_id: str) -> bool:
        """Whether `candidates` would now answer without the database, so that an event loop may ask it."""
        return model_id != AUTO and self._connections.at_hand(actor)

    def stream(
        self, candidates: Sequence[Candidate], *, anew: bool = False
    ) -> AsyncGenerator[Delta | AttemptEvent, None]:
        """The answer; see `Attempts.stream`. After its first delta only `anew` begins one that is cut anew.

        Who has passed a delta on can't take it back; who sends the answer as a whole can.
        """
        return self._made().stream(candidates, self._booking, anew=anew)

    def operation(self, actor: Actor, model_id: str, wanted: Wanted) -> tuple[OperationRequest, CallIntent]:
        """What is to be done by a model beside chatting, and how it is booked. Blocking.

        Raises:
            NotFound: there is no such model for this actor.
            GearboxError: the choice was left to Gearbox, which makes none here.
            SwitchedOff: it makes something that is switched off for this actor.
        """
        if (making := MAKING.get(type(wanted))) is not None:
            self._require(actor, making)
        if model_id == AUTO:  # vectors of two models can't be compared: it must not be another one tomorrow
            raise GearboxError(
                f"“{AUTO}” chooses among the models that chat, for nothing else.",
                "Name the model: the Models page shows those you can use, by what they are for.",
            )
        choice = Choice(*self._connections.resolve(actor, model_id), ChosenBy.PERSON)
        return OperationRequest(choice.endpoint, choice.model, wanted), self._intent(actor, choice)

    async def perform(self, request: OperationRequest, intent: CallIntent) -> OperationResult:
        """The result of an operation; see `Attempts.perform`."""
        return await self._made().perform(request, intent, self._booking)

    async def aclose(self) -> None:
        """Close the connections to providers; on the loop that the calls were made on."""
        if self._gateway is not None:
            await self._gateway.aclose()

    def _made(self) -> Attempts:
        if self._attempts is None:
            self._gateway = self._make_gateway()
            self._attempts = self._make_attempts(self._gateway)
        return self._attempts

    def _choice(self, actor: Actor, model_id: str) -> Choice:
        if model_id != AUTO:
            return Choice(*self._connections.resolve(actor, model_id), ChosenBy.PERSON)
        default = self._preferences.load(actor).default_model
        choice = choose(self._connections, actor, picked=None, last=None, default=default)
        if choice is None:
            raise self._connections.nothing_usable(actor)
        return choice

    def _intent(self, actor: Actor, choice: Choice) -> CallIntent:
        return intent_for(actor, choice.endpoint, choice.model, self._clock(), choice.chosen_by)


def _next_best(meant: Choice) -> tuple[str, ...]:
    """The one model that looked best beside the chosen one, of those that could answer and that nobody has to agree to.

    None where nothing was weighed: who named a model as their default gets no other one that they did not name.
    """
    arms = meant.decision.arms if meant.decision else ()
    return tuple(arm.model_id for arm in arms if arm.model_id != meant.model.id)[:1]
