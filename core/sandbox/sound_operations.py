"""Sounds over HTTP: texts spoken, and sounds written down."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.sandbox import sounds, voices, wire
from core.sandbox.asked import form_of, model_in, text_in
from core.sandbox.directives import Scope, without_directives
from core.sandbox.ordered import broken, ordered
from core.sandbox.refusals import RefusedError, read_json


async def speak(request: Request) -> Response:
    """`POST /audio/speech`."""
    body = await read_json(request)
    model, text = model_in(body, *wire.SPEECHES), text_in(body, "input")
    # What is to be spoken is often the result of another request: how to speak it is the person's.
    how = body.get("instructions")
    fault = await ordered(request, f"{text}\n{how if isinstance(how, str) else ''}", (Scope.SPEECH, model))
    speed = body.get("speed")
    if speed is not None and not (isinstance(speed, int | float) and 0.25 <= speed <= 4):
        raise RefusedError(400, "'speed' must be a number from 0.25 to 4.")
    voice = body.get("voice")
    sound = await asyncio.to_thread(
        voices.spoken,
        without_directives(text),
        speed=float(speed or 1),
        voice=voice if isinstance(voice, str) else "",
        manner=without_directives(how) if isinstance(how, str) else "",
        low=model == wire.SPEECH_2,
    )
    return broken(Response(sound, media_type="audio/wav"), fault)


async def transcribe(request: Request) -> Response:
    """`POST /audio/transcriptions`."""
    async with form_of(request) as form:
        model = model_in(form, wire.TRANSCRIPTION)
        upload, shape = form.get("file"), form.get("response_format", "json")
        if not isinstance(upload, UploadFile):
            raise RefusedError(400, "'file' must be a file.")
        audio = await upload.read()
        fault = await ordered(request, str(form.get("prompt", "")), (model,))
        language = str(form.get("language") or "english")
    text, seconds = await asyncio.to_thread(sounds.hear, audio)
    if shape == "text":
        return broken(Response(text + "\n", media_type="text/plain"), fault)
    answer: dict[str, Any] = {"text": text, "usage": {"type": "duration", "seconds": seconds or 0}}
    if shape == "verbose_json":
        segment = {"id": 0, "start": 0.0, "end": seconds or 0.0, "text": text}
        answer |= {"task": "transcribe", "language": language, "duration": seconds or 0.0, "segments": [segment]}
    return broken(JSONResponse(answer), fault)
