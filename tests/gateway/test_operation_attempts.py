"""Operations that fail and are made again, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ProviderError, RateLimited
from core.providers.attempts import Attempts
from core.providers.circuits import FAILURES, CircuitOpen
from core.providers.direct_transport import DirectTransport
from core.providers.limits import Allowance, Limits
from core.providers.patience import Patience
from core.providers.precautions import Precautions
from data.store import OwnerId, Store
from data.values.operations import EmbeddingRequest, ImageRequest, Wanted
from data.values.results import OperationResult
from tests.databases import open_store
from tests.gateway.calls import intent
from tests.gateway.server import serve
from tests.gateway.test_operations import Operations, wanting

VECTOR = JSONResponse({"data": [{"index": 0, "embedding": [1.0]}], "usage": {"prompt_tokens": 1}})


class Server:
    """Answers with what it was given, one after another; the last one again and again."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def answer(self, _: Request) -> Response:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def refusal(status: int) -> Response:
    return JSONResponse({"error": {"message": "no"}}, status)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'state.db'}", owner=OwnerId.current())
    opened.users.ensure("u1", "One")
    yield opened
    opened.close()


@pytest_asyncio.fixture
async def house(store: Store) -> AsyncIterator[Operations]:
    direct = DirectTransport()
    yield Operations(store, direct)
    await direct.aclose()


def attempts(house: Operations, allowance: Allowance | None = None) -> Attempts:
    return Attempts(house.gateway, Precautions(limits=Limits(allowance), patience=Patience(first_pause=0.01)))


async def perform(house: Operations, made: Attempts, server: Server, wanted: Wanted) -> OperationResult:
    with serve(Starlette(routes=[Route("/{path:path}", server.answer, methods=["POST"])])) as origin:
        return await made.perform(wanting(origin, wanted), intent(), house.booking)


def statuses(house: Operations) -> list[str]:
    return [str(row.payload["error_kind"] or row.payload["status"]) for row in house.store.outbox.batch(50)]


async def test_trouble_that_passes_is_sat_out_and_every_call_booked(house: Operations) -> None:
    server = Server(refusal(500), refusal(429), VECTOR)
    await perform(house, attempts(house), server, EmbeddingRequest(("x",)))
    assert statuses(house) == ["provider", "rate_limit", "ok"]
    assert len({row.payload["event_id"] for row in house.store.outbox.batch(50)}) == 3


async def test_three_calls_are_all(house: Operations) -> None:
    server = Server(refusal(500))
    with pytest.raises(ProviderError):
        await perform(house, attempts(house), server, EmbeddingRequest(("x",)))
    assert (server.asked, len(statuses(house))) == (3, 3)


@pytest.mark.parametrize(
    ("wanted", "status", "calls"),
    [
        (EmbeddingRequest(("x",)), 400, 1),
        (EmbeddingRequest(("x",)), 401, 1),
        (ImageRequest("x"), 500, 1),
        (ImageRequest("x"), 429, 3),
    ],
    ids=["bad request", "bad key", "a picture that may have been made", "a picture that was refused"],
)
async def test_what_is_not_made_again(house: Operations, wanted: Wanted, status: int, calls: int) -> None:
    server = Server(refusal(status))
    with pytest.raises(ProviderError):
        await perform(house, attempts(house), server, wanted)
    assert server.asked == calls


async def test_what_keeps_failing_is_left_alone(house: Operations) -> None:
    server, made = Server(refusal(500)), attempts(house)
    for _ in range(FAILURES):
        with pytest.raises(ProviderError):
            await perform(house, made, server, ImageRequest("x"))
    with pytest.raises(CircuitOpen):
        await perform(house, made, server, ImageRequest("x"))
    assert (server.asked, len(statuses(house))) == (FAILURES, FAILURES)


async def test_a_person_has_so_many_at_once(house: Operations) -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.5)
        return VECTOR

    made = attempts(house, Allowance(answers_per_person=1))
    with serve(Starlette(routes=[Route("/{path:path}", slow, methods=["POST"])])) as origin:
        request = wanting(origin, EmbeddingRequest(("x",)))
        first = asyncio.ensure_future(made.perform(request, intent(), house.booking))
        await asyncio.sleep(0.1)
        with pytest.raises(RateLimited):
            await made.perform(request, intent(), house.booking)
        await first
    assert statuses(house) == ["ok"]
