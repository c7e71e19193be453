"""Pictures over HTTP: made, and made of others."""

from __future__ import annotations

import asyncio
import base64
import time

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.sandbox import pictures, wire
from core.sandbox.asked import are_all, form_of, model_in, number_in, size_in, text_in
from core.sandbox.directives import Scope, without_directives
from core.sandbox.ordered import broken, ordered
from core.sandbox.refusals import RefusedError, read_json

MAX_PICTURES = 10
_SIDES = (pictures.MIN_SIDE, pictures.MAX_SIDE)


async def make_pictures(request: Request) -> Response:
    """`POST /images/generations`."""
    body = await read_json(request)
    model, prompt = model_in(body, *wire.IMAGES), text_in(body)
    fault = await ordered(request, prompt, (Scope.IMAGE, model))
    size, count = size_in(body, *_SIDES) or (1024, 1024), number_in(body, "n", 1, 1, MAX_PICTURES)
    said = without_directives(prompt)
    style = wire.IMAGES.index(model)
    drawn = [await asyncio.to_thread(pictures.draw, said, size, number, style) for number in range(count)]
    return broken(_pictures(drawn), fault)


async def edit_pictures(request: Request) -> Response:
    """`POST /images/edits`."""
    async with form_of(request) as form:
        model, prompt = model_in(form, *wire.IMAGES), text_in(form)
        files = [*form.getlist("image"), *form.getlist("image[]")]
        if not are_all(files, UploadFile):
            raise RefusedError(400, "'image' must be a file.")
        fault = await ordered(request, prompt, (Scope.IMAGE, Scope.EDIT, model))
        given = [await file.read() for file in files if isinstance(file, UploadFile)]
        masked = form.get("mask")
        mask = await masked.read() if isinstance(masked, UploadFile) else None
        size, count = size_in(form, *_SIDES), number_in(form, "n", 1, 1, MAX_PICTURES)
    said = without_directives(prompt)
    try:
        made = [
            await asyncio.to_thread(pictures.edit, given, said, size, mask=mask, number=number)
            for number in range(count)
        ]
    except ValueError as error:
        raise RefusedError(400, str(error)) from None
    return broken(_pictures(made), fault)


def _pictures(drawn: list[bytes]) -> Response:
    data = [{"b64_json": base64.b64encode(picture).decode()} for picture in drawn]
    return JSONResponse({"created": int(time.time()), "data": data, "output_format": "png"})
