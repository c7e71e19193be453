"""Changing a picture of the conversation with any model that edits pictures."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from core.tools.builtin.capable import SECONDS, Capable, Job
from core.tools.builtin.generate_image import shown
from core.tools.builtin.named_files import each_named, is_picture
from core.tools.kept import keep_of
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.values.operations import ImageEditRequest, Media
from data.values.registry import Capability, Modality
from data.values.tool_calls import Effect

_JOB = Job(Capability.IMAGE_EDIT, "edits pictures", "Editing")

_DESCRIPTION = (
    "Changes a picture of this conversation as you say, with a model that edits pictures, and shows the new one to the "
    "person; the old one stays. `pictures` are names of pictures that the person attached or a tool gave; without any "
    "the newest one is taken. Several are put together as the prompt says. `model` is an id like provider/name."
)


class Change(ToolInput):
    """What to make of which pictures."""

    prompt: Annotated[str, Field(min_length=1, max_length=4_000, description="What to change, and what to keep")]
    pictures: Annotated[list[str], Field(default_factory=list, max_length=4)]
    model: Annotated[str | None, Field(max_length=300)] = None
    size: Annotated[str | None, Field(pattern=r"^\d{2,4}x\d{2,4}$", description="Like 1024x1024")] = None


def edit_image(capable: Capable) -> Tool:
    """The tool; `capable` has a model edit."""

    async def edit(asked: Change, context: ToolContext) -> ToolResult:
        keep_of(context)
        files = each_named(context, is_picture, "picture", asked.pictures)
        images = [Media(await asyncio.to_thread(each.read), each.media_type) for each in files]
        wanted = ImageEditRequest(asked.prompt, tuple(images), size=asked.size)
        done = await capable.do(_JOB, wanted, context, model=asked.model)
        sources = ", ".join(f"“{each.name}”" for each in files)
        return await shown(done, asked.prompt, f"made it of {sources}", context)

    return Tool(
        name="edit_image",
        title="Edit image",
        description=_DESCRIPTION,
        schema=Change.model_json_schema(),
        effect=Effect.GOES_OUT,
        run=takes(Change, edit),
        timeout=SECONDS,
        gives=frozenset({Modality.TEXT, Modality.IMAGE}),
        cost="as the model that edits",
    )
