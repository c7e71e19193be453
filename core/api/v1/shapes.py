"""What `/v1` answers: OpenAI's forms, as far as Gearbox fills them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class Failure(TypedDict):
    """What went wrong, by which OpenAI's clients pick an exception."""

    message: str
    type: str
    param: str | None
    code: str | None


class FailureBody(TypedDict):
    """An error in OpenAI's form."""

    error: Failure


class ModelEntry(TypedDict):
    """A model that can be called. Its age is not known, so `created` is 0. `category` is what it is for."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    category: str


class ModelList(TypedDict):
    """Models."""

    object: Literal["list"]
    data: list[ModelEntry]


class ChatUsage(TypedDict):
    """Tokens; `estimated` where the provider did not say."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: dict[str, int]
    completion_tokens_details: dict[str, int]
    estimated: NotRequired[bool]


class Annotation(TypedDict):
    """A source: `url`, `title`, and the characters it stands for; from 0 to 0 where that is the whole answer."""

    type: Literal["url_citation"]
    url_citation: dict[str, Any]


class AnswerMessage(TypedDict):
    """What the model answers."""

    role: Literal["assistant"]
    content: str | None
    refusal: str | None
    reasoning_content: NotRequired[str]
    tool_calls: NotRequired[list[dict[str, Any]]]
    annotations: NotRequired[list[Annotation]]


class ChatChoice(TypedDict):
    """The one answer."""

    index: int
    message: AnswerMessage
    logprobs: None
    finish_reason: str


class ChatCompletion(TypedDict):
    """A whole answer. A streamed one comes as `chat.completion.chunk` events and ends with `[DONE]`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage


class Vector(TypedDict):
    """The vector of one input: numbers, or little-endian 32-bit floats in base64."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class TokensRead(TypedDict):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class VectorList(TypedDict):
    """A vector for each input, in their order."""

    object: Literal["list"]
    data: list[Vector]
    model: str
    usage: TokensRead


class Relevant(TypedDict):
    """A document's text."""

    text: str


class RankedDocument(TypedDict):
    """A document by its place in the request; `document` where it was asked for."""

    index: int
    relevance_score: float
    document: NotRequired[Relevant]


class Searches(TypedDict):
    """Searches that are paid for."""

    search_units: int


class Billed(TypedDict):
    """What is paid for."""

    billed_units: Searches


class Ranked(TypedDict):
    """Documents, the best first; `usage` where the provider counts tokens, `meta` where it counts searches."""

    id: str
    model: str
    results: list[RankedDocument]
    usage: NotRequired[TokensRead]
    meta: NotRequired[Billed]


class TimedText(TypedDict):
    """A piece of a transcript, in seconds from the beginning."""

    id: int
    start: float
    end: float
    text: str


class SoundUsage(TypedDict):
    """`tokens`, or `seconds` of a `duration`; `estimated` where the provider did not say."""

    type: Literal["tokens", "duration"]
    seconds: NotRequired[float]
    input_tokens: NotRequired[int]
    output_tokens: NotRequired[int]
    total_tokens: NotRequired[int]
    input_token_details: NotRequired[dict[str, int]]
    estimated: NotRequired[bool]


class Transcription(TypedDict):
    """What was said; all but `text` and `usage` with `verbose_json` only, as far as the model gives it."""

    text: str
    usage: NotRequired[SoundUsage]
    task: NotRequired[Literal["transcribe"]]
    language: NotRequired[str]
    duration: NotRequired[float]
    segments: NotRequired[list[TimedText]]


class Picture(TypedDict):
    """A picture in base64."""

    b64_json: str
    revised_prompt: NotRequired[str]


class PictureUsage(TypedDict):
    """Tokens, where the provider counts them."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: NotRequired[dict[str, int]]


class PictureList(TypedDict):
    """Pictures."""

    created: int
    data: list[Picture]
    usage: NotRequired[PictureUsage]


class VideoFailure(TypedDict):
    """Why there is no video."""

    code: str
    message: str


class VideoEntry(TypedDict):
    """A video that is being made, or was. What is not known is null: its length before the provider says it, say."""

    id: str
    object: Literal["video"]
    model: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int
    created_at: int
    completed_at: int | None
    expires_at: int | None
    seconds: str | None
    size: str | None
    prompt: str | None
    error: VideoFailure | None


class VideoDeleted(TypedDict):
    """That it is gone."""

    id: str
    object: Literal["video.deleted"]
    deleted: bool
