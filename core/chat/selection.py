"""Which model answers: the person's pick, the conversation's last model, their default, or a sensible one."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.errors import GearboxError, NotFound
from core.providers.connections import Connections
from data.values.actor import Actor
from data.values.calls import ChosenBy, ErrorKind
from data.values.events import AnotherTry
from data.values.models import Endpoint, Model
from data.values.routing import Decision


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model that would have been chosen, and in one sentence why it can't be used now."""

    model_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A usable model, who serves it, and who chose it; `instead_of` is the one that it stands in for.

    `decision` is how it was chosen, where the prompt was known; `decided_for` tells that prompt from others. Where
    `chosen_by` is AUTO and there is no decision yet, the model is the likeliest one, and decided on when it is sent.
    `tokens` are the prompt's, and those of what was said before.
    `overrules` is the decision that the person did not want, for as long as there is none of their own.
    """

    endpoint: Endpoint
    model: Model
    chosen_by: ChosenBy
    instead_of: PassedOver | None = None
    decision: Decision | None = None
    decided_for: str = ""
    tokens: tuple[int, int] = (0, 0)
    overrules: str | None = None


def choose(
    connections: Connections,
    actor: Actor,
    *,
    picked: str | None,
    last: str | None,
    default: str | None,
    never: Collection[str] = (),
) -> Choice | None:
    """The first of the candidates that can be used now; None when there is no usable model at all.

    What was asked for first and can't be had is named in `Choice.instead_of`: no model is changed without a word.

    Args:
        connections: what this person can call.
        actor: the person.
        picked: id of the model picked for this conversation.
        last: id of the model that answered last in it.
        default: id of the person's default model.
        never: ids of models that are not to be taken where nobody named them.

    Raises:
        GearboxError: those of `never` are all there is.
    """
    passed_over: PassedOver | None = None
    for model_id, chosen_by in ((picked, ChosenBy.PERSON), (last, ChosenBy.DEFAULT), (default, ChosenBy.PERSON)):
        if model_id is None or (chosen_by is ChosenBy.DEFAULT and model_id in never):
            continue
        try:
            return Choice(*connections.resolve(actor, model_id), chosen_by, passed_over)
        except NotFound as error:  # its key or its server is gone, or an admin turned it off
            passed_over = passed_over or PassedOver(model_id, str(error))
    model = connections.default_model(actor, None, never=never)
    if model is None and never and (known := connections.models(actor)):
        model = next((each for each in known if each.id not in never), None)
        if model is None:
            raise GearboxError(
                "You excluded every model that could answer.",
                'Pick the model yourself, or take one from "Never choose" in the settings, Model choice.',
            )
    return Choice(*connections.resolve(actor, model.id), ChosenBy.DEFAULT, passed_over) if model else None


def fallbacks(connections: Connections, actor: Actor, model_ids: Iterable[str], *, chosen: Choice) -> list[Choice]:
    """Who answers when the chosen model does not, in this order; what can't be used now is passed over."""
    found: dict[str, Choice] = {}
    for model_id in model_ids:
        with contextlib.suppress(NotFound):
            found[model_id] = Choice(*connections.resolve(actor, model_id), ChosenBy.FALLBACK)
    found.pop(chosen.model.id, None)
    return answering_first(connections, list(found.values()))


def answering_first(connections: Connections, choices: Iterable[Choice]) -> list[Choice]:
    """The same in the same order, but who is known not to answer now comes last."""
    silences = connections.silences()
    return sorted(choices, key=lambda choice: silences.since(choice.endpoint.id, choice.model.name) is not None)


def passed_over(connections: Connections, meant: Choice, asked: Choice) -> AnotherTry | None:
    """What is to be said where another model is asked than the one that was meant, which is not answering now."""
    since = connections.silences().since(meant.endpoint.id, meant.model.name)
    if meant is asked or since is None:
        return None
    failed, model = meant.model, asked.model
    why = f"{meant.endpoint.label} has not answered since {since:%H:%M} UTC."
    return AnotherTry(failed.provider, failed.name, ErrorKind.UNREACHABLE, why, model.provider, model.name)
