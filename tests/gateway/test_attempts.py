"""What is done when a call fails: repeats, other models, an answer begun anew; over real HTTP, into real books."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from core.errors import GearboxError, ProviderError
from core.providers.attempts import Attempts, Candidate
from core.providers.circuits import FAILURES, Circuits
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from core.providers.precautions import Precautions
from core.providers.reply import Timeouts
from data.store import OwnerId, Store
from data.values.calls import ErrorKind
from data.values.events import AnotherTry, AttemptEvent, StreamEnd, TextDelta, TookOver
from data.values.models import Wire
from tests.databases import open_store
from tests.gateway import calls
from tests.gateway.scripted import Script, scripted


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Bench:
    attempts: Attempts
    store: Store
    clock: Clock
    circuits: Circuits

    async def run(self, scripts: Sequence[Script], *, anew: bool = True) -> tuple[str, list[AttemptEvent]]:
        """The text that a reader ends up with, and what happened on the way."""
        text, ended = "", False
        events: list[AttemptEvent] = []
        booking = StoreBooking(self.store)
        async with contextlib.aclosing(self.attempts.stream(candidates(scripts), booking, anew=anew)) as items:
            async for item in items:
                assert not ended, "nothing comes after the end"
                match item:
                    case TextDelta(piece):
                        text += piece
                    case TookOver():
                        text = ""
                        events.append(item)
                    case AnotherTry():
                        events.append(item)
                    case StreamEnd():
                        ended = True
        assert ended
        return text.strip(), events

    def booked(self) -> list[tuple[str, str | None]]:
        with self.store._database.read() as connection:
            rows = connection.exec_driver_sql("SELECT model, status, error_kind FROM calls ORDER BY rowid")
            return [(f"{row.model} {row.status}", row.error_kind) for row in rows]

    def events_in_outbox(self) -> int:
        with self.store._database.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one())


def candidates(scripts: Sequence[Script]) -> list[Candidate]:
    made = []
    for place, script in enumerate(scripts):
        request = calls.request(script.base_url)
        name = "abc"[place]
        request = replace(
            request,
            endpoint=replace(request.endpoint, id=f"ep-{name}", label=f"Acme {name.upper()}"),
            model=replace(request.model, name=name),
        )
        made.append(Candidate(request, replace(calls.intent(), model=name, endpoint_id=f"ep-{name}")))
    return made


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = open_store(f"sqlite:///{tmp_path}/gearbox.db", owner=OwnerId.current())

    async def no_key(*_: object) -> None:
        return None

    transport = DirectTransport(Timeouts(connect=2, first=0.5, between=0.3, finish=0.3, drain=0.1, total=6))
    gateway = Gateway({Wire.OPENAI: transport}, no_key)
    clock = Clock()
    circuits = Circuits(clock, random.Random(1))
    attempts = Attempts(gateway, Precautions(circuits), rng=random.Random(2), sleep=clock.sleep)
    yield Bench(attempts, store, clock, circuits)
    await gateway.aclose()
    store.close()


async def test_a_healthy_call_is_one_call(bench: Bench) -> None:
    with scripted(["all is well"], ["not asked"]) as (first, other):
        assert await bench.run([first, other]) == ("all is well", [])
        assert (first.calls, other.calls) == (1, 0)
    assert bench.booked() == [("a ok", None)]
    assert bench.clock.slept == []


@pytest.mark.parametrize("line", ["500", "503", "429"])
async def test_passing_trouble_is_tried_again_after_a_growing_jittered_pause(bench: Bench, line: str) -> None:
    with scripted([line, line, "there it is"]) as (first,):
        text, events = await bench.run([first])
    assert text == "there it is"
    assert [type(event) for event in events] == [AnotherTry, AnotherTry]
    assert not any(event.is_fallback or event.anew for event in events if isinstance(event, AnotherTry))
    assert [status for status, _ in bench.booked()] == ["a failed", "a failed", "a ok"]
    assert bench.events_in_outbox() == 3
    one, two = bench.clock.slept
    assert 0.25 <= one <= 0.75 and 0.5 <= two <= 1.5


async def test_retry_after_is_honoured_and_never_undercut(bench: Bench) -> None:
    with scripted(["429:7", "there it is"]) as (first,):
        await bench.run([first])
    (wait,) = bench.clock.slept
    assert 7 <= wait <= 9


async def test_a_provider_that_asks_for_too_much_time_is_not_waited_for(bench: Bench) -> None:
    with scripted(["429:3600"]) as (first,), pytest.raises(ProviderError, match="scripted 429"):
        await bench.run([first])
    assert bench.booked() == [("a failed", "rate_limit")]


async def test_beside_another_model_a_long_pause_is_not_waited_for(bench: Bench) -> None:
    with scripted(["429:7"], ["from the other"]) as scripts:
        text, events = await bench.run(scripts)
    assert text == "from the other"
    (event,) = events
    assert isinstance(event, AnotherTry) and event.is_fallback
    assert (event.failed_model, event.model, event.kind) == ("a", "b", ErrorKind.RATE_LIMIT)
    assert "scripted 429" in event.why
    assert bench.clock.slept == []


async def test_fallbacks_answer_in_their_order(bench: Bench) -> None:
    with scripted(["500"], ["401"], ["the third"]) as scripts:
        text, events = await bench.run(scripts)
        assert [script.calls for script in scripts] == [3, 1, 1]
    assert text == "the third"
    assert [event.model for event in events if isinstance(event, AnotherTry)] == ["a", "a", "b", "c"]


async def test_a_bad_request_is_nobody_else_s_to_answer(bench: Bench) -> None:
    with scripted(["400"], ["not asked"]) as (first, other), pytest.raises(ProviderError):
        await bench.run([first, other])
    assert (first.calls, other.calls) == (1, 0)


@pytest.mark.parametrize("line", ["one two!", "one two?", "one two..."])
async def test_a_cut_answer_is_begun_anew_and_takes_its_place_in_one_step(bench: Bench, line: str) -> None:
    with scripted([line, "one two three four five"]) as (first,):
        text, events = await bench.run([first])
    assert text == "one two three four five"
    tried, took = events
    assert isinstance(tried, AnotherTry) and tried.anew and not tried.is_fallback
    assert isinstance(took, TookOver)
    assert [status for status, _ in bench.booked()] == ["a failed", "a ok"]


async def test_what_fails_while_it_is_held_back_is_tried_again_unseen(bench: Bench) -> None:
    with scripted(["one two three!", "one!", "500", "not reached"], ["whole from b"]) as scripts:
        text, events = await bench.run(scripts)
    assert text == "whole from b"
    assert sum(isinstance(event, TookOver) for event in events) == 1
    assert [status for status, _ in bench.booked()] == ["a failed"] * 3 + ["b ok"]


async def test_an_answer_is_begun_anew_once_only(bench: Bench) -> None:
    with scripted(["one!", "one two three!", "not asked"]) as (first,), pytest.raises(ProviderError):
        await bench.run([first])
    assert first.calls == 2


async def test_readers_who_can_t_take_text_back_get_no_new_answer(bench: Bench) -> None:
    with scripted(["one two!", "not asked"]) as (first,), pytest.raises(ProviderError):
        await bench.run([first], anew=False)
    assert first.calls == 1


async def test_a_circuit_opens_is_probed_once_and_closes(bench: Bench) -> None:
    with scripted(["500"] * (FAILURES + 1) + ["back again"]) as (first,):
        for _ in range(2):
            with pytest.raises(ProviderError):
                await bench.run([first])
        assert first.calls == FAILURES, "the last repeat was not made"
        with pytest.raises(GearboxError, match="left alone") as refused:
            await bench.run([first])
        assert "Try again in" in refused.value.remedy
        assert first.calls == FAILURES
        (state,) = bench.circuits.states()
        bench.clock.now += state.rests + 0.1
        with pytest.raises(ProviderError):
            await bench.run([first])
        assert first.calls == FAILURES + 1, "one probe, no repeats"
        bench.clock.now += bench.circuits.states()[0].rests + 0.1
        assert (await bench.run([first]))[0] == "back again"
    assert bench.circuits.states() == []
    assert len(bench.booked()) == FAILURES + 2, "a call that was not made is not booked"


async def test_behind_an_open_circuit_the_fallback_answers_at_once(bench: Bench) -> None:
    with scripted(["500"], ["from the other"]) as scripts:
        for _ in range(2):
            await bench.run(scripts)
        before = scripts[0].calls
        text, events = await bench.run(scripts)
        assert (text, scripts[0].calls) == ("from the other", before)
    (event,) = events
    assert isinstance(event, AnotherTry) and "left alone" in event.why


async def test_of_many_at_once_one_probes(bench: Bench) -> None:
    with scripted(["500"] * FAILURES + ["back again"], ["from the other"]) as scripts:
        for _ in range(2):
            await bench.run(scripts)
        bench.clock.now += bench.circuits.states()[0].rests + 0.1
        texts = [text for text, _ in await asyncio.gather(*(bench.run(scripts) for _ in range(8)))]
    assert sorted(texts) == ["back again"] + ["from the other"] * 7


@pytest.mark.parametrize("line", ["one two...", "500"])
async def test_who_leaves_leaves_nothing_open(bench: Bench, line: str) -> None:
    with scripted([line]) as (first,):
        task = asyncio.create_task(bench.run([first]))
        await asyncio.sleep(0.15)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, GearboxError):
            await task
        assert not [status for status, _ in bench.booked() if "intent" in status]
