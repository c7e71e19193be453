"""Pictures, drawn and edited: `/v1/images/generations`, `/v1/images/edits`."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.described import MULTIPART
from core.api.v1.entrance import Asked, Body, Entrance
from core.api.v1.errors import Oversized, Unusable
from core.api.v1.faults import in_words
from core.api.v1.operations import performed
from core.api.v1.sent_pictures import PNG, SentPicture, read_picture
from core.api.v1.shapes import PictureList
from core.api.v1.used import of_pictures
from core.flags.capabilities import Capability
from data.values.operations import ImageEditRequest, ImageRequest
from data.values.results import OperationResult, Pictures

MAX_PICTURES = 16
MAX_SENT_BYTES = 50 * 1024 * 1024
"""Of all pictures of a form together; the form around them may have a little more."""

_MAKING = Capability.IMAGE_GENERATION

InBase64 = Annotated[
    Literal["b64_json"] | None,
    in_words("pictures come in the answer itself, never as addresses: send b64_json, or leave it out"),
]
NotStreamed = Annotated[Literal[False] | None, in_words("pictures are not streamed: leave it out")]
NotStreamedForm = Annotated[Literal["false", "False"] | None, in_words("pictures are not streamed: leave it out")]
Picture = {"type": "string", "format": "binary", "description": "A PNG, JPEG or WebP of at most 25 MiB."}
Mask = {"type": "string", "format": "binary", "description": "A PNG as large as the first picture."}


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
    response_format: InBase64 = None
    stream: NotStreamed = None
    user: str | None = None


class ImageEditBody(Body):
    """`POST /v1/images/edits`. Several pictures come as `image[]`, or as `image` more than once."""

    image: Annotated[
        list[Any], WithJsonSchema({"anyOf": [Picture, {"type": "array", "maxItems": MAX_PICTURES, "items": Picture}]})
    ] = Field(min_length=1, max_length=MAX_PICTURES)
    prompt: str = Field(min_length=1)
    model: str = Field(min_length=1, max_length=500)
    mask: Annotated[Any, WithJsonSchema(Mask)] = None
    n: int | None = Field(default=None, ge=1, le=10)
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    input_fidelity: str | None = None
    output_format: str | None = None
    output_compression: int | None = Field(default=None, ge=0, le=100)
    response_format: InBase64 = None
    stream: NotStreamedForm = None
    user: str | None = None


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route("POST", "/v1/images/generations", images, body=ImageBody, gives=PictureList, making=_MAKING),
        entrance.route(
            "POST", "/v1/images/edits", edits, body=ImageEditBody, takes=MULTIPART, gives=PictureList, making=_MAKING
        ),
    ]


async def images(asked: Asked) -> Response:
    """Pictures of a prompt."""
    body = await asked.read(ImageBody)
    wanted = ImageRequest(
        body.prompt, body.n or 1, body.size, body.quality, body.background, body.output_format,
        body.output_compression, body.moderation, body.style,
    )  # fmt: skip
    return await performed(asked, body.model, wanted, _answer(pictures_read=False))


async def edits(asked: Asked) -> Response:
    """Pictures made of others, as a prompt says; where a mask is transparent the first one is changed."""
    most = MAX_SENT_BYTES + 1024 * 1024
    body = await asked.read_form(ImageEditBody, most, files=MAX_PICTURES + 1, several=frozenset({"image"}))
    named = ["image"] if len(body.image) == 1 else [f"image.{place}" for place in range(len(body.image))]
    sent = [await read_picture(file, field) for file, field in zip(body.image, named, strict=True)]
    mask = None if body.mask is None else await read_picture(body.mask, "mask", (PNG,))
    _check(sent, mask)
    wanted = ImageEditRequest(
        body.prompt, tuple(picture.media for picture in sent), mask.media if mask else None, body.n or 1, body.size,
        body.quality, body.background, body.input_fidelity, body.output_format, body.output_compression,
    )  # fmt: skip
    return await performed(asked, body.model, wanted, _answer(pictures_read=True))


def _check(sent: list[SentPicture], mask: SentPicture | None) -> None:
    if mask is not None and mask.size != sent[0].size:
        first, its = ("x".join(map(str, each.size)) for each in (sent[0], mask))
        raise Unusable(
            f"The mask has {its} pixels, the picture {first}.", "Make the mask as large as the first picture.",
            param="mask",
        )  # fmt: skip
    if sum(len(each.media.data) for each in [*sent, *([mask] if mask else [])]) > MAX_SENT_BYTES:
        said = f"The pictures have more than {MAX_SENT_BYTES // 1024**2} MiB together."
        raise Oversized(said, "Send fewer or smaller ones.", param="image")


def _answer(*, pictures_read: bool) -> Callable[[OperationResult], Response]:
    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Pictures)
        revised = {"revised_prompt": result.output.revised_prompt} if result.output.revised_prompt else {}
        data = [{"b64_json": base64.b64encode(each.data).decode(), **revised} for each in result.output.images]
        used = of_pictures(result.usage, pictures_read=pictures_read)
        return JSONResponse({"created": int(time.time()), "data": data, **used})

    return answer
