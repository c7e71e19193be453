"""What goes into a model call, and the one interface that every way to a provider has."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, Protocol, TypedDict

from data.values.events import Delta
from data.values.models import Endpoint, Model, Sampling
from data.values.operations import OperationRequest
from data.values.results import OperationUsage, Output


class ChatMessage(TypedDict):
    """One message in OpenAI's shape.

    `content` is text, or a list of typed parts (`{"type": "text" | "image_url" | ...}`), or None beside `tool_calls`.
    """

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None
    name: NotRequired[str]
    tool_calls: NotRequired[list[dict[str, Any]]]
    tool_call_id: NotRequired[str]


def text_in(message: ChatMessage) -> str:
    """All text of a message, that of its tool calls included; what is no text counts nothing."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [str(part.get("text", "")) for part in content or ()]
    for call in message.get("tool_calls", ()):
        function = call.get("function", {})
        texts += [str(function.get("name", "")), str(function.get("arguments", ""))]
    return "\n".join(text for text in texts if text)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call of one model. It carries no key: the gateway opens that, after the call's intent is committed.

    `options` are further fields of OpenAI's request body, sent as they are: tools, tool_choice, parallel_tool_calls,
    response_format, stop, seed, reasoning_effort and the like. `repeatable` says that one answer is as good as the
    next, as for a caption or a classification: it may come from the cache. `asks_usage` is false for a server that
    refuses to be asked for its own token counts, `streams` for one that answers as a whole only. `prompts_tools` is
    true for a model that is known to take no tools: it is told of them in words.
    """

    endpoint: Endpoint
    model: Model
    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    options: Mapping[str, Any] = field(default_factory=dict)
    repeatable: bool = False
    asks_usage: bool = True
    streams: bool = True
    prompts_tools: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a transport brings back: the output, and what the provider says it used."""

    output: Output
    usage: OperationUsage | None = None


class Transport(Protocol):
    """A way to reach endpoints of one wire format."""

    def stream(self, request: ModelRequest, key: str | None) -> AsyncGenerator[Delta, None]:
        """Send the request and yield its deltas; the last one is a `StreamEnd`.

        A `UsageReport` comes at most once, just before it. Closing the generator, or cancelling the task
        that reads it, drops the connection to the provider at once.

        Raises:
            ProviderError: whatever went wrong on the way; its message never contains `key`.
        """
        ...

    async def perform(self, request: OperationRequest, key: str | None) -> Answer:
        """Do something else than chat, and return all of it. Cancelling the task drops the connection at once.

        Raises:
            ProviderError: whatever went wrong on the way; its message never contains `key`.
        """
        ...

    async def aclose(self) -> None:
        """Release connections."""
        ...
