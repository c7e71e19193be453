"""What may be asked of `/v1`, field by field.

Only listed fields pass, and only those of `OPTIONS` go on to a provider: litellm reads fields such as `api_base` or
`extra_headers` as orders to itself, so an unknown one could send somebody's key elsewhere.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.api.v1.entrance import Body

OPTIONS = (
    "frequency_penalty",
    "logit_bias",
    "min_p",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "repetition_penalty",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "tool_choice",
    "tools",
    "top_k",
    "user",
    "verbosity",
    "web_search_options",
)


class ContentPart(Body, extra="allow"):
    """A typed piece of a message: text, a picture, sound, a file. Pictures come as `data:` URLs, or as addresses."""

    type: Literal["text", "refusal", "image_url", "input_audio", "file"]


class FunctionCall(Body, extra="ignore"):
    """Which function, with which JSON text."""

    name: str
    arguments: str


class ToolCall(Body, extra="allow"):
    """A tool call that a model made."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class Message(Body, extra="ignore"):
    """One message. Fields of answers that mean nothing in a question, such as `annotations`, are left out."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class Function(Body):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_.-]{1,128}$")
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Body):
    """A tool that the model may call."""

    type: Literal["function"]
    function: Function


class StreamOptions(Body):
    """How an answer is streamed. `include_obfuscation` is accepted; nothing is padded."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatBody(Body):
    """`POST /v1/chat/completions`. `metadata`, `store` and `audio` (answers are text) are accepted and not passed on.

    `functions` and `function_call`, the old form of tools, are read to be refused by name.
    """

    model: str = Field(min_length=1, max_length=500)
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | list[str] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    seed: int | None = None
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    repetition_penalty: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    modalities: list[str] | None = None
    prediction: dict[str, Any] | None = None
    service_tier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    safety_identifier: str | None = None
    web_search_options: dict[str, Any] | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    audio: dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    function_call: str | dict[str, Any] | None = None
