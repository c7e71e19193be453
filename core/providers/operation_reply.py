"""Replies of operations in OpenAI's wire format, as values; rerank's in the shape of Cohere and Jina."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.providers.media_types import media_type_of
from core.providers.openai_wire import count
from core.providers.request import Answer
from data.values.calls import TokenUsage, Unit
from data.values.operations import (
    EmbeddingRequest,
    FilmProgress,
    ImageEditRequest,
    ImageRequest,
    Media,
    RerankRequest,
    TranscriptionRequest,
    Wanted,
)
from data.values.results import Embeddings, OperationUsage, Pictures, Ranking, Segment, Transcript

_SHORT = 20  # a size


def read_answer(wanted: Wanted, document: Any) -> Answer:
    """The answer in a JSON document.

    Raises:
        ValueError: it is not what was asked for.
    """
    try:
        match wanted:
            case EmbeddingRequest(inputs):
                return Answer(_embeddings(document, len(inputs)), usage_in(document.get("usage")))
            case ImageRequest() | ImageEditRequest():
                return Answer(_pictures(document), usage_in(document.get("usage")))
            case TranscriptionRequest():
                return _transcribed(document)
            case RerankRequest(_, documents):
                return _ranked(document, len(documents))
            case _:
                raise ValueError("no such answer comes as JSON")
    except (AttributeError, LookupError, TypeError, binascii.Error, struct.error) as error:
        raise ValueError("a field is missing or of another kind") from error


def film_progress(job: Mapping[str, Any]) -> FilmProgress:
    """What a video job in OpenAI's shape says of itself."""
    percent, seconds, size = job.get("progress"), _seconds(job.get("seconds")), job.get("size")
    known = percent if isinstance(percent, int | float) and math.isfinite(percent) else 0
    return FilmProgress(
        min(max(int(known), 0), 100),
        f"{float(seconds):g}" if seconds else "",
        size[:_SHORT] if isinstance(size, str) else "",
    )


def usage_in(usage: Any) -> OperationUsage | None:
    """What a `usage` object says; None where it counts nothing."""
    if not isinstance(usage, Mapping):
        return None
    if (seconds := _seconds(usage.get("seconds"))) is not None:
        return OperationUsage(quantity=seconds, unit=Unit.SECOND)
    read = count(usage, "input_tokens") or count(usage, "prompt_tokens")
    written = count(usage, "output_tokens") or count(usage, "completion_tokens")
    if not (read or written):
        read = count(usage, "total_tokens")
    if not (read or written):
        return None
    details = usage.get("input_tokens_details") or usage.get("input_token_details")
    return OperationUsage(
        TokenUsage(read, written, cached=count(details, "cached_tokens")),
        image_input=count(details, "image_tokens"),
        audio_input=count(details, "audio_tokens"),
    )


def _embeddings(document: Any, wanted: int) -> Embeddings:
    rows = sorted(document["data"], key=lambda row: row["index"])
    if [row["index"] for row in rows] != list(range(wanted)):
        raise ValueError("not one vector for each input")
    vectors = tuple(_vector(row["embedding"]) for row in rows)
    if len({len(vector) for vector in vectors}) > 1 or not all(vectors):
        raise ValueError("vectors of several lengths")
    return Embeddings(vectors)


def _vector(value: Any) -> tuple[float, ...]:
    """Numbers, or the base64 of little-endian 32-bit floats as some servers prefer."""
    if isinstance(value, str):
        raw = base64.b64decode(value, validate=True)
        value = struct.unpack(f"<{len(raw) // 4}f", raw)
    vector = tuple(float(number) for number in value)
    if not all(map(math.isfinite, vector)):
        raise ValueError("a vector holds what is no number")
    return vector


def _pictures(document: Any) -> Pictures:
    images, revised = [], ""
    for row in document["data"]:
        encoded = row.get("b64_json")
        if not encoded and isinstance(link := row.get("url"), str) and link.startswith("data:"):
            encoded = link.partition(",")[2]
        if not encoded:
            raise ValueError("a link instead of a picture")
        data = base64.b64decode(encoded, validate=True)
        kind = media_type_of(data)
        if not kind.startswith("image/"):
            raise ValueError("something that is no picture")
        images.append(Media(data, kind))
        revised = revised or str(row.get("revised_prompt") or "")
    if not images:
        raise ValueError("no picture")
    return Pictures(tuple(images), revised)


def _transcribed(document: Any) -> Answer:
    text = document["text"]
    if not isinstance(text, str):
        raise ValueError("a transcript without text")
    segments = tuple(
        Segment(float(row["start"]), float(row["end"]), str(row["text"])) for row in document.get("segments") or ()
    )
    seconds = _seconds(document.get("duration"))
    transcript = Transcript(
        text, str(document.get("language") or ""), None if seconds is None else float(seconds), segments
    )
    usage = usage_in(document.get("usage"))
    if usage is None and seconds is not None:
        usage = OperationUsage(quantity=seconds, unit=Unit.SECOND)
    return Answer(transcript, usage)


def _ranked(document: Any, documents: int) -> Answer:
    """TEI answers with the bare list and `score`."""
    whole = isinstance(document, Mapping)
    scores = []
    for row in document["results"] if whole else document:
        place, score = row["index"], row["relevance_score"] if "relevance_score" in row else row["score"]
        if not (isinstance(place, int) and 0 <= place < documents and math.isfinite(score)):
            raise ValueError("a score of no document")
        scores.append((place, float(score)))
    if len({place for place, _ in scores}) < len(scores):
        raise ValueError("two scores for one document")
    scores.sort(key=lambda scored: -scored[1])
    usage = usage_in(document.get("usage")) if whole else None
    billed = ((document.get("meta") or {}).get("billed_units") or {}).get("search_units") if whole else None
    if isinstance(billed, int) and billed > 0:
        usage = OperationUsage(usage.tokens if usage else None, Decimal(billed), Unit.QUERY)
    return Answer(Ranking(tuple(scores)), usage)


def _seconds(value: Any) -> Decimal | None:
    """A length of time: a number, or its digits as Whisper's servers write it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return Decimal(str(seconds)) if math.isfinite(seconds) and 0 < seconds < 10**7 else None
