"""Models and the endpoints that serve them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data.values.money import TokenPrice


class Wire(StrEnum):
    """Which transport reaches an endpoint."""

    OPENAI = "openai"  # speaks the OpenAI HTTP format: our direct transport
    LITELLM = "litellm"  # everything else


class EndpointKind(StrEnum):
    """Where an endpoint comes from."""

    SANDBOX = "sandbox"  # built in, scripted
    LOCAL = "local"  # found on this machine
    PROVIDER = "provider"  # a known provider, with a key
    CUSTOM = "custom"  # an OpenAI-compatible base URL that a person entered


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that answers model calls.

    `provider` is the prefix of its models' ids and unique per user; `base_url` ends before
    `/chat/completions` and is empty where litellm knows the address.
    """

    id: str
    provider: str
    label: str
    kind: EndpointKind
    wire: Wire
    base_url: str = ""
    secret_id: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model a person may choose. `id` is `provider/name`."""

    provider: str
    name: str
    label: str
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: TokenPrice | None = None
    vision: bool = False
    tools: bool = False
    reasoning: bool = False

    @property
    def id(self) -> str:
        """The name that is stored, shown in URLs and sent to the API: `provider/name`."""
        return f"{self.provider}/{self.name}"


@dataclass(frozen=True, slots=True)
class Sampling:
    """Optional generation parameters; None leaves the provider's default."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
