"""Models and the endpoints that serve them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from data.values.calls import KeyOwner
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

    `provider` is the prefix of its models' ids and unique per owner; `base_url` ends before
    `/chat/completions` and is empty where litellm knows the address. `owner` is NONE for what nobody connected: the
    sandbox and servers found on this machine.
    """

    id: str
    provider: str
    label: str
    kind: EndpointKind
    wire: Wire
    base_url: str = ""
    secret_id: str | None = None
    owner: KeyOwner = KeyOwner.NONE
    owner_id: str = ""

    @property
    def key_owner(self) -> KeyOwner:
        """Whose key pays for its calls."""
        return self.owner if self.secret_id else KeyOwner.NONE

    @property
    def is_shared(self) -> bool:
        """Whether it belongs to a team or to the organisation."""
        return self.owner in {KeyOwner.TEAM, KeyOwner.ORGANISATION}


def nearest(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The first endpoint of each provider."""
    first: dict[str, Endpoint] = {}
    for endpoint in endpoints:
        first.setdefault(endpoint.provider, endpoint)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class Model:
    """One model a person may choose. `id` is `provider/name`. `vision`: it sees pictures, `audio`: it hears sounds."""

    provider: str
    name: str
    label: str
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: TokenPrice | None = None
    vision: bool = False
    audio: bool = False
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
