"""Drawing a picture with any image model that the person can use, for models that draw none."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from core.errors import GearboxError
from core.tools.builtin.capable import SECONDS, Capable, Done, Job
from core.tools.kept import keep_of, kept_picture
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.values.operations import ImageRequest
from data.values.parts import TextPart
from data.values.registry import Capability, Modality
from data.values.results import Pictures
from data.values.tool_calls import Effect

_JOB = Job(Capability.IMAGE_GENERATION, "draws", "Drawing")

_DESCRIPTION = (
    "Draws a picture from a description with an image model, and shows it to the person. Describe all that is to be "
    "seen. `model` is an id like provider/name; without one Gearbox takes one that the person can use. An id that "
    "does not exist is answered with those that do."
)


class Description(ToolInput):
    """What to draw."""

    prompt: Annotated[str, Field(min_length=1, max_length=4_000)]
    model: Annotated[str | None, Field(max_length=300)] = None
    size: Annotated[str | None, Field(pattern=r"^\d{2,4}x\d{2,4}$", description="Like 1024x1024")] = None


def generate_image(capable: Capable) -> Tool:
    """The tool; `capable` has a model draw."""

    async def draw(asked: Description, context: ToolContext) -> ToolResult:
        keep_of(context)
        done = await capable.do(_JOB, ImageRequest(asked.prompt, size=asked.size), context, model=asked.model)
        return await shown(done, asked.prompt, "drew it", context)

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


async def shown(done: Done, caption: str, did: str, context: ToolContext) -> ToolResult:
    """The pictures that a model made, kept; `did` is what it did to them."""
    made, keep = done.result.output, keep_of(context)
    assert isinstance(made, Pictures)
    parts = [await asyncio.to_thread(kept_picture, each.data, keep, caption) for each in made.images]
    if not parts:
        raise GearboxError(f"{done.model} drew nothing.")
    names = ", ".join(f"“{each.name}”" for each in parts)
    told = f"{done.model} {did}; the person sees {names} below your call (cost: {done.cost})."
    return ToolResult((TextPart(told), *parts))
