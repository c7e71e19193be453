"""Operations through litellm, which is handed in: its transport alone imports it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from core.providers.litellm_words import said_by
from core.providers.media_types import media_type_of, speech_type
from core.providers.operation_limits import OperationLimits
from core.providers.operation_reply import film_progress, read_answer, usage_in
from core.providers.patience import PASSING
from core.providers.request import Answer
from data.values.operations import (
    EmbeddingRequest,
    FilmProgress,
    ImageEditRequest,
    ImageRequest,
    Media,
    OperationRequest,
    RerankRequest,
    SpeechRequest,
    TranscriptionRequest,
    VideoRequest,
    Wanted,
)
from data.values.results import Film, Sound

_VIDEO_DONE, _VIDEO_FAILED = "completed", frozenset({"failed", "cancelled", "expired"})


class VideoFailedError(Exception):
    """The provider could not make a video; in its own words."""


async def ask(  # noqa: PLR0911 one for each
    litellm: Any, request: OperationRequest, common: dict[str, Any], limits: OperationLimits
) -> Any:
    """Call litellm's function for the request.

    Args:
        litellm: the module.
        request: what is wanted.
        common: model, key, address and the like, for every function.
        limits: how often a video job is asked for.
    """
    wanted = request.wanted
    match wanted:
        case EmbeddingRequest(inputs, dimensions):
            texts = [each if isinstance(each, str) else list(each) for each in inputs]
            return await litellm.aembedding(input=texts, **_given(dimensions=dimensions), **common)
        case ImageRequest():
            more = _given(size=wanted.size, quality=wanted.quality, style=wanted.style)
            return await litellm.aimage_generation(prompt=wanted.prompt, n=wanted.count, **more, **common)
        case ImageEditRequest():
            # Bytes alone: of a file with a name litellm makes a file within a file.
            files = [image.data for image in wanted.images]
            mask = wanted.mask.data if wanted.mask else None
            more = _given(
                mask=mask, size=wanted.size, quality=wanted.quality, background=wanted.background,
                input_fidelity=wanted.fidelity,
            )  # fmt: skip
            return await litellm.aimage_edit(image=files, prompt=wanted.prompt, n=wanted.count, **more, **common)
        case SpeechRequest():
            more = _given(speed=wanted.speed, instructions=wanted.instructions, response_format=wanted.response_format)
            voice = {"id": wanted.voice} if wanted.own_voice else wanted.voice
            return await litellm.aspeech(input=wanted.text, voice=voice, **more, **common)
        case TranscriptionRequest():
            more = _given(language=wanted.language, prompt=wanted.prompt, temperature=wanted.temperature)
            form = "verbose_json" if wanted.timestamps else "json"
            audio = _file("audio", wanted.audio)
            return await litellm.atranscription(file=audio, response_format=form, **more, **common)
        case RerankRequest(query, documents, top):
            texts = list(documents)
            return await litellm.arerank(query=query, documents=texts, top_n=top, return_documents=False, **common)
        case VideoRequest():
            return await _film(litellm, wanted, common, limits, request.told)


def answer_of(wanted: Wanted, reply: Any) -> Answer:
    """litellm's reply as a value.

    Raises:
        ValueError: it is not what was asked for.
    """
    if isinstance(wanted, SpeechRequest):
        data = bytes(reply.content)
        kind = media_type_of(data) or speech_type(wanted.response_format)
        if not data or not kind.startswith("audio/"):
            raise ValueError("no sound")
        return Answer(Sound(Media(data, kind)))
    if isinstance(wanted, VideoRequest):
        data, job = reply
        if not data:
            raise ValueError("no video")
        film = Film(Media(data, media_type_of(data) or "video/mp4"), str(job.id))
        return Answer(film, usage_in({"seconds": job.seconds}))
    return read_answer(wanted, reply.model_dump())


async def _film(
    litellm: Any,
    wanted: VideoRequest,
    common: dict[str, Any],
    limits: OperationLimits,
    told: Callable[[FilmProgress], None],
) -> tuple[bytes, Any]:
    seconds = None if wanted.seconds is None else str(wanted.seconds)
    picture = wanted.image.data if wanted.image else None
    job = await litellm.avideo_generation(
        prompt=wanted.prompt, **_given(seconds=seconds, size=wanted.size, input_reference=picture), **common
    )
    # The job's id names its provider; a model beside it is refused.
    access = {name: value for name, value in common.items() if name in {"api_key", "api_base", "timeout"}}
    told(film_progress(job.model_dump()))
    while job.status != _VIDEO_DONE:
        if job.status in _VIDEO_FAILED:
            reason = (job.error or {}).get("message") if isinstance(job.error, dict) else job.error
            raise VideoFailedError(str(reason or "it gave no reason"))
        await asyncio.sleep(limits.poll_seconds)
        job = await _looked(partial(litellm.avideo_status, video_id=job.id, **access), limits)
        told(film_progress(job.model_dump()))
    return await _looked(partial(litellm.avideo_content, video_id=job.id, **access), limits), job


async def _looked(ask: Callable[[], Awaitable[Any]], limits: OperationLimits) -> Any:
    """What is said of a job: asked again while there is time, as it goes on and costs whatever a question meets."""
    while True:
        try:
            return await ask()
        except Exception as error:  # litellm raises classes of its own, of openai, of httpx and bare ones
            if said_by(error)[0] not in PASSING:
                raise
        await asyncio.sleep(limits.poll_seconds)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _file(stem: str, media: Media) -> tuple[str, bytes, str]:
    subtype = media.media_type.partition("/")[2].partition(";")[0].removeprefix("x-")
    return f"{stem}.{subtype if subtype.isalnum() else 'bin'}", media.data, media.media_type
