"""The sandbox's other operations than chat: what they answer is in the shape of OpenAI's API.

Vectors and ranking, in the shape of Cohere's and Jina's, are made here; pictures, sounds and films in modules of their
own.
"""

from __future__ import annotations

import asyncio
import base64
import struct
import uuid
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox import vectors, wire
from core.sandbox.asked import are_all, model_in, number_in, text_in
from core.sandbox.directives import without_directives
from core.sandbox.film_operations import film_bytes, film_state, start_film
from core.sandbox.ordered import answering, broken, ordered
from core.sandbox.picture_operations import edit_pictures, make_pictures
from core.sandbox.refusals import RefusedError, read_json
from core.sandbox.sound_operations import speak, transcribe

MAX_INPUTS = 2_048


async def _embeddings(request: Request) -> Response:
    body = await read_json(request)
    model_in(body, wire.EMBEDDING)
    given = body.get("input")
    inputs = [given] if isinstance(given, str) or (isinstance(given, list) and are_all(given, int)) else given
    if not (isinstance(inputs, list) and 0 < len(inputs) <= MAX_INPUTS and all(map(_is_text, inputs))):
        raise RefusedError(400, f"'input' must be a text, or 1 to {MAX_INPUTS} texts or lists of token ids.")
    fault = await ordered(request, inputs[0] if isinstance(inputs[0], str) else "", (wire.EMBEDDING,))
    dimensions = number_in(body, "dimensions", vectors.DIMENSIONS, 1, vectors.MAX_DIMENSIONS)
    rows = await asyncio.to_thread(_vectors, inputs, dimensions)
    if body.get("encoding_format") == "base64":
        encoded = [base64.b64encode(struct.pack(f"<{dimensions}f", *row)).decode() for row in rows]
    else:
        encoded = rows  # type: ignore[assignment]
    tokens = sum(len(each.split()) if isinstance(each, str) else len(each) for each in inputs)
    data = [{"object": "embedding", "index": place, "embedding": row} for place, row in enumerate(encoded)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer = {"object": "list", "data": data, "model": wire.EMBEDDING, "usage": usage}
    return broken(JSONResponse(answer), fault)


async def _rerank(request: Request) -> Response:
    body = await read_json(request)
    model_in(body, wire.RERANK)
    query, documents = text_in(body, "query"), body.get("documents")
    if not (isinstance(documents, list) and 0 < len(documents) <= MAX_INPUTS and are_all(documents, str)):
        raise RefusedError(400, f"'documents' must be 1 to {MAX_INPUTS} texts.")
    fault = await ordered(request, query, (wire.RERANK,))
    top = number_in(body, "top_n", len(documents), 1, len(documents))
    scores = [(vectors.closeness(query, document), place) for place, document in enumerate(documents)]
    best = sorted(scores, key=lambda scored: (-scored[0], scored[1]))[:top]
    tokens = len(query.split()) + sum(len(document.split()) for document in documents)
    answer = {
        "id": f"rerank-{uuid.uuid4().hex}",
        "model": wire.RERANK,
        "results": [{"index": place, "relevance_score": score} for score, place in best],
        "usage": {"total_tokens": tokens},
        "meta": {"billed_units": {"search_units": 1}},
    }
    return broken(JSONResponse(answer), fault)


OPERATION_ROUTES: Final = tuple(
    Route(path, answering(handler), methods=[method])
    for method, path, handler in (
        ("POST", "/embeddings", _embeddings),
        ("POST", "/images/generations", make_pictures),
        ("POST", "/images/edits", edit_pictures),
        ("POST", "/audio/speech", speak),
        ("POST", "/audio/transcriptions", transcribe),
        ("POST", "/rerank", _rerank),
        ("POST", "/videos", start_film),
        ("GET", "/videos/{job}", film_state),
        ("GET", "/videos/{job}/content", film_bytes),
    )
)
"""Paths below the sandbox's base URL."""


def _vectors(inputs: list[str | list[int]], dimensions: int) -> list[list[float]]:
    return [
        vectors.embed(without_directives(each), dimensions)
        if isinstance(each, str)
        else vectors.embed_tokens(each, dimensions)
        for each in inputs
    ]


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and len(value) > 0 and are_all(value, int))
