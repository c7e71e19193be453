"""What a model can be asked for besides chat: requests, with bytes as bytes and never as base64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from data.values.models import Endpoint, Model
from data.values.tasks import Task


class OperationKind(StrEnum):
    """What is done; booked as the call's modality."""

    EMBEDDING = "embedding"
    IMAGE = "image"
    IMAGE_EDIT = "image_edit"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    RERANK = "rerank"
    VIDEO = "video"

    @property
    def task(self) -> Task:
        """What the person wants by it."""
        return _TASKS.get(self, Task.OTHER)


_TASKS = {
    OperationKind.IMAGE: Task.IMAGE,
    OperationKind.IMAGE_EDIT: Task.IMAGE,
    OperationKind.SPEECH: Task.SPEECH,
    OperationKind.TRANSCRIPTION: Task.SPEECH,
    OperationKind.VIDEO: Task.VIDEO,
}


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a sound or a film: its bytes and what they are, such as `image/png`."""

    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Vectors for `inputs`: texts, or texts that the caller has already made into token ids."""

    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None
    kind: ClassVar[OperationKind] = OperationKind.EMBEDDING


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """`count` pictures of `prompt`. `size` is `WIDTHxHEIGHT` or the provider's word; None leaves its default."""

    prompt: str
    count: int = 1
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    moderation: str | None = None
    style: str | None = None
    kind: ClassVar[OperationKind] = OperationKind.IMAGE


@dataclass(frozen=True, slots=True)
class ImageEditRequest:
    """`count` pictures made of `images` as `prompt` says. Where `mask` is transparent the first one is edited."""

    prompt: str
    images: tuple[Media, ...]
    mask: Media | None = None
    count: int = 1
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    fidelity: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    kind: ClassVar[OperationKind] = OperationKind.IMAGE_EDIT


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """`text` spoken. `response_format` is `mp3`, `wav`, `opus`, `aac`, `flac`, `pcm`, None as the model does by itself.

    `speed` 1 is natural. With `own_voice` the voice is no name but the id of one that was made at the provider.
    """

    text: str
    voice: str = "alloy"
    response_format: str | None = None
    speed: float | None = None
    instructions: str | None = None
    own_voice: bool = False
    kind: ClassVar[OperationKind] = OperationKind.SPEECH


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """What is said in `audio`. `language` is an ISO 639-1 code; `timestamps` asks for segments, where there are any."""

    audio: Media
    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    timestamps: bool = False
    kind: ClassVar[OperationKind] = OperationKind.TRANSCRIPTION


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """`documents` by how well they answer `query`, the `top` best of them (None: all)."""

    query: str
    documents: tuple[str, ...]
    top: int | None = None
    kind: ClassVar[OperationKind] = OperationKind.RERANK


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A film of `prompt`, of about `seconds`, beginning with `image` where there is one.

    It is a job at the provider: started, asked for until it is done, and fetched, all within one operation.
    """

    prompt: str
    seconds: int | None = None
    size: str | None = None
    image: Media | None = None
    kind: ClassVar[OperationKind] = OperationKind.VIDEO


@dataclass(frozen=True, slots=True)
class FilmProgress:
    """How far a provider is with a film: `percent`, and its length and size where it says them."""

    percent: int = 0
    seconds: str = ""
    size: str = ""


def _nobody(_: FilmProgress) -> None:
    """Is told nothing."""


Wanted = (
    EmbeddingRequest
    | ImageRequest
    | ImageEditRequest
    | SpeechRequest
    | TranscriptionRequest
    | RerankRequest
    | VideoRequest
)


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One operation of one model. It carries no key: the gateway opens that, after the call's intent is committed.

    `told` hears how far a film is, on the loop that the call is made on: first when the provider has taken the job.
    """

    endpoint: Endpoint
    model: Model
    wanted: Wanted
    told: Callable[[FilmProgress], None] = field(default=_nobody, repr=False, compare=False)

    @property
    def kind(self) -> OperationKind:
        """What is done."""
        return self.wanted.kind
