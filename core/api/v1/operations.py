"""Embeddings and speech: `/v1/embeddings`, `/v1/audio/speech`; and how any operation is performed for a program."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.api.v1.entrance import Asked, Body, Entrance
from core.api.v1.errors import failure_response
from core.api.v1.faults import in_words
from core.api.v1.shapes import VectorList
from core.api.v1.watched import Watched
from core.errors import GearboxError
from core.flags.capabilities import Capability
from data.values.operations import EmbeddingRequest, SpeechRequest, Wanted
from data.values.results import Embeddings, OperationResult, Sound

Answer = Callable[[OperationResult], Response]


class EmbeddingBody(Body):
    """`POST /v1/embeddings`."""

    model: str
    input: Annotated[
        str | list[str] | list[int] | list[list[int]],
        Field(min_length=1),
        in_words("must be one text, or a list of texts, or token ids, or a list of lists of token ids, and not mixed"),
    ]
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float", "base64"] = "float"
    user: str | None = None


class OwnVoice(Body):
    """A voice that was made at the provider."""

    id: str = Field(min_length=1)


class SpeechBody(Body):
    """`POST /v1/audio/speech`."""

    model: str
    input: str = Field(min_length=1)
    voice: Annotated[str | OwnVoice, in_words('must be the name of a voice, or {"id": "..."} of one of your own')] = (
        "alloy"
    )
    response_format: Literal["mp3", "wav", "opus", "aac", "flac", "pcm"] | None = None
    speed: float | None = Field(default=None, ge=0.25, le=4)
    instructions: str | None = None
    stream_format: Literal["audio"] | None = None


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route("POST", "/v1/embeddings", embeddings, body=EmbeddingBody, gives=VectorList),
        entrance.route(
            "POST", "/v1/audio/speech", speech, body=SpeechBody, media=("audio/*",), making=Capability.SPEECH_GENERATION
        ),
    ]


async def embeddings(asked: Asked) -> Response:
    """Vectors of texts, or of token ids."""
    body = await asked.read(EmbeddingBody)
    given: Any = body.input
    if isinstance(given, str) or isinstance(given[0], int):
        given = [given]
    inputs = tuple(each if isinstance(each, str) else tuple(each) for each in given)

    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Embeddings)
        used = result.usage.tokens.input if result.usage.tokens else 0
        data = [
            {"object": "embedding", "index": place, "embedding": _vector(vector, body.encoding_format)}
            for place, vector in enumerate(result.output.vectors)
        ]
        usage = {"prompt_tokens": used, "total_tokens": used}
        return JSONResponse({"object": "list", "data": data, "model": body.model, "usage": usage})

    return await performed(asked, body.model, EmbeddingRequest(inputs, body.dimensions), answer)


async def speech(asked: Asked) -> Response:
    """A text, spoken."""
    body = await asked.read(SpeechBody)
    own = isinstance(body.voice, OwnVoice)
    voice = body.voice.id if isinstance(body.voice, OwnVoice) else body.voice
    wanted = SpeechRequest(body.input, voice, body.response_format, body.speed, body.instructions, own)

    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Sound)
        return Response(result.output.audio.data, media_type=result.output.audio.media_type)

    return await performed(asked, body.model, wanted, answer)


async def performed(asked: Asked, model_id: str, wanted: Wanted, answer: Answer) -> Response:
    """The answer that is made of an operation's result; whoever hangs up ends it.

    Raises:
        NotFound: there is no such model for this actor.
    """
    calls = asked.services.calls
    request, intent = await asked.aside(lambda: calls.operation(asked.actor, model_id, wanted))

    async def made() -> Response:
        return answer(await calls.perform(request, intent))

    return watched(asked, made)


def watched(asked: Asked, make: Callable[[], Awaitable[Response]]) -> Watched:
    """The answer that `make` makes, or its failure; whoever hangs up cancels it."""

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await make()
        except GearboxError as error:
            response = failure_response(error)
        response.headers.update(asked.headers)
        await response(scope, receive, send)

    return Watched(work)


def _vector(vector: tuple[float, ...], encoding: str) -> object:
    # OpenAI's client asks for base64 by itself: little-endian 32-bit floats.
    return base64.b64encode(array("f", vector).tobytes()).decode() if encoding == "base64" else list(vector)
