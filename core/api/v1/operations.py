"""Embeddings, pictures and speech: `/v1/embeddings`, `/v1/images/generations`, `/v1/audio/speech`."""

from __future__ import annotations

import base64
import time
from array import array
from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.api.v1.entrance import Asked, Body, Entrance
from core.api.v1.errors import failure_response
from core.api.v1.shapes import PictureList, VectorList
from core.api.v1.watched import Watched
from core.errors import GearboxError
from data.values.operations import EmbeddingRequest, ImageRequest, SpeechRequest, Wanted
from data.values.results import Embeddings, OperationResult, Pictures, Sound

Answer = Callable[[OperationResult], Response]


class EmbeddingBody(Body):
    """`POST /v1/embeddings`."""

    model: str
    input: str | list[str] | list[int] | list[list[int]] = Field(min_length=1)
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float", "base64"] = "float"
    user: str | None = None


class ImageBody(Body):
    """`POST /v1/images/generations`. Pictures come as bytes, never as links."""

    model: str
    prompt: str = Field(min_length=1)
    n: int | None = Field(default=None, ge=1, le=10)
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    output_compression: int | None = Field(default=None, ge=0, le=100)
    moderation: str | None = None
    style: str | None = None
    response_format: Literal["b64_json"] | None = None
    stream: Literal[False] | None = None
    user: str | None = None


class SpeechBody(Body):
    """`POST /v1/audio/speech`."""

    model: str
    input: str = Field(min_length=1)
    voice: str = "alloy"
    response_format: Literal["mp3", "wav", "opus", "aac", "flac", "pcm"] = "mp3"
    speed: float | None = Field(default=None, ge=0.25, le=4)
    instructions: str | None = None
    stream_format: Literal["audio"] | None = None


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route("POST", "/v1/embeddings", embeddings, body=EmbeddingBody, gives=VectorList),
        entrance.route("POST", "/v1/images/generations", images, body=ImageBody, gives=PictureList),
        entrance.route("POST", "/v1/audio/speech", speech, body=SpeechBody, media=("audio/*",)),
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


async def images(asked: Asked) -> Response:
    """Pictures of a prompt."""
    body = await asked.read(ImageBody)
    wanted = ImageRequest(
        body.prompt, body.n or 1, body.size, body.quality, body.background, body.output_format,
        body.output_compression, body.moderation, body.style,
    )  # fmt: skip

    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Pictures)
        revised = {"revised_prompt": result.output.revised_prompt} if result.output.revised_prompt else {}
        data = [{"b64_json": base64.b64encode(each.data).decode(), **revised} for each in result.output.images]
        return JSONResponse({"created": int(time.time()), "data": data})

    return await performed(asked, body.model, wanted, answer)


async def speech(asked: Asked) -> Response:
    """A text, spoken."""
    body = await asked.read(SpeechBody)
    wanted = SpeechRequest(body.input, body.voice, body.response_format, body.speed, body.instructions)

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

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = answer(await calls.perform(request, intent))
        except GearboxError as error:
            response = failure_response(error)
        response.headers.update(asked.headers)
        await response(scope, receive, send)

    return Watched(work)


def _vector(vector: tuple[float, ...], encoding: str) -> object:
    # OpenAI's client asks for base64 by itself: little-endian 32-bit floats.
    return base64.b64encode(array("f", vector).tobytes()).decode() if encoding == "base64" else list(vector)
