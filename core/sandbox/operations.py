"""The sandbox's other operations than chat: embeddings, pictures, speech, transcripts, ranking and films.

Each answers in the shape of OpenAI's API, ranking in that of Cohere's and Jina's. Nothing is kept: a video job's id
says all there is to know of it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import struct
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox import pictures, sounds, vectors, wire
from core.sandbox.refusals import RefusedError, failure, read_json
from core.sandbox.script import fault_in, without_directives

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
MAX_INPUTS, MAX_PICTURES = 2_048, 10
FILM_JOB_SECONDS = 1.0
"""How long a video job says that it is at work."""
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_Handler = Callable[[Request], Awaitable[Response]]


def _answering(handler: _Handler) -> _Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as refused:
            return refused.response

    return answer


async def _embeddings(request: Request) -> Response:
    body = await read_json(request)
    _model(body, wire.EMBEDDING)
    given = body.get("input")
    inputs = [given] if isinstance(given, str) or (isinstance(given, list) and _all(given, int)) else given
    if not (isinstance(inputs, list) and 0 < len(inputs) <= MAX_INPUTS and all(map(_is_text, inputs))):
        raise RefusedError(400, f"'input' must be a text, or 1 to {MAX_INPUTS} texts or lists of token ids.")
    if fault := failure(fault_in(inputs[0]) if isinstance(inputs[0], str) else None):
        return fault
    dimensions = _number(body, "dimensions", vectors.DIMENSIONS, 1, vectors.MAX_DIMENSIONS)
    rows = await asyncio.to_thread(_vectors, inputs, dimensions)
    if body.get("encoding_format") == "base64":
        encoded = [base64.b64encode(struct.pack(f"<{dimensions}f", *row)).decode() for row in rows]
    else:
        encoded = rows  # type: ignore[assignment]
    tokens = sum(len(each.split()) if isinstance(each, str) else len(each) for each in inputs)
    data = [{"object": "embedding", "index": place, "embedding": row} for place, row in enumerate(encoded)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": wire.EMBEDDING, "usage": usage})


async def _images(request: Request) -> Response:
    body = await read_json(request)
    _model(body, wire.IMAGE)
    prompt = _prompt(body.get("prompt"))
    if fault := failure(fault_in(prompt)):
        return fault
    size, count = _size(body.get("size")) or (1024, 1024), _number(body, "n", 1, 1, MAX_PICTURES)
    said = without_directives(prompt)
    drawn = [await asyncio.to_thread(pictures.draw, said, size, number) for number in range(count)]
    return _pictures(drawn)


async def _edits(request: Request) -> Response:
    async with _form(request) as form:
        _model(form, wire.IMAGE)
        prompt = _prompt(form.get("prompt"))
        files = [*form.getlist("image"), *form.getlist("image[]")]
        if not files or not _all(files, UploadFile):
            raise RefusedError(400, "'image' must be a file.")
        if fault := failure(fault_in(prompt)):
            return fault
        assert isinstance(files[0], UploadFile), "looked at above"
        given, said = await files[0].read(), without_directives(prompt)
        size, count = _size(form.get("size")), _number(form, "n", 1, 1, MAX_PICTURES)
    try:
        return _pictures([await asyncio.to_thread(pictures.edit, given, said, size, n) for n in range(count)])
    except ValueError as error:
        raise RefusedError(400, str(error)) from None


async def _speech(request: Request) -> Response:
    body = await read_json(request)
    _model(body, wire.SPEECH)
    text = _prompt(body.get("input"), "input")
    if fault := failure(fault_in(text)):
        return fault
    speed = body.get("speed")
    if speed is not None and not (isinstance(speed, int | float) and 0.25 <= speed <= 4):
        raise RefusedError(400, "'speed' must be a number from 0.25 to 4.")
    sound = await asyncio.to_thread(sounds.speak, without_directives(text), float(speed or 1))
    return Response(sound, media_type="audio/wav")


async def _transcriptions(request: Request) -> Response:
    async with _form(request) as form:
        _model(form, wire.TRANSCRIPTION)
        upload, shape = form.get("file"), form.get("response_format", "json")
        if not isinstance(upload, UploadFile):
            raise RefusedError(400, "'file' must be a file.")
        audio, fault = await upload.read(), failure(fault_in(str(form.get("prompt", ""))))
        language = str(form.get("language") or "english")
    if fault:
        return fault
    text, seconds = sounds.hear(audio)
    if shape == "text":
        return Response(text + "\n", media_type="text/plain")
    answer: dict[str, Any] = {"text": text, "usage": {"type": "duration", "seconds": seconds or 0}}
    if shape == "verbose_json":
        segment = {"id": 0, "start": 0.0, "end": seconds or 0.0, "text": text}
        answer |= {"task": "transcribe", "language": language, "duration": seconds or 0.0, "segments": [segment]}
    return JSONResponse(answer)


async def _rerank(request: Request) -> Response:
    body = await read_json(request)
    _model(body, wire.RERANK)
    query, documents = _prompt(body.get("query"), "query"), body.get("documents")
    if not (isinstance(documents, list) and 0 < len(documents) <= MAX_INPUTS and _all(documents, str)):
        raise RefusedError(400, f"'documents' must be 1 to {MAX_INPUTS} texts.")
    if fault := failure(fault_in(query)):
        return fault
    top = _number(body, "top_n", len(documents), 1, len(documents))
    scores = [(vectors.closeness(query, document), place) for place, document in enumerate(documents)]
    best = sorted(scores, key=lambda scored: (-scored[0], scored[1]))[:top]
    tokens = len(query.split()) + sum(len(document.split()) for document in documents)
    return JSONResponse(
        {
            "id": f"rerank-{uuid.uuid4().hex}",
            "model": wire.RERANK,
            "results": [{"index": place, "relevance_score": score} for score, place in best],
            "usage": {"total_tokens": tokens},
            "meta": {"billed_units": {"search_units": 1}},
        }
    )


async def _start_film(request: Request) -> Response:
    async with _form(request) as form:
        given: Mapping[str, Any] = form if len(form) else await read_json(request)
        _model(given, wire.VIDEO)
        prompt = _prompt(given.get("prompt"))
        seconds = _number(given, "seconds", 2, 1, pictures.MAX_FILM_SECONDS)
        width, height = _size(given.get("size")) or (320, 180)
    if fault := failure(fault_in(prompt)):
        return fault
    job = {"at": round(time.time(), 3), "s": seconds, "w": min(width, 640), "h": min(height, 640)}
    return JSONResponse(_job({**job, "p": without_directives(prompt)[:80]}))


async def _film_state(request: Request) -> Response:
    return JSONResponse(_job(_job_of(request)))


async def _film_bytes(request: Request) -> Response:
    job = _job_of(request)
    if _progress(job) < 100:
        raise RefusedError(404, "The video is not ready yet.", "video_not_ready")
    film = await asyncio.to_thread(pictures.film, job["p"], job["s"], (job["w"], job["h"]))
    return Response(film, media_type="image/gif")


OPERATION_ROUTES: Final = tuple(
    Route(path, _answering(handler), methods=[method])
    for method, path, handler in (
        ("POST", "/embeddings", _embeddings),
        ("POST", "/images/generations", _images),
        ("POST", "/images/edits", _edits),
        ("POST", "/audio/speech", _speech),
        ("POST", "/audio/transcriptions", _transcriptions),
        ("POST", "/rerank", _rerank),
        ("POST", "/videos", _start_film),
        ("GET", "/videos/{job}", _film_state),
        ("GET", "/videos/{job}/content", _film_bytes),
    )
)
"""Paths below the sandbox's base URL."""


