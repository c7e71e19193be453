"""Drawing a picture with any image model that the person can use, for models that draw none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import BaseModel, Field

from core.calls import CallService
from core.errors import GearboxError
from core.providers.gateway import Booking
from core.registry.service import Registry
from core.tools.kept import keep_of, kept_picture
from core.tools.tool import Tool, ToolContext, ToolResult, takes
from data.values.calls import CallIntent
from data.values.operations import ImageRequest, OperationRequest
from data.values.parts import TextPart
from data.values.registry import Capability, Modality, ModelQuery
from data.values.results import OperationResult, Pictures
from data.values.tool_calls import Effect

SECONDS = 180.0
_SANDBOX = "sandbox"

_DESCRIPTION = (
    "Draws a picture from a description with an image model, and shows it to the person. Describe all that is to be "
    "seen. `model` is an id like provider/name; without one Gearbox takes one that the person can use. An id that "
    "does not exist is answered with those that do."
)

Perform = Callable[[OperationRequest, CallIntent, Booking], Awaitable[OperationResult]]


class Description(BaseModel):
    """What to draw."""

    prompt: Annotated[str, Field(min_length=1, max_length=4_000)]
    model: Annotated[str | None, Field(max_length=300)] = None
    size: Annotated[str | None, Field(pattern=r"^\d{2,4}x\d{2,4}$", description="Like 1024x1024")] = None


def generate_image(calls: CallService, registry: Registry, perform: Perform, booking: Booking) -> Tool:
    """The tool.

    Args:
        calls: resolves a model for the person.
        registry: knows which models draw.
        perform: makes the call; see `Attempts.perform`. Of the loop that tools run on.
        booking: where the call is booked.
    """

    async def draw(asked: Description, context: ToolContext) -> ToolResult:
        keep = keep_of(context)
        request, intent = await asyncio.to_thread(_call, calls, registry, asked, context)
        context.progress(f"Drawing with {intent.provider}/{intent.model}")
        result = await perform(request, intent, booking)
        assert isinstance(result.output, Pictures)
        parts = [await asyncio.to_thread(kept_picture, each.data, keep, asked.prompt) for each in result.output.images]
        if not parts:
            raise GearboxError(f"{intent.provider}/{intent.model} drew nothing.")
        cost = f"{result.cost.amount:f} {result.cost.currency}" if result.cost.amount is not None else "not known"
        names = ", ".join(f"“{each.name}”" for each in parts)
        told = f"{intent.provider}/{intent.model} drew it; the person sees {names} below your call (cost: {cost})."
        return ToolResult((TextPart(told), *parts))

    return Tool(
        name="generate_image",
        title="Generate image",
        description=_DESCRIPTION,
        schema=Description.model_json_schema(),
        effect=Effect.GOES_OUT,
        run=takes(Description, draw),
        timeout=SECONDS,
        gives=frozenset({Modality.TEXT, Modality.IMAGE}),
        cost="as the model that draws",
    )


def _call(
    calls: CallService, registry: Registry, asked: Description, context: ToolContext
) -> tuple[OperationRequest, CallIntent]:
    query = ModelQuery(capability=Capability.IMAGE_GENERATION, usable=True, limit=50)
    known = [card.id for card in registry.search(context.actor, query).cards]
    if not known:
        raise GearboxError("The person can use no model that draws: they have to connect a provider that has one.")
    if asked.model is not None and asked.model not in known:
        raise GearboxError(f"There is no model {asked.model!r} that draws. There are: {', '.join(known[:20])}.")
    # The sandbox draws placeholders: only where nothing else does.
    chosen = asked.model or min(known, key=lambda each: each.startswith(f"{_SANDBOX}/"))
    return calls.operation(context.actor, chosen, ImageRequest(asked.prompt, size=asked.size))
