from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from data.store import Store
from data.store.engine import make_engine
from data.store.turns import BeginTurn, BegunTurn
from data.values.actor import Actor
from data.values.calls import CallIntent
from data.values.parts import Part, TextPart
from tests.conftest import OpenTestStore

ANN, BOB = "user-ann", "user-bob"

_ids = itertools.count(1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def engine(store: Store, store_url: str) -> Iterator[Engine]:
    """A second look at the database, past the repositories."""
    looking = make_engine(store_url)
    yield looking
    looking.dispose()


def intent(started_at: datetime, **changes: str) -> CallIntent:
    return CallIntent(
        id=f"call-{next(_ids)}",
        actor=Actor(changes.get("user_id", ANN), frozenset()),
        provider="sandbox",
        model=changes.get("model", "echo"),
        started_at=started_at,
        endpoint_id="endpoint-sandbox",
    )


def begin(
    store: Store,
    clock: Clock,
    prompt: str | None = "Why is the sky blue?",
    conversation_id: str | None = None,
    user_id: str = ANN,
) -> tuple[BegunTurn, CallIntent]:
    """Begin a turn and wait until it is committed."""
    call = intent(clock(), user_id=user_id)
    parts: tuple[Part, ...] | None = None if prompt is None else (TextPart(prompt),)
    begun = store.turns.begin(BeginTurn(user_id, conversation_id, "The sky", parts, call)).result(10)
    return begun, call