@contextlib.asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """The request's form, bounded; empty for JSON."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise RefusedError(411, "A form needs its length in advance.")
    if int(length) > MAX_UPLOAD_BYTES:
        raise RefusedError(413, f"The request is larger than the sandbox's {MAX_UPLOAD_BYTES} bytes.", "too_large")
    try:
        async with request.form(max_files=16, max_fields=32, max_part_size=256 * 1024) as form:
            yield form
    except HTTPException as error:
        raise RefusedError(400, f"The form can't be read: {error.detail}") from None


def _vectors(inputs: list[str | list[int]], dimensions: int) -> list[list[float]]:
    return [
        vectors.embed(without_directives(each), dimensions)
        if isinstance(each, str)
        else vectors.embed_tokens(each, dimensions)
        for each in inputs
    ]


def _pictures(drawn: list[bytes]) -> Response:
    data = [{"b64_json": base64.b64encode(picture).decode()} for picture in drawn]
    return JSONResponse({"created": int(time.time()), "data": data, "output_format": "png"})


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    """A video job in OpenAI's shape. Its id carries it: there is no other place where it is kept."""
    progress = _progress(job)
    packed = base64.urlsafe_b64encode(json.dumps(job, separators=(",", ":")).encode()).decode().rstrip("=")
    state = "completed" if progress >= 100 else "in_progress" if progress else "queued"
    return {
        "id": f"video_{packed}", "object": "video", "model": wire.VIDEO, "status": state, "progress": progress,
        "created_at": int(job["at"]), "seconds": str(job["s"]), "size": f"{job['w']}x{job['h']}",
    }  # fmt: skip


def _job_of(request: Request) -> dict[str, Any]:
    packed = str(request.path_params["job"]).removeprefix("video_")
    try:
        job = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        kinds: dict[str, Any] = {"at": (int, float), "s": int, "w": int, "h": int, "p": str}
        if not all(isinstance(job[name], kind) for name, kind in kinds.items()):
            raise ValueError
        sides = all(16 <= job[side] <= 640 for side in "wh")
        if not (sides and 1 <= job["s"] <= pictures.MAX_FILM_SECONDS and 0 <= job["at"] < 2**33):
            raise ValueError
    except (ValueError, LookupError, TypeError):
        raise RefusedError(404, "There is no such video.", "video_not_found") from None
    return dict(job)


def _progress(job: Mapping[str, Any]) -> int:
    return min(max(int(100 * (time.time() - job["at"]) / FILM_JOB_SECONDS), 0), 100)


def _model(body: Mapping[str, Any], name: str) -> None:
    if body.get("model") != name:
        raise RefusedError(404, f"The sandbox's one model for this is '{name}'.", "model_not_found")


def _prompt(value: object, name: str = "prompt") -> str:
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(400, f"'{name}' must be a text.")
    return value


def _size(value: object) -> tuple[int, int] | None:
    """Width and height; None where none was named."""
    if value in {None, "", "auto"}:
        return None
    named = _SIZE.fullmatch(str(value))
    sides = (int(named[1]), int(named[2])) if named else (0, 0)
    if not all(pictures.MIN_SIDE <= side <= pictures.MAX_SIDE for side in sides):
        least, most = pictures.MIN_SIDE, pictures.MAX_SIDE
        raise RefusedError(400, f"'size' must be WIDTHxHEIGHT, each from {least} to {most}.", "invalid_size")
    return sides


def _number(body: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = body.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.isdecimal():  # forms know texts only
        value = int(value[:9])
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RefusedError(400, f"'{name}' must be a whole number from {least} to {most}.")
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and len(value) > 0 and _all(value, int))


def _all(values: list[Any], kind: type) -> bool:
    return bool(values) and all(isinstance(value, kind) for value in values)
