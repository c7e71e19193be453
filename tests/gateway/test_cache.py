"""The gateway's memory, on a real store and against the sandbox over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.errors import ProviderError
from core.providers.cache import CacheLimits, ResponseCache
from core.providers.caching_gateway import CachingGateway
from core.providers.direct_transport import DirectTransport
from core.providers.request import ModelRequest
from data.store import OwnerId, Store
from data.values.actor import Actor
from data.values.calls import KeyOwner
from data.values.models import Sampling, Wire
from data.values.operations import (
    EmbeddingRequest,
    ImageRequest,
    Media,
    RerankRequest,
    TranscriptionRequest,
    Wanted,
)
from data.values.results import OperationResult
from tests.databases import open_store
from tests.gateway.calls import Answer, collect, intent, request
from tests.gateway.test_gateway import House
from tests.gateway.test_operations import PRICES, wanting

ANN, BEN = Actor("u1", frozenset()), Actor("u2", frozenset())
COLD = Sampling(temperature=0)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class CachingHouse(House):
    def __init__(self, store: Store, direct: DirectTransport, limits: CacheLimits) -> None:
        super().__init__(store, direct)
        self.clock = Clock()
        self.cache = ResponseCache(limits, self.clock)
        self.gateway = CachingGateway(
            self.cache, {Wire.OPENAI: direct}, self._open_key, prices_of=lambda _endpoint, _model: PRICES
        )

    async def perform(self, base_url: str, wanted: Wanted, user_id: str = "u1") -> OperationResult:
        call = replace(intent(user_id), secret_id="s1", key_owner=KeyOwner.USER)
        return await self.gateway.perform(wanting(base_url, wanted), call, self.booking)

    async def ask(self, asked: ModelRequest) -> Answer:
        return await collect(self.gateway.stream(asked, intent(), self.booking))

    def events(self) -> list[dict[str, Any]]:
        return [dict(row.payload) for row in self.store.outbox.batch(100)]

    @property
    def keys_opened(self) -> int:
        return sum(entry.startswith("key") for entry in self.log)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'state.db'}", owner=OwnerId.current())
    for user_id in ("u1", "u2"):
        opened.users.ensure(user_id, user_id)
    yield opened
    opened.close()


@pytest_asyncio.fixture
async def direct() -> AsyncIterator[DirectTransport]:
    transport = DirectTransport()
    yield transport
    await transport.aclose()


@pytest.fixture
def house(store: Store, direct: DirectTransport) -> CachingHouse:
    return CachingHouse(store, direct, CacheLimits())


async def test_the_second_answer_costs_nothing_and_opens_no_key(house: CachingHouse, sandbox: str) -> None:
    wanted = EmbeddingRequest(("fast gears",))
    first = await house.perform(sandbox, wanted)
    again = await house.perform(sandbox, wanted)
    assert (first.cached, again.cached) == (False, True)
    assert replace(again, cached=False) == first
    assert house.keys_opened == 1
    miss, hit = house.events()
    assert (miss["cache"], miss["input_tokens"], miss["saved_amount"]) == ("miss", 2, None)
    assert (hit["cache"], hit["status"], hit["modality"]) == ("hit", "ok", "embedding")
    assert (hit["input_tokens"], hit["key_owner"]) == (None, "none")
    assert (Decimal(hit["cost_amount"]), hit["cost_basis"]) == (Decimal(), "priced")
    assert Decimal(hit["saved_amount"]) == Decimal(miss["cost_amount"]) == Decimal("0.00000004")


async def test_nobody_gets_another_persons_answer(house: CachingHouse, sandbox: str) -> None:
    wanted = EmbeddingRequest(("fast gears",))
    await house.perform(sandbox, wanted)
    assert not (await house.perform(sandbox, wanted, "u2")).cached
    assert (await house.perform(sandbox, wanted, "u2")).cached


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (RerankRequest("gears", ("a", "b")), True),
        (TranscriptionRequest(Media(b"RIFFxxxx", "audio/wav")), True),
        (TranscriptionRequest(Media(b"RIFFxxxx", "audio/wav"), temperature=0.7), False),
        (ImageRequest("a fox", size="64x64"), False),
    ],
    ids=["ranking", "transcript", "warm transcript", "picture"],
)
async def test_only_what_is_the_same_every_time_is_kept(
    house: CachingHouse, sandbox: str, wanted: Wanted, kept: bool
) -> None:
    await house.perform(sandbox, wanted)
    assert (await house.perform(sandbox, wanted)).cached is kept
    assert [event["cache"] for event in house.events()] == (["miss", "hit"] if kept else [None, None])


async def test_a_failure_is_not_kept(house: CachingHouse, sandbox: str) -> None:
    for _ in range(2):
        with pytest.raises(ProviderError):
            await house.perform(sandbox, EmbeddingRequest(("[[fault:500]]",)))
    assert house.keys_opened == 2


async def test_answers_grow_old(house: CachingHouse, sandbox: str) -> None:
    wanted = EmbeddingRequest(("fast gears",))
    await house.perform(sandbox, wanted)
    house.clock.now += CacheLimits().seconds - 1
    assert (await house.perform(sandbox, wanted)).cached
    house.clock.now += 1
    assert not (await house.perform(sandbox, wanted)).cached


async def test_chats_are_kept_only_where_the_operator_says_so(
    store: Store, direct: DirectTransport, sandbox: str
) -> None:
    cold = request(sandbox, "[[pace:instant]] hello", sampling=COLD)
    for chat, hits in ((False, 0), (True, 1)):
        house = CachingHouse(store, direct, CacheLimits(chat=chat))
        first, again = await house.ask(cold), await house.ask(cold)
        assert first == again
        assert first.text
        assert house.keys_opened == 2 - hits
    *_, miss, hit = house.events()
    assert (hit["cache"], hit["cost_basis"], Decimal(hit["saved_amount"])) == (
        "hit",
        "priced",
        Decimal(miss["cost_amount"]),
    )


async def test_a_warm_chat_is_never_kept_and_a_repeatable_one_always(house: CachingHouse, sandbox: str) -> None:
    warm = request(sandbox, "[[pace:instant]] hello", sampling=Sampling(temperature=0.5))
    for asked, calls in ((warm, 2), (replace(warm, repeatable=True), 3)):
        await house.ask(asked)
        await house.ask(asked)
        assert house.keys_opened == calls


async def test_an_answer_that_was_cut_or_left_is_not_kept(store: Store, direct: DirectTransport, sandbox: str) -> None:
    house = CachingHouse(store, direct, CacheLimits(chat=True))
    cut = request(sandbox, "[[pace:instant]][[fault:cut]] hello", sampling=COLD)
    for _ in range(2):
        with pytest.raises(ProviderError):
            await house.ask(cut)
    slow = request(sandbox, "[[pace:slow]] hello", sampling=COLD)
    for _ in range(2):
        async with contextlib.aclosing(house.gateway.stream(slow, intent(), house.booking)) as deltas:
            await anext(deltas)
    assert house.keys_opened == 4


async def test_a_hit_that_is_left_is_booked_as_stopped(store: Store, direct: DirectTransport, sandbox: str) -> None:
    house = CachingHouse(store, direct, CacheLimits(chat=True))
    cold = request(sandbox, "[[pace:instant]] hello", sampling=COLD)
    await house.ask(cold)
    async with contextlib.aclosing(house.gateway.stream(cold, intent(), house.booking)) as deltas:
        await anext(deltas)
    assert [(event["cache"], event["status"]) for event in house.events()] == [("miss", "ok"), ("hit", "stopped")]


def test_what_was_asked_is_the_key() -> None:
    cache = ResponseCache(CacheLimits(chat=True))
    base = wanting("http://one", EmbeddingRequest(("a", "b")))
    others = [
        replace(base, wanted=EmbeddingRequest(("a b",))),
        replace(base, wanted=EmbeddingRequest(("a", "b"), dimensions=8)),
        replace(base, endpoint=replace(base.endpoint, base_url="http://two")),
        replace(base, endpoint=replace(base.endpoint, secret_id="s2")),
        replace(base, model=replace(base.model, name="other")),
    ]
    keys = [cache.key_of(each, ANN) for each in (base, *others)] + [cache.key_of(base, BEN)]
    assert len(set(keys)) == len(keys)
    assert cache.key_of(base, ANN) == keys[0]
    assert ResponseCache(CacheLimits()).key_of(base, ANN) != keys[0]  # the secret is the process's
    chat = request("http://one", "hi", sampling=COLD)
    options = [cache.key_of(replace(chat, options=each), ANN) for each in ({}, {"seed": 1}, {"seed": 2})]
    assert len(set(options)) == 3
    assert ResponseCache(CacheLimits(megabytes=0)).key_of(base, ANN) is None


def test_room_is_made_for_the_newest() -> None:
    cache = ResponseCache(CacheLimits(megabytes=1))
    keys = [bytes([number]) for number in range(12)]
    for key in keys:
        cache.keep(key, "answer", 100_000)
        cache.find(keys[0], str)  # used all the time
    held = [key for key in keys if cache.find(key, str)]
    assert held == [keys[0], *keys[3:]]
    cache.keep(b"large", "answer", 300_000)
    assert cache.find(b"large", str) is None
