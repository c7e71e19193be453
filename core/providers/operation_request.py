"""An operation as an HTTP request in OpenAI's wire format."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from data.values.operations import (
    EmbeddingRequest,
    ImageEditRequest,
    ImageRequest,
    Media,
    OperationRequest,
    RerankRequest,
    SpeechRequest,
    TranscriptionRequest,
    VideoRequest,
)

_JSON = {"Content-Type": "application/json"}
# OpenAI's own picture models always answer with the bytes, and refuse to be asked for them.
_BYTES_ANYWAY = ("gpt-image", "chatgpt-image")
_EXTENSIONS = {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "video/mp4": "mp4",
    "image/jpeg": "jpg",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Path below the base URL, headers, and httpx's arguments for the body."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)


def outgoing(request: OperationRequest, *, ask_for_bytes: bool = True) -> Outgoing:  # noqa: PLR0911 one for each
    """The request; without `ask_for_bytes` it lacks the option by which pictures come as bytes and not as links."""
    name, wanted = request.model.name, request.wanted
    as_bytes = {"response_format": "b64_json"} if ask_for_bytes and not name.startswith(_BYTES_ANYWAY) else {}
    match wanted:
        case EmbeddingRequest(inputs, dimensions):
            texts = [each if isinstance(each, str) else list(each) for each in inputs]
            return _json("/embeddings", model=name, input=texts, dimensions=dimensions)
        case ImageRequest():
            return _json(
                "/images/generations", model=name, prompt=wanted.prompt, n=wanted.count, size=wanted.size,
                quality=wanted.quality, background=wanted.background, output_format=wanted.output_format,
                output_compression=wanted.output_compression, moderation=wanted.moderation, style=wanted.style,
                **as_bytes,
            )  # fmt: skip
        case ImageEditRequest():
            return _edit(name, wanted, as_bytes)
        case SpeechRequest():
            return _json(
                "/audio/speech", model=name, input=wanted.text, speed=wanted.speed,
                voice={"id": wanted.voice} if wanted.own_voice else wanted.voice,
                response_format=wanted.response_format, instructions=wanted.instructions,
            )  # fmt: skip
        case TranscriptionRequest():
            return _transcription(name, wanted)
        case RerankRequest(query, documents, top):
            return _json("/rerank", model=name, query=query, documents=list(documents), top_n=top)
        case VideoRequest():
            fields = _fields(model=name, prompt=wanted.prompt, seconds=wanted.seconds, size=wanted.size)
            # Parts without a file name are plain fields: the form is multipart with and without a picture.
            files = [(field, (None, value, None)) for field, value in fields.items()]
            picture = [("input_reference", _file("reference", wanted.image))] if wanted.image else []
            return Outgoing("/videos", body={"files": [*files, *picture]})


def _json(path: str, **fields: Any) -> Outgoing:
    """Fields that are None are left out: servers differ in whether they take a null."""
    given = {name: value for name, value in fields.items() if value is not None}
    return Outgoing(path, _JSON, {"content": json.dumps(given, separators=(",", ":")).encode()})


def _edit(name: str, wanted: ImageEditRequest, more: dict[str, str]) -> Outgoing:
    # Several pictures have a field name of their own, and servers that take one only do not know it.
    field = "image" if len(wanted.images) == 1 else "image[]"
    files = [(field, _file(f"image{place}", image)) for place, image in enumerate(wanted.images)]
    if wanted.mask:
        files.append(("mask", _file("mask", wanted.mask)))
    fields = _fields(
        model=name, prompt=wanted.prompt, n=wanted.count, size=wanted.size, quality=wanted.quality,
        background=wanted.background, input_fidelity=wanted.fidelity, output_format=wanted.output_format,
        output_compression=wanted.output_compression, **more,
    )  # fmt: skip
    return Outgoing("/images/edits", body={"data": fields, "files": files})


def _transcription(name: str, wanted: TranscriptionRequest) -> Outgoing:
    fields = _fields(
        model=name, language=wanted.language, prompt=wanted.prompt, temperature=wanted.temperature,
        response_format="verbose_json" if wanted.timestamps else "json",
    )  # fmt: skip
    return Outgoing("/audio/transcriptions", body={"data": fields, "files": [("file", _file("audio", wanted.audio))]})


def _fields(**values: object) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


def _file(stem: str, media: Media) -> tuple[str, bytes, str]:
    """A file of a form. Servers tell the format by the name's ending."""
    kind = media.media_type.partition(";")[0].strip().lower()
    subtype = kind.partition("/")[2].removeprefix("x-")
    ending = _EXTENSIONS.get(kind) or (subtype if subtype.isalnum() else "bin")
    return f"{stem}.{ending}", media.data, kind if kind.isascii() and kind.isprintable() else "application/octet-stream"
