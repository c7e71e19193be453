"""What goes into a model call, and the one interface that every way to a provider has."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypedDict

from data.values.events import Delta
from data.values.models import Endpoint, Model, Sampling


class ChatMessage(TypedDict):
    """One message in OpenAI's shape. Text only so far."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call of one model. It carries no key: the gateway opens that, after the call's intent is committed."""

    endpoint: Endpoint
    model: Model
    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)


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

    async def aclose(self) -> None:
        """Release connections."""
        ...
