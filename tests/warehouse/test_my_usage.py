"""The tool that tells people what they spent."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.access.access import Access
from core.errors import AccessRefused, GearboxError
from core.tools.builtin.my_usage import my_usage
from core.tools.tool import ToolContext
from core.usage import UsageService
from data.store import Store
from data.values.actor import Actor, Role
from data.values.parts import TextPart
from data.values.tool_calls import Effect
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import NOW, Clock, book, booked

ANN = Actor("ann", frozenset({Role.MEMBER}))
ROOT = Actor("root", frozenset({Role.ADMIN}))


def _told(usage: UsageService, actor: Actor, **asked: Any) -> dict[str, Any]:
    (part,) = asyncio.run(my_usage(usage).run(asked, ToolContext(actor))).parts
    assert isinstance(part, TextPart)
    found: dict[str, Any] = json.loads(part.text)
    return found


def test_it_tells_the_persons_own_calls_and_nobody_elses(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    rng = random.Random(3)
    people = [rng.choice(["ann", "bob", "root"]) for _ in range(90)]
    calls = [booked(rng, NOW - timedelta(days=20 * rng.random()), who) for who in people]
    book(store, calls)
    assert writer.flush(60)
    usage = UsageService(Access(store), writer, clock)
    for actor in (ANN, ROOT):  # an admin may see everybody's, but asked for their own
        told = _told(usage, actor, period="30d")
        mine = [call for call in calls if call.intent.actor.user_id == actor.user_id]
        assert told["calls"] == len(mine) > 5
        spent = sum((call.outcome.cost.amount or Decimal() for call in mine), Decimal())
        assert [(each["currency"], Decimal(each["amount"])) for each in told["spent"]] == [("USD", spent)]
        assert isinstance(told["spent"][0]["amount"], str), "money is no float"
        assert told["unpriced_calls"] == sum(each["unpriced_calls"] for each in told["models"]) > 0
        local = next(each for each in told["models"] if each["model"] == "local/llama:8b")
        assert local["spent"] == [] and local["unpriced_calls"], "unpriced is not zero"
    assert my_usage(usage).effect is Effect.READS


def test_days_begin_in_the_persons_zone(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    book(store, [booked(random.Random(1), NOW - timedelta(hours=16), "ann")])  # 23:30 UTC the day before
    assert writer.flush(60)
    usage = UsageService(Access(store), writer, clock)
    assert _told(usage, ANN, period="today")["calls"] == 0
    berlin = _told(usage, ANN, period="today", zone="Europe/Berlin")
    assert (berlin["calls"], berlin["first_day"], berlin["last_day"]) == (1, "2026-11-23", "2026-11-23")
    assert _told(usage, ANN)["first_day"] == "2026-11-17"


def test_what_it_refuses(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    usage = UsageService(Access(store), writer, clock)
    with pytest.raises(GearboxError, match="no time zone"):
        _told(usage, ANN, zone="../etc")
    with pytest.raises(GearboxError, match="period"):
        _told(usage, ANN, period="ever")
    with pytest.raises(AccessRefused):
        _told(usage, Actor("ann", frozenset()))
