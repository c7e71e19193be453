"""Operations through the gateway, against the sandbox over HTTP, booked in a real store."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import math
import wave
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core.errors import NotFound, ProviderError
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway
from core.providers.operation_limits import OperationLimits
from core.providers.reply import Timeouts
from data.store import OwnerId, Store
from data.values.calls import ErrorKind, Unit
from data.values.models import Model, Wire
from data.values.money import CostBasis
from data.values.operations import (
    EmbeddingRequest,
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
from data.values.registry import Prices
from data.values.results import Embeddings, Film, OperationResult, Pictures, Ranking, Sound, Transcript
from tests.databases import open_store
from tests.gateway.calls import KEY, endpoint, intent
from tests.gateway.server import serve
from tests.gateway.test_gateway import House

PRICES = Prices(
    "list-1", None, input_token=Decimal("0.00000002"), output_token=Decimal(0), image=Decimal("0.04"),
    input_second=Decimal("0.0001"), input_character=Decimal("0.000015"), query=Decimal("0.002"),
)  # fmt: skip
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def wanting(base_url: str, wanted: Wanted, model: str = "") -> OperationRequest:
    name = model or f"scripted-{wanted.kind.value.removesuffix('_edit')}"
    return OperationRequest(endpoint(base_url), Model("openai", name, name), wanted)


class Operations(House):
    """A gateway that knows prices."""

    def __init__(self, store: Store, direct: DirectTransport) -> None:
        super().__init__(store, direct)
        self.gateway = Gateway({Wire.OPENAI: direct}, self._open_key, prices_of=lambda _endpoint, _model: PRICES)

    async def perform(self, base_url: str, wanted: Wanted, model: str = "") -> OperationResult:
        return await self.gateway.perform(wanting(base_url, wanted, model), intent(), self.booking)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'state.db'}", owner=OwnerId.current())
    opened.users.ensure("u1", "One")
    yield opened
    opened.close()


@pytest.fixture
async def house(store: Store) -> Any:
    limits = OperationLimits(dict.fromkeys(OperationKind, 20.0), poll_seconds=0.1)
    direct = DirectTransport(limits=limits)
    yield Operations(store, direct)
    await direct.aclose()


async def test_embeddings(house: Operations, sandbox: str) -> None:
    result = await house.perform(sandbox, EmbeddingRequest(("fast gears", "gears are fast", "banana bread", (1, 2))))
    assert isinstance(result.output, Embeddings)
    first, second, third, _ = result.output.vectors
    assert len(first) == 64
    assert math.isclose(sum(value * value for value in first), 1, abs_tol=1e-5)
    near, far = (sum(a * b for a, b in zip(first, other, strict=True)) for other in (second, third))
    assert near > far + 0.4
    event = house.booked()
    assert house.log == ["intend", "key ep1 u1", "conclude"]
    assert (event["modality"], event["status"], event["input_tokens"], event["output_tokens"]) == (
        "embedding",
        "ok",
        9,
        0,
    )
    assert (Decimal(event["cost_amount"]), event["cost_basis"]) == (Decimal("0.00000018"), "priced")


async def test_an_embedding_is_the_same_every_time_and_as_long_as_wanted(house: Operations, sandbox: str) -> None:
    one = await house.perform(sandbox, EmbeddingRequest(("same",), dimensions=10))
    two = await house.perform(sandbox, EmbeddingRequest(("same",), dimensions=10))
    assert isinstance(one.output, Embeddings)
    assert one.output == two.output
    assert len(one.output.vectors[0]) == 10


async def test_pictures_are_drawn(house: Operations, sandbox: str) -> None:
    result = await house.perform(sandbox, ImageRequest("a fox", count=2, size="256x128"))
    assert isinstance(result.output, Pictures)
    assert [image.media_type for image in result.output.images] == ["image/png"] * 2
    assert [Image.open(io.BytesIO(image.data)).size for image in result.output.images] == [(256, 128)] * 2
    assert result.output.images[0] != result.output.images[1]
    assert (result.usage.quantity, result.usage.unit) == (Decimal(2), Unit.IMAGE)
    assert (result.cost.amount, result.cost.basis) == (Decimal("0.08"), CostBasis.PRICED)
    event = house.booked()
    assert (event["quantity"], event["unit"], Decimal(event["cost_amount"])) == ("2", "image", Decimal("0.08"))


async def test_a_picture_is_edited(house: Operations, sandbox: str) -> None:
    wanted = ImageEditRequest("bluer", (Media(PNG, "image/png"),), mask=Media(PNG, "image/png"), size="64x64")
    result = await house.perform(sandbox, wanted)
    assert isinstance(result.output, Pictures)
    assert Image.open(io.BytesIO(result.output.images[0].data)).size == (64, 64)
    assert house.booked()["modality"] == "image_edit"


async def test_speech_is_heard_again(house: Operations, sandbox: str) -> None:
    spoken = await house.perform(sandbox, SpeechRequest("Hello, gears: grüße!"))
    assert isinstance(spoken.output, Sound)
    assert spoken.output.audio.media_type == "audio/wav"
    with wave.open(io.BytesIO(spoken.output.audio.data)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert seconds > 0.5
    assert spoken.cost.amount == Decimal("0.000015") * 20
    heard = await house.perform(sandbox, TranscriptionRequest(spoken.output.audio, timestamps=True))
    assert isinstance(heard.output, Transcript)
    assert (heard.output.text, heard.output.seconds) == ("Hello, gears: grüße!", round(seconds, 3))
    assert [segment.end for segment in heard.output.segments] == [round(seconds, 3)]
    assert (heard.usage.quantity, heard.usage.unit) == (Decimal(str(round(seconds, 3))), Unit.SECOND)
    assert heard.cost.amount == Decimal("0.0001") * Decimal(str(round(seconds, 3)))
    assert heard.cost.basis is CostBasis.PRICED


async def test_documents_are_ranked(house: Operations, sandbox: str) -> None:
    documents = ("banana bread", "how fast gears turn", "gears")
    result = await house.perform(sandbox, RerankRequest("how fast do gears turn", documents, top=2))
    assert isinstance(result.output, Ranking)
    assert [place for place, _ in result.output.scores] == [1, 2]
    assert (result.usage.unit, result.cost.amount) == (Unit.QUERY, Decimal("0.002"))


async def test_a_video_is_a_job_that_ends_in_a_film(house: Operations, sandbox: str) -> None:
    result = await house.perform(sandbox, VideoRequest("gears turn", seconds=1, size="160x90"))
    assert isinstance(result.output, Film)
    assert result.output.video.media_type == "video/webm"
    assert result.output.video.data.count(b"V_VP8") == 1
    assert house.log == ["intend", "key ep1 u1", "conclude"]
    assert (house.booked()["modality"], house.booked()["task"]) == ("video", "video")


async def test_a_video_job_of_json_and_one_that_is_unknown(house: Operations, sandbox: str) -> None:
    with pytest.raises(ProviderError, match="one model for this") as caught:
        await house.perform(sandbox, VideoRequest("gears turn"), "sora")
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize(
    ("fault", "kind"), [("429", ErrorKind.RATE_LIMIT), ("500", ErrorKind.PROVIDER), ("401", ErrorKind.AUTH)]
)
async def test_a_refusal_is_booked_and_costs_nothing(
    house: Operations, sandbox: str, fault: str, kind: ErrorKind
) -> None:
    with pytest.raises(ProviderError) as caught:
        await house.perform(sandbox, EmbeddingRequest((f"[[fault:{fault}]]",)))
    assert caught.value.kind is kind
    event = house.booked()
    assert (event["status"], event["error_kind"], event["cost_basis"]) == ("failed", kind.value, "unpriced")
    assert (event["input_tokens"], event["quantity"]) == (None, None)


async def test_without_a_key_nothing_is_sent_and_the_failure_is_booked(house: Operations, sandbox: str) -> None:
    def gone() -> str | None:
        raise NotFound("The key is gone.")

    house.key = gone
    with pytest.raises(NotFound):
        await house.perform(sandbox, EmbeddingRequest(("x",)))
    assert house.booked()["error_kind"] == "key_unusable"


def answering(answer: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


async def test_who_hangs_up_is_booked_as_stopped_with_an_estimate(house: Operations) -> None:
    async def never(_: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    with serve(answering(never)) as origin:
        work = asyncio.ensure_future(house.perform(origin, EmbeddingRequest(("twelve chars",))))
        await asyncio.sleep(0.3)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    event = house.booked()
    assert (event["status"], event["stopped"], event["input_tokens"]) == ("stopped", True, 3)
    assert (event["tokens_estimated"], event["cost_basis"]) == (True, "estimated")


async def reply_to(house: Operations, wanted: Wanted, response: Response, seen: list[Any] | None = None) -> Any:
    async def answer(request: Request) -> Response:
        if seen is not None:
            seen.append((request.url.path, request.headers, await request.body()))
        return response

    with serve(answering(answer)) as origin:
        return (await house.perform(origin, wanted, "m")).output


async def test_the_requests_are_openais(house: Operations) -> None:
    seen: list[Any] = []
    ok = JSONResponse({"data": [{"b64_json": base64.b64encode(PNG).decode(), "revised_prompt": "A fox"}]})
    pictures = await reply_to(house, ImageRequest("fox", size="64x64", style="vivid", moderation="low"), ok, seen)
    assert pictures == Pictures((Media(PNG, "image/png"),), "A fox")
    (path, headers, body) = seen.pop()
    assert (path, headers["authorization"]) == ("/images/generations", f"Bearer {KEY}")
    fields = {"model": "m", "prompt": "fox", "n": 1, "size": "64x64", "response_format": "b64_json"}
    fields |= {"style": "vivid", "moderation": "low"}
    assert json.loads(body) == fields
    await reply_to(house, TranscriptionRequest(Media(b"ID3x", "audio/mpeg")), JSONResponse({"text": "x"}), seen)
    (path, _, body) = seen.pop()
    assert path == "/audio/transcriptions"
    assert b'filename="audio.mp3"' in body
    assert b"ID3x" in body


async def test_vectors_as_base64(house: Operations) -> None:
    import struct

    encoded = base64.b64encode(struct.pack("<2f", 0.5, -1)).decode()
    rows = [{"index": 1, "embedding": [1, 2]}, {"index": 0, "embedding": encoded}]
    output = await reply_to(house, EmbeddingRequest(("a", "b")), JSONResponse({"data": rows}))
    assert output == Embeddings(((0.5, -1.0), (1.0, 2.0)))
    assert house.booked()["tokens_estimated"] is True


ONE = EmbeddingRequest(("a",))
BAD = [
    ("not json", ONE, Response(b"<html>", media_type="text/html")),
    ("no vector", ONE, JSONResponse({"data": []})),
    ("an error in a 200", ONE, JSONResponse({"error": {"message": "x"}})),
    ("another place", ONE, JSONResponse({"data": [{"index": 3, "embedding": [1]}]})),
    ("words for numbers", ONE, JSONResponse({"data": [{"index": 0, "embedding": ["x"]}]})),
    ("a list", ONE, JSONResponse([1])),
    ("a link for a picture", ImageRequest("x"), JSONResponse({"data": [{"url": "http://10.0.0.1/x.png"}]})),
    ("text as a picture", ImageRequest("x"), JSONResponse({"data": [{"b64_json": "aGVsbG8="}]})),
    ("json for speech", SpeechRequest("x"), JSONResponse({"error": "x"})),
    ("nothing for speech", SpeechRequest("x"), Response(b"", media_type="audio/mpeg")),
    ("a page for speech", SpeechRequest("x"), Response(b"<html>", media_type="text/html")),
    ("no text", TranscriptionRequest(Media(b"x", "audio/mpeg")), JSONResponse({"text": None})),
    ("a stranger's score", RerankRequest("x", ("a",)), JSONResponse({"results": [{"index": 5, "relevance_score": 1}]})),
    ("no job", VideoRequest("x"), JSONResponse({"status": "completed"})),
]


@pytest.mark.parametrize(("wanted", "response"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_what_was_not_asked_for_is_refused(house: Operations, wanted: Wanted, response: Response) -> None:
    with pytest.raises(ProviderError) as caught:
        await reply_to(house, wanted, response)
    assert caught.value.kind is ErrorKind.BAD_RESPONSE
    assert house.booked()["error_kind"] == "bad_response"


async def test_a_job_that_fails_says_why(house: Operations) -> None:
    job = {"id": "../x", "status": "failed", "error": {"message": "too violent"}}
    with pytest.raises(ProviderError, match="too violent") as caught:
        await reply_to(house, VideoRequest("x"), JSONResponse(job))
    assert caught.value.kind is ErrorKind.PROVIDER


async def test_a_running_job_is_not_lost_by_a_question_that_fails(house: Operations) -> None:
    """It goes on and costs: what is asked again is how it is, never for another one."""
    done = JSONResponse({"id": "v", "status": "completed"})
    replies: dict[str, list[Response]] = {
        "POST /videos": [JSONResponse({"id": "v", "status": "queued"})],
        "GET /videos/v": [JSONResponse({}, 500), JSONResponse({}, 429), JSONResponse({}, 503), done],
        "GET /videos/v/content": [JSONResponse({}, 502), Response(b"GIF89a...", media_type="image/gif")],
    }

    async def answer(request: Request) -> Response:
        return replies[f"{request.method} {request.url.path}"].pop(0)

    with serve(answering(answer)) as origin:
        film = (await house.perform(origin, VideoRequest("x"), "m")).output
    assert isinstance(film, Film)
    assert film.video.data == b"GIF89a..."
    assert not any(replies.values()), "each was asked for, and the job once"
    assert house.log.count("intend") == 1


async def test_an_answer_without_end_is_cut_off(store: Store) -> None:
    limits = OperationLimits(dict.fromkeys(OperationKind, 20.0), dict.fromkeys(OperationKind, 1000))
    house = Operations(store, DirectTransport(limits=limits))
    with pytest.raises(ProviderError, match="more than"):
        await reply_to(house, SpeechRequest("x"), Response(b"RIFF" * 1000, media_type="audio/wav"))
    await house.gateway.aclose()


async def test_an_operation_has_a_deadline(store: Store) -> None:
    house = Operations(
        store, DirectTransport(limits=OperationLimits(dict.fromkeys(OperationKind, 0.4), poll_seconds=0.1))
    )
    with pytest.raises(ProviderError, match=r"within 0\.4 seconds") as caught:
        await reply_to(house, VideoRequest("x"), JSONResponse({"id": "v", "status": "queued"}))
    assert caught.value.kind is ErrorKind.TIMEOUT
    await house.gateway.aclose()


async def test_a_server_that_refuses_response_format_is_asked_without(house: Operations) -> None:
    async def answer(request: Request) -> Response:
        if "response_format" in await request.json():
            return JSONResponse({"error": {"message": "Unknown parameter: 'response_format'."}}, 400)
        return JSONResponse({"data": [{"b64_json": base64.b64encode(PNG).decode()}]})

    with serve(answering(answer)) as origin:
        result = await house.perform(origin, ImageRequest("x"), "m")
    assert isinstance(result.output, Pictures)
    assert house.booked()["status"] == "ok"


async def test_a_slow_first_byte_has_the_whole_operations_time(store: Store) -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.6)
        return JSONResponse({"text": "late"})

    house = Operations(store, DirectTransport(Timeouts(first=0.2)))
    with serve(answering(slow)) as origin:
        result = await house.perform(origin, TranscriptionRequest(Media(b"x", "audio/mpeg")), "m")
    assert result.output == Transcript("late")
    await house.gateway.aclose()
