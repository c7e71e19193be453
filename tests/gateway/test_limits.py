"""Limits on people and keys, with the books they are held against."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.errors import RateLimited
from core.providers.attempts import Attempts
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from core.providers.limits import Allowance, Limits
from core.providers.precautions import Precautions
from data.store import OwnerId, Store
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus
from data.values.events import AnotherTry, TextDelta
from data.values.models import Wire
from data.values.money import Cost, CostBasis
from tests.conftest import OpenTestStore
from tests.databases import open_store
from tests.gateway import calls
from tests.gateway.scripted import Script, scripted
from tests.gateway.test_attempts import candidates

NOW = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)


def ask(
    limits: Limits, store: Store, scripts: list[Script], *, person: str = "u1", key: str | None = None
) -> Coroutine[Any, Any, list[Any]]:
    async def key_of(*_: object) -> str:
        return "sk-1"

    gateway = Gateway({Wire.OPENAI: DirectTransport()}, key_of)
    attempts = Attempts(gateway, Precautions(limits=limits))
    asked = [
        replace(
            each, intent=replace(each.intent, actor=Actor(person, frozenset()), secret_id=key if not place else None)
        )
        for place, each in enumerate(candidates(scripts))
    ]

    async def answer() -> list[Any]:
        try:
            async with contextlib.aclosing(attempts.stream(asked, StoreBooking(store))) as items:
                return [item async for item in items]
        finally:
            await gateway.aclose()

    return answer()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/gearbox.db", owner=OwnerId.current())
    yield opened
    opened.close()


def limits(store: Store, **allowed: object) -> Limits:
    def spent(since: datetime, person: str | None, key: str | None) -> Decimal:
        return store.calls.spent(since, user_id=person, secret_id=key)

    return Limits(Allowance(**allowed), spent, lambda: NOW)  # type: ignore[arg-type]


async def test_a_person_has_as_many_answers_at_once_as_are_allowed(store: Store) -> None:
    shared = limits(store, answers_per_person=2)
    with scripted(["word " * 100]) as scripts:
        running = [asyncio.ensure_future(ask(shared, store, scripts)) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(RateLimited, match="2 answers in progress") as refused:
            await ask(shared, store, scripts)
        assert "as soon as one of them ends" in refused.value.remedy
        other = asyncio.ensure_future(ask(shared, store, scripts, person="u2"))
        await asyncio.gather(*running, other)
        await ask(shared, store, scripts)
        assert scripts[0].calls == 4


async def test_a_key_that_is_busy_leaves_the_fallback(store: Store) -> None:
    shared = limits(store, calls_per_key=1)
    with scripted(["word " * 100], ["from b"]) as scripts:
        running = asyncio.ensure_future(ask(shared, store, scripts[:1], key="k1"))
        await asyncio.sleep(0.1)
        with pytest.raises(RateLimited, match="The key for Acme A has 1 call in progress"):
            await ask(shared, store, scripts[:1], key="k1")
        items = await ask(shared, store, scripts, key="k1")
        assert isinstance(items[0], AnotherTry) and "as many as are allowed" in items[0].why
        assert "".join(item.text for item in items if isinstance(item, TextDelta)).strip() == "from b"
        await running


def booked(store: Store, dollars: str, at: datetime, *, person: str = "u1", key: str | None = None) -> None:
    intent = replace(calls.intent(person), started_at=at, secret_id=key)
    cost = Cost(Decimal(dollars), CostBasis.PRICED)
    store.calls.intend(intent).result(10)
    store.calls.conclude(intent.id, CallOutcome(CallStatus.OK, 1.0, cost=cost), intent.actor).result(10)


async def test_who_has_spent_the_day_s_money_is_told_when_the_next_begins(store: Store) -> None:
    shared = limits(store, spend_per_person=Decimal("0.30"))
    booked(store, "5.00", NOW.replace(day=1, month=2))
    booked(store, "0.10", NOW.replace(hour=1))
    booked(store, "0.10", NOW.replace(hour=2))
    with scripted(["fine"]) as scripts:
        await ask(shared, store, scripts)
        booked(store, "0.1000000000000000000000001", NOW.replace(hour=3))
        with pytest.raises(RateLimited, match=r"You have spent \$0.30 today") as refused:
            await ask(shared, store, scripts)
        assert "00:00 UTC, in 2 h 30 min" in refused.value.remedy
        assert refused.value.retry_after == 2.5 * 3600
        await ask(shared, store, scripts, person="u2")
        assert scripts[0].calls == 2


async def test_a_key_that_has_paid_enough_leaves_the_fallback(store: Store) -> None:
    shared = limits(store, spend_per_key=Decimal(1))
    booked(store, "1.00", NOW.replace(hour=1), person="somebody", key="k1")
    with scripted(["not asked"], ["from b"]) as scripts:
        await ask(shared, store, scripts, key="k1")
        assert [script.calls for script in scripts] == [0, 1]


def test_money_is_added_up_exactly_in_both_databases(open_test_store: OpenTestStore) -> None:
    store = open_test_store()
    for _ in range(10):
        booked(store, "0.1", NOW, key="k1")
    booked(store, "7", NOW, person="u2")
    assert store.calls.spent(NOW, user_id="u1") == Decimal(1)
    assert store.calls.spent(NOW, secret_id="k1") == Decimal(1)
    assert store.calls.spent(NOW) == Decimal(8)
    assert store.calls.spent(datetime(2026, 3, 2, tzinfo=UTC)) == 0


async def test_without_limits_nobody_reads_the_books() -> None:
    def never(*_: object) -> Decimal:
        raise AssertionError

    intent: CallIntent = calls.intent()
    await Limits(Allowance(answers_per_person=1), never).check(intent, "Acme")
