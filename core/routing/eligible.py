"""Which models could answer a prompt at all: what comes before anything that was learned of them.

A model that can't take what there is to answer is no candidate, whatever speaks for it. Where no model can take all of
it, what stands earlier in the conversation is asked for no longer, then sounds, then pictures: those go to every model
in words alike, so none is less able than another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.access.allowing import NOT_AMONG_ALLOWED
from core.chat.bridge import CHARS_PER_TOKEN, room_for
from core.providers.circuits import Silences
from core.routing.estimates import cost_of_answer
from core.routing.matter import Matter, Past
from data.values.models import Endpoint, EndpointKind, Model
from data.values.plans import Input
from data.values.routing import Unfit
from data.values.tasks import Task

EXCLUDED = "you excluded it"
"""Why, of a model that the person never wants to be chosen."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model has to be able to do.

    Args:
        tokens: that it has to read at once.
        pictures, sounds: it has to see, to hear.
        tools: it has to call tools.
    """

    tokens: int = 0
    pictures: bool = False
    sounds: bool = False
    tools: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for a person's models now.

    Args:
        silences: what does not answer.
        trouble: what keeps an endpoint's key from being used, as a short clause; empty for nothing.
        left: US dollars that may still be spent with an endpoint today; None: no limit.
        takes_no_tools: whether a model is known to take none.
        excluded: ids of models that the person excluded.
        pin: id of the model that the person wants for the task.
        kept: ids of models that the person could call, were they not kept for others.
    """

    silences: Silences
    trouble: Callable[[Endpoint], str]
    left: Callable[[Endpoint], Decimal | None]
    takes_no_tools: Callable[[Endpoint, Model], bool]
    excluded: Collection[str] = ()
    pin: str | None = None
    kept: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A model that can answer, and US dollars that it is going to take; None where its price is not known."""

    endpoint: Endpoint
    model: Model
    cost: Decimal | None


def needs_of(matter: Matter, past: Past, *, tools: bool) -> list[Needs]:
    """What is needed, everything first, and then with ever less of it."""
    told = Needs(
        tokens=matter.tokens + past.tokens,
        pictures=Input.IMAGE in matter.inputs or past.pictures,
        sounds=Input.AUDIO in matter.inputs or past.sounds,
        tools=tools,
    )
    now = replace(
        told, tokens=matter.tokens, pictures=Input.IMAGE in matter.inputs, sounds=Input.AUDIO in matter.inputs
    )
    less = [
        told,
        replace(told, tokens=matter.tokens),
        replace(now, pictures=told.pictures),
        now,
        replace(now, tools=False),
        replace(now, tools=False, sounds=False),
        replace(now, tools=False, sounds=False, pictures=False),
    ]
    return list(dict.fromkeys(less))


def eligible(
    models: Sequence[tuple[Endpoint, Model]],
    matter: Matter,
    past: Past,
    situation: Situation,
    *,
    task: Task,
    tools: bool,
) -> tuple[list[Fit], list[Unfit]]:
    """The models that could answer, in their order, and the others with why not; last those kept for others.

    Args:
        models: what the person can call.
        task: what is to be done; says how long the answer is going to be.
        tools: whether models are told of tools.
    """
    kept = [Unfit(model_id, NOT_AMONG_ALLOWED) for model_id in situation.kept]
    at_hand: list[Fit] = []
    unfit: list[Unfit] = []
    for endpoint, model in models:
        cost = cost_of_answer(model, task, matter.tokens, past.tokens)
        if why := _kept_from(endpoint, model, cost, situation):
            unfit.append(Unfit(model.id, why))
        else:
            at_hand.append(Fit(endpoint, model, cost))
    # A script answers nobody's question where somebody could, unless it is wanted.
    played = [each for each in at_hand if each.endpoint.kind is EndpointKind.SANDBOX and each.model.id != situation.pin]
    if any(each.endpoint.kind is not EndpointKind.SANDBOX for each in at_hand):
        unfit += [Unfit(each.model.id, "it only plays a script") for each in played]
        at_hand = [each for each in at_hand if each not in played]
    for needs in needs_of(matter, past, tools=tools):
        lacks = {each.model.id: next(_lacks(each, needs, situation), "") for each in at_hand}
        if found := [each for each in at_hand if not lacks[each.model.id]]:
            return found, unfit + [Unfit(model_id, why) for model_id, why in lacks.items() if why] + kept
    return [], unfit + [Unfit(each.model.id, "the message is too long for it") for each in at_hand] + kept


def _kept_from(endpoint: Endpoint, model: Model, cost: Decimal | None, situation: Situation) -> str:
    """Why a model can't be used now, whatever is asked; empty where it can."""
    if model.id in situation.excluded:
        return EXCLUDED
    if trouble := situation.trouble(endpoint):
        return trouble
    if since := situation.silences.since(endpoint.id, model.name):
        return f"it has not answered since {since:%H:%M} UTC"
    left = situation.left(endpoint)
    if left is not None and (left <= 0 or (cost is not None and cost > left)):
        return "today's limit for its key is used up" if left <= 0 else "it costs more than is left of today's limit"
    return ""


def _lacks(fit: Fit, needs: Needs, situation: Situation) -> Iterator[str]:
    """What a model can't take of what there is."""
    model = fit.model
    if needs.pictures and not model.vision:
        yield "it is not known to see pictures"
    if needs.sounds and not model.audio:
        yield "it is not known to hear sounds"
    if needs.tokens * CHARS_PER_TOKEN > room_for(model.context_tokens):
        yield "it reads too little at once for this conversation"
    if needs.tools and situation.takes_no_tools(fit.endpoint, model):
        yield "it calls no tools"
