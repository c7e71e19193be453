"""`POST /v1/audio/transcriptions`: speech, written down."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.api.described import JSON, MULTIPART
from core.api.v1.entrance import Asked, Body, Entrance
from core.api.v1.errors import Oversized, Unusable
from core.api.v1.operations import performed
from core.api.v1.shapes import Transcription
from core.api.v1.used import of_sound
from data.values.operations import Media, TranscriptionRequest
from data.values.results import OperationResult, Segment, Transcript

MAX_AUDIO_BYTES = 25 * 1024 * 1024
"""Of the file, as at OpenAI; the form around it may have a little more."""
_MAX_BODY_BYTES = MAX_AUDIO_BYTES + 1024 * 1024

Sound = Annotated[Any, WithJsonSchema({"type": "string", "format": "binary", "description": "At most 25 MiB."})]


class TranscriptionBody(Body):
    """`POST /v1/audio/transcriptions`. `srt` and `vtt` are made of the segments that the model gives."""

    file: Sound
    model: str = Field(min_length=1, max_length=500)
    language: str | None = Field(default=None, max_length=20)
    prompt: str | None = None
    response_format: Literal["json", "text", "verbose_json", "srt", "vtt"] = "json"
    temperature: float | None = Field(default=None, ge=0, le=1)
    timestamp_granularities: list[Literal["segment"]] | None = None
    stream: Literal["false", "False"] | None = None


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route(
            "POST",
            "/v1/audio/transcriptions",
            transcriptions,
            body=TranscriptionBody,
            takes=MULTIPART,
            gives=Transcription,
            media=(JSON, "text/plain", "text/vtt"),
        )
    ]


async def transcriptions(asked: Asked) -> Response:
    """What is said in a sound file."""
    body = await asked.read_form(TranscriptionBody, _MAX_BODY_BYTES)
    if not isinstance(body.file, UploadFile):
        raise Unusable("There is no file in this form.", "Send the sound as the field `file`.", param="file")
    data = await body.file.read()
    if len(data) > MAX_AUDIO_BYTES:
        said = f"The file is larger than {MAX_AUDIO_BYTES // 1024**2} MiB."
        raise Oversized(said, "Send it in pieces.", param="file")
    if not data:
        raise Unusable("The file is empty.", "Send the sound.", param="file")
    timed = body.response_format in _TIMED
    audio = Media(data, _media_type(body.file))
    wanted = TranscriptionRequest(audio, body.language, body.prompt, body.temperature, timestamps=timed)

    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Transcript)
        if body.response_format in _STRUCTURED:
            return JSONResponse(_STRUCTURED[body.response_format](result.output) | of_sound(result.usage))
        return _WRITTEN[body.response_format](result.output)

    return await performed(asked, body.model, wanted, answer)


def _media_type(file: UploadFile) -> str:
    """What the sender says it is, else what its name says."""
    said = (file.content_type or "").partition(";")[0].strip().lower()
    if said.startswith(("audio/", "video/")):
        return said
    return mimetypes.guess_type(file.filename or "")[0] or "application/octet-stream"


def _verbose(transcript: Transcript) -> dict[str, Any]:
    segments = [
        {"id": place, "start": each.start, "end": each.end, "text": each.text}
        for place, each in enumerate(transcript.segments)
    ]
    head = {"task": "transcribe", "language": transcript.language, "duration": transcript.seconds or 0.0}
    return {**head, "text": transcript.text, "segments": segments}


def _subtitles(transcript: Transcript) -> Iterable[Segment]:
    """Its segments; the whole as one where the model gives none but says how long it is."""
    if transcript.segments:
        return transcript.segments
    if not transcript.seconds:
        raise Unusable("This model does not say when what was said.", "Ask for json or text.", param="response_format")
    return (Segment(0.0, transcript.seconds, transcript.text),)


def _srt(transcript: Transcript) -> Response:
    cues = [
        f"{place}\n{_moment(each.start, ',')} --> {_moment(each.end, ',')}\n{each.text.strip()}\n"
        for place, each in enumerate(_subtitles(transcript), 1)
    ]
    return PlainTextResponse("\n".join(cues))


def _vtt(transcript: Transcript) -> Response:
    cues = [
        f"{_moment(each.start, '.')} --> {_moment(each.end, '.')}\n{each.text.strip()}\n"
        for each in _subtitles(transcript)
    ]
    return PlainTextResponse("\n".join(["WEBVTT\n", *cues]), media_type="text/vtt")


def _moment(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"


_TIMED = {"verbose_json", "srt", "vtt"}
_STRUCTURED: dict[str, Callable[[Transcript], dict[str, Any]]] = {
    "json": lambda transcript: {"text": transcript.text},
    "verbose_json": _verbose,
}
_WRITTEN: dict[str, Callable[[Transcript], Response]] = {
    "text": lambda transcript: PlainTextResponse(f"{transcript.text}\n"),
    "srt": _srt,
    "vtt": _vtt,
}
