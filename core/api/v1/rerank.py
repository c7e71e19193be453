"""`POST /v1/rerank`: texts by how well they answer a question, in the shape of Cohere and Jina."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.v1.entrance import Asked, Body, Entrance
from core.api.v1.faults import in_words
from core.api.v1.operations import performed
from core.api.v1.shapes import Ranked, RankedDocument
from data.values.calls import Unit
from data.values.operations import RerankRequest
from data.values.results import OperationResult, OperationUsage, Ranking

MAX_DOCUMENTS = 10_000


class Document(Body):
    """A text, as Cohere's and Jina's clients also send it."""

    text: str


class RerankBody(Body):
    """`POST /v1/rerank`. `return_documents` has each result hold its text."""

    model: str
    query: str = Field(min_length=1)
    documents: Annotated[
        list[str | Document],
        Field(min_length=1, max_length=MAX_DOCUMENTS),
        in_words(f'must be 1 to {MAX_DOCUMENTS} documents, each a text or {{"text": "..."}}'),
    ]
    top_n: int | None = Field(default=None, ge=1)
    return_documents: bool | None = None
    user: str | None = None


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [entrance.route("POST", "/v1/rerank", rerank, body=RerankBody, gives=Ranked)]


async def rerank(asked: Asked) -> Response:
    """Texts by how well they answer a question, the best first."""
    body = await asked.read(RerankBody)
    texts = tuple(each if isinstance(each, str) else each.text for each in body.documents)
    # Servers differ in whether they take more than there are; all agree on what is meant by it.
    top = None if body.top_n is None else min(body.top_n, len(texts))

    def answer(result: OperationResult) -> Response:
        assert isinstance(result.output, Ranking)
        results: list[RankedDocument] = []
        for place, score in result.output.scores[:top]:
            results.append({"index": place, "relevance_score": score})
            if body.return_documents:
                results[-1]["document"] = {"text": texts[place]}
        told = {"id": f"rerank-{uuid.uuid4().hex}", "model": body.model, "results": results}
        return JSONResponse(told | _used(result.usage))

    return await performed(asked, body.model, RerankRequest(body.query, texts, top), answer)


def _used(usage: OperationUsage) -> dict[str, Any]:
    """Tokens as Jina tells them, searches as Cohere does."""
    told: dict[str, Any] = {}
    if usage.tokens is not None:
        read = usage.tokens.input
        told["usage"] = {"prompt_tokens": read, "total_tokens": read + usage.tokens.output}
    if usage.unit is Unit.QUERY and usage.quantity is not None:
        told["meta"] = {"billed_units": {"search_units": int(usage.quantity)}}
    return told
