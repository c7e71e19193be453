"""What can be turned off: the one list of Gearbox's own flags, and where each acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from data.values.flags import Flag, FlagKind, Unit


class Capability(StrEnum):
    """Keys of the flags: add members, never rename one."""

    LEARNED_SELECTION = "learned-selection"
    MULTIMODAL_PLANNER = "multimodal-planner"
    PROMPTED_TOOLS = "prompted-tools"
    MCP = "mcp"
    IMAGE_GENERATION = "image-generation"
    SPEECH_GENERATION = "speech-generation"
    VIDEO_GENERATION = "video-generation"
    SANDBOX = "sandbox"
    SQL_CONSOLE = "sql-console"
    RESPONSE_CACHE = "response-cache"
    API_GATEWAY = "api-gateway"
    AI_SDK_ENDPOINT = "ai-sdk-endpoint"
    USER_SEALED_KEYS = "user-sealed-keys"


@dataclass(frozen=True, slots=True)
class Described:
    """A capability in words: what it is, and what is gone where it is off."""

    title: str
    about: str
    gone: str


DESCRIBED: Mapping[str, Described] = MappingProxyType(
    {
        Capability.LEARNED_SELECTION: Described(
            "Learned model selection",
            "Where nobody picked a model, Gearbox chooses one for each prompt, by what was learned.",
            "The usual default answers; no chip, no “why this model”, no learned grades in Settings.",
        ),
        Capability.MULTIMODAL_PLANNER: Described(
            "Replies in several parts",
            "A prompt that asks for pictures, speech or charts is answered by several models in one reply.",
            "One model answers every prompt in words.",
        ),
        Capability.PROMPTED_TOOLS: Described(
            "Tools for models that take none",
            "Models without tool calls are told of the tools in words, and their calls are read from the text.",
            "Such models answer without tools.",
        ),
        Capability.MCP: Described(
            "Tools of MCP servers",
            "Servers that an admin added bring tools, resources and prompts.",
            "Their tools, resources and prompts are not offered, and none of them runs.",
        ),
        Capability.IMAGE_GENERATION: Described(
            "Making and editing pictures",
            "Models paint and edit pictures.",
            "The tools generate_image and edit_image, picture steps of replies, and /v1/images.",
        ),
        Capability.SPEECH_GENERATION: Described(
            "Speech",
            "Models read text aloud.",
            "The tool speak_text, spoken steps of replies, and /v1/audio/speech.",
        ),
        Capability.VIDEO_GENERATION: Described(
            "Videos",
            "Models make short films.",
            "Film steps of replies, and new jobs at /v1/videos.",
        ),
        Capability.SANDBOX: Described(
            "Sandbox provider",
            "The built-in scripted provider that answers without a key.",
            "Its models, in the chat and in the API.",
        ),
        Capability.SQL_CONSOLE: Described(
            "SQL in Explore",
            "Analysts write SQL over the usage warehouse.",
            "Explore's SQL view; picked questions stay.",
        ),
        Capability.RESPONSE_CACHE: Described(
            "Response cache",
            "Answers that are the same every time are kept in memory, so that they are not paid for twice.",
            "Every call goes to its provider.",
        ),
        Capability.API_GATEWAY: Described(
            "API gateway",
            "Programs call models through the OpenAI-compatible API.",
            "Every route below /v1.",
        ),
        Capability.AI_SDK_ENDPOINT: Described(
            "AI SDK endpoint",
            "Programs built on the Vercel AI SDK talk to /api/chat.",
            "The route /api/chat.",
        ),
        Capability.USER_SEALED_KEYS: Described(
            "User-sealed keys",
            "People seal provider keys with a passphrase of their own.",
            "The passphrase in Settings; keys that are sealed already can be removed, but not unlocked.",
        ),
    }
)


def declared() -> dict[str, Flag]:
    """The flags of all capabilities, on for everybody, as they are until an admin changes one."""
    return {
        capability.value: Flag(
            capability.value,
            FlagKind.BOOLEAN,
            {"on": True, "off": False},
            default="on",
            off="off",
            unit=Unit.USER,
            description=DESCRIBED[capability].about,
        )
        for capability in Capability
    }
