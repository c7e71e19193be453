"""Speaking a text with any speech model that the person can use."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from core.tools.builtin.capable import SECONDS, Capable, Job
from core.tools.kept import keep_of, kept_sound
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.values.operations import SpeechRequest
from data.values.parts import TextPart
from data.values.registry import Capability, Modality
from data.values.results import Sound
from data.values.tool_calls import Effect

_JOB = Job(Capability.SPEECH, "speaks", "Speaking")

DEFAULT_VOICE = "alloy"
"""OpenAI's, which most servers of its wire format know."""

_DESCRIPTION = (
    "Speaks a text aloud with a speech model; the person gets a player for it. Write the text as it is to be heard: "
    "without Markdown, with numbers and abbreviations as one says them. `voice` is a name that the model knows, "
    "`model` an id like provider/name; without it Gearbox takes one that the person can use."
)


class Speech(ToolInput):
    """What to say."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    voice: Annotated[str | None, Field(max_length=100, description="Like alloy")] = None
    instructions: Annotated[str | None, Field(max_length=500, description="How to say it, where the model can")] = None
    model: Annotated[str | None, Field(max_length=300)] = None


def speak_text(capable: Capable) -> Tool:
    """The tool; `capable` has a model speak."""

    async def speak(asked: Speech, context: ToolContext) -> ToolResult:
        keep = keep_of(context)
        wanted = SpeechRequest(asked.text, asked.voice or DEFAULT_VOICE, instructions=asked.instructions)
        done = await capable.do(_JOB, wanted, context, model=asked.model)
        made = done.result.output
        assert isinstance(made, Sound)
        part = await asyncio.to_thread(kept_sound, made.audio.data, keep, asked.text)
        told = f"{done.model} spoke it; the person can play “{part.name}” below your call (cost: {done.cost})."
        return ToolResult((TextPart(told), part))

    return Tool(
        name="speak_text",
        title="Speak text",
        description=_DESCRIPTION,
        schema=Speech.model_json_schema(),
        effect=Effect.GOES_OUT,
        run=takes(Speech, speak),
        timeout=SECONDS,
        gives=frozenset({Modality.TEXT, Modality.AUDIO}),
        cost="as the model that speaks",
    )
