"""litellm's way to the same answers, against the sandbox: what its functions take and return is held here."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ProviderError
from core.providers.direct_transport import DirectTransport
from core.providers.litellm_transport import LitellmTransport
from core.providers.operation_limits import OperationLimits
from core.providers.reply import Timeouts
from data.values.calls import ErrorKind, Unit
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.operations import (
    EmbeddingRequest,
    FilmProgress,
    ImageEditRequest,
    ImageRequest,
    Media,
    OperationKind,
    OperationRequest,
    RerankRequest,
    SpeechRequest,
    TranscriptionRequest,
    VideoRequest,
    Wanted,
)
from data.values.results import Embeddings, Film, Pictures, Ranking, Sound, Transcript
from tests.gateway.calls import KEY
from tests.gateway.server import serve
from tests.gateway.test_operations import PNG, wanting


@pytest_asyncio.fixture
async def litellm() -> AsyncIterator[LitellmTransport]:
    limits = OperationLimits(dict.fromkeys(OperationKind, 30.0), poll_seconds=0.2)
    transport = LitellmTransport(Timeouts(connect=2, first=20), limits=limits)
    await transport.warm()
    yield transport
    await transport.aclose()


def through_litellm(base_url: str, wanted: Wanted) -> OperationRequest:
    request = wanting(base_url, wanted)
    return replace(request, endpoint=replace(request.endpoint, wire=Wire.LITELLM))


async def test_embeddings_are_the_same_as_direct(
    litellm: LitellmTransport, direct: DirectTransport, sandbox: str
) -> None:
    wanted = EmbeddingRequest(("fast gears", "banana bread"))
    ours = await direct.perform(wanting(sandbox, wanted), KEY)
    theirs = await litellm.perform(through_litellm(sandbox, wanted), KEY)
    assert isinstance(ours.output, Embeddings)
    assert isinstance(theirs.output, Embeddings)
    assert theirs.usage == ours.usage
    for one, other in zip(ours.output.vectors, theirs.output.vectors, strict=True):
        assert other == pytest.approx(one, abs=1e-6)


async def test_pictures_sound_text_and_film(litellm: LitellmTransport, sandbox: str) -> None:
    drawn = await litellm.perform(through_litellm(sandbox, ImageRequest("fox", size="128x64")), KEY)
    assert isinstance(drawn.output, Pictures)
    assert drawn.output.images[0].media_type == "image/png"
    edited = await litellm.perform(through_litellm(sandbox, ImageEditRequest("x", (Media(PNG, "image/png"),))), KEY)
    assert isinstance(edited.output, Pictures)
    spoken = await litellm.perform(through_litellm(sandbox, SpeechRequest("Hello gears")), KEY)
    assert isinstance(spoken.output, Sound)
    heard = await litellm.perform(through_litellm(sandbox, TranscriptionRequest(spoken.output.audio)), KEY)
    assert isinstance(heard.output, Transcript)
    assert heard.output.text == "Hello gears"
    heard_of: list[FilmProgress] = []
    wanted = through_litellm(sandbox, VideoRequest("gears", seconds=1, size="64x64", image=Media(PNG, "image/png")))
    film = await litellm.perform(replace(wanted, told=heard_of.append), KEY)
    assert heard_of[-1] == FilmProgress(100, "1", "64x64")
    assert film.usage is not None
    assert (film.usage.quantity, film.usage.unit) == (Decimal(1), Unit.SECOND)
    assert isinstance(film.output, Film)
    assert film.output.video.media_type == "video/webm"


async def test_what_an_edit_asks_for_goes_on(litellm: LitellmTransport, direct: DirectTransport) -> None:
    wanted = ImageEditRequest("x", (Media(PNG, "image/png"),), size="64x64", background="opaque", fidelity="high")
    seen = []

    async def edit(request: Request) -> Response:
        form = await request.form()
        seen.append({name: value for name, value in form.items() if isinstance(value, str)})
        return JSONResponse({"created": 1, "data": [{"b64_json": base64.b64encode(PNG).decode()}]})

    with serve(Starlette(routes=[Route("/v1/images/edits", edit, methods=["POST"])])) as origin:
        await direct.perform(wanting(f"{origin}/v1", wanted, "gpt-image-1"), KEY)
        through = through_litellm(f"{origin}/v1", wanted)
        await litellm.perform(replace(through, model=Model("openai", "gpt-image-1", "gpt-image-1")), KEY)
    for fields in seen:
        told = {name: fields.get(name) for name in ("model", "size", "background", "input_fidelity", "n")}
        assert told == {
            "model": "gpt-image-1", "size": "64x64", "background": "opaque", "input_fidelity": "high", "n": "1",
        }  # fmt: skip


async def test_ranking_in_coheres_shape(litellm: LitellmTransport) -> None:
    async def rank(_: Request) -> Response:
        scores = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]
        return JSONResponse({"id": "r", "results": scores, "meta": {"billed_units": {"search_units": 1}}})

    with serve(Starlette(routes=[Route("/{path:path}", rank, methods=["POST"])])) as origin:
        endpoint = Endpoint("ep1", "cohere", "Cohere", EndpointKind.PROVIDER, Wire.LITELLM, origin)
        model = Model("cohere", "rerank-v3.5", "rerank-v3.5")
        answer = await litellm.perform(OperationRequest(endpoint, model, RerankRequest("q", ("a", "b"))), KEY)
    assert answer.output == Ranking(((1, 0.9), (0, 0.1)))
    assert answer.usage is not None
    assert answer.usage.quantity == 1


async def test_errors_are_ours(litellm: LitellmTransport, sandbox: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await litellm.perform(through_litellm(sandbox, EmbeddingRequest(("[[fault:401]]",))), KEY)
    assert (caught.value.kind, caught.value.status) == (ErrorKind.AUTH, 401)
    assert KEY not in str(caught.value)


async def test_what_google_does_not_count_is_not_told_as_counted(litellm: LitellmTransport) -> None:
    vectors = JSONResponse({"embeddings": [{"values": [1.0, 0.0]}, {"values": [0.0, 1.0]}]})
    with serve(vectors) as origin:
        asked = through_litellm(origin, EmbeddingRequest(("fast gears", "banana bread")))
        gemini = replace(asked.endpoint, provider="gemini", kind=EndpointKind.PROVIDER)
        model = Model("gemini", "gemini-embedding-001", "gemini-embedding-001")
        answer = await litellm.perform(replace(asked, endpoint=gemini, model=model), KEY)
    assert isinstance(answer.output, Embeddings)
    assert len(answer.output.vectors) == 2
    assert answer.usage is None
