from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import GearboxError, KeyExpired, KeyLocked, NotFound, ProviderError, StoreError, VaultError
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from data.store import OwnerId, Store
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import CallIntent, CallOutcome, ErrorKind
from data.values.events import TextDelta
from data.values.models import Endpoint, Wire
from tests.databases import open_store
from tests.gateway.calls import KEY, collect, intent, request
from tests.gateway.server import serve


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'state.db'}", owner=OwnerId.current())
    opened.users.ensure("u1", "One")
    yield opened
    opened.close()


class Journal(StoreBooking):
    """The real booking, which also writes down what happened when."""

    def __init__(self, store: Store, log: list[str]) -> None:
        super().__init__(store)
        self.log = log
        self.outcomes: list[CallOutcome] = []

    async def intend(self, intent: CallIntent) -> Receipt:
        receipt = await super().intend(intent)
        self.log.append("intend")
        return receipt

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        self.log.append("conclude")
        self.outcomes.append(outcome)
        await super().conclude(intent, outcome, error)


class House:
    """A gateway on a real store, and the log of one call."""

    def __init__(self, store: Store, direct: DirectTransport) -> None:
        self.log: list[str] = []
        self.store = store
        self.booking = Journal(store, self.log)
        self.gateway = Gateway({Wire.OPENAI: direct}, self._open_key)
        self.key: Callable[[], str | None] = lambda: KEY

    async def _open_key(self, endpoint: Endpoint, actor: Actor, receipt: Receipt) -> str | None:
        self.log.append(f"key {endpoint.id} {actor.user_id}")
        return self.key()

    def booked(self) -> dict[str, Any]:
        """The one usage event; there must be exactly one."""
        assert self.log.count("conclude") == 1
        (row,) = self.store.outbox.batch(10)
        assert row.kind == "model_call"
        return dict(row.payload)


@pytest.fixture
def house(store: Store, direct: DirectTransport) -> House:
    return House(store, direct)


def talking(log: list[str], words: int, *, pause: float = 0.0, first: float = 0.0, end: bool = True) -> ASGIApp:
    """An upstream that logs when a request came and when its client went."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        log.append("request")
        await asyncio.sleep(first)
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.ensure_future(receive())
        for _ in range(words):
            piece = {"choices": [{"index": 0, "delta": {"content": "word"}}]}
            body = f"data: {json.dumps(piece)}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.wait((gone,), timeout=pause)
            if gone.done():
                log.append("gone")
                return
        gone.cancel()
        tail = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
        await send({"type": "http.response.body", "body": tail if end else b""})

    return app


async def seen(log: list[str], entry: str) -> None:
    """Wait until another thread has written `entry`."""
    async with asyncio.timeout(5):
        while entry not in log:  # noqa: ASYNC110 the server writes it from a thread of its own
            await asyncio.sleep(0.01)


async def test_a_call_is_booked_before_and_after(house: House, sandbox: str) -> None:
    call = intent()
    answer = await collect(house.gateway.stream(request(sandbox, "[[pace:instant]][[say:a b c]]"), call, house.booking))
    assert (answer.text, answer.end) == ("a b c", "stop")
    event = house.booked()
    assert event["event_id"] == call.id
    assert (event["status"], event["error_kind"], event["stopped"]) == ("ok", None, False)
    assert (event["input_tokens"], event["output_tokens"], event["tokens_estimated"]) == (3, 3, False)
    assert (event["cost_basis"], float(event["cost_amount"]), event["price_version"]) == ("priced", 36e-6, "list-1")
    assert 0 < event["ttft_ms"] <= event["latency_ms"] < 5_000


async def test_the_order_is_intend_key_request_conclude(house: House) -> None:
    with serve(talking(house.log, 3)) as origin:
        await collect(house.gateway.stream(request(origin), intent(), house.booking))
    assert house.log == ["intend", "key ep1 u1", "request", "conclude"]


async def test_without_the_providers_usage_it_is_estimated(house: House) -> None:
    with serve(talking(house.log, 10)) as origin:
        await collect(house.gateway.stream(request(origin, "x" * 8), intent(), house.booking))
    event = house.booked()
    assert (event["input_tokens"], event["output_tokens"], event["tokens_estimated"]) == (2, 10, True)
    assert event["cost_basis"] == "estimated"


async def test_time_to_first_token_leaves_nothing_out(house: House) -> None:
    class SlowStart(Journal):
        async def intend(self, intent: CallIntent) -> Receipt:
            await asyncio.sleep(0.2)
            return await super().intend(intent)

    house.booking = SlowStart(house.store, house.log)
    with serve(talking(house.log, 4, first=0.15, pause=0.1)) as origin:
        await collect(house.gateway.stream(request(origin), intent(), house.booking))
    (outcome,) = house.booking.outcomes
    assert outcome.ttft_ms is not None
    assert 350 <= outcome.ttft_ms < 650
    assert outcome.latency_ms >= outcome.ttft_ms + 280


@pytest.mark.parametrize(
    ("prompt", "kind", "output"),
    [
        ("[[fault:401]]", ErrorKind.AUTH, None),
        ("[[fault:429]]", ErrorKind.RATE_LIMIT, None),
        ("[[fault:500]]", ErrorKind.PROVIDER, None),
        ("[[fault:stall]]", ErrorKind.TIMEOUT, None),
        ("[[pace:instant]][[words:20]][[fault:cut]]", ErrorKind.STREAM_CUT, 10),
        ("[[pace:instant]][[words:20]][[fault:malformed]]", ErrorKind.BAD_RESPONSE, 10),
    ],
)
async def test_every_fault_is_booked_once_and_raised(
    house: House, sandbox: str, prompt: str, kind: ErrorKind, output: int | None
) -> None:
    with pytest.raises(ProviderError) as caught:
        async for _ in house.gateway.stream(request(sandbox, prompt), intent(), house.booking):
            pass
    assert caught.value.kind is kind
    assert house.log[-1] == "conclude", "before the error was raised"
    event = house.booked()
    assert (event["status"], event["error_kind"], event["stopped"]) == ("failed", kind.value, False)
    assert (event["output_tokens"] is None) == (output is None)
    assert (event["ttft_ms"] is None) == (output is None)
    if output is not None:
        assert event["tokens_estimated"] is True


async def test_an_empty_answer_is_an_answer(house: House, sandbox: str) -> None:
    answer = await collect(house.gateway.stream(request(sandbox, "[[fault:empty]]"), intent(), house.booking))
    assert (answer.text, answer.end) == ("", "stop")
    assert (house.booked()["status"], house.booked()["ttft_ms"]) == ("ok", None)


async def test_closing_the_stream_books_it_as_stopped_and_hangs_up(house: House) -> None:
    with serve(talking(house.log, 500, pause=0.02)) as origin:
        async with contextlib.aclosing(house.gateway.stream(request(origin), intent(), house.booking)) as deltas:
            assert await anext(deltas) == TextDelta("word")
            assert await anext(deltas) == TextDelta("word")
        assert "conclude" in house.log
        await seen(house.log, "gone")
    event = house.booked()
    assert (event["status"], event["stopped"], event["tokens_estimated"]) == ("stopped", True, True)
    assert event["output_tokens"] == 2


@pytest.mark.parametrize("wait", [0.0, 0.002, 0.01, 0.05, 0.3])
async def test_a_cancelled_call_is_booked_once_wherever_it_was(house: House, wait: float) -> None:
    with serve(talking(house.log, 500, pause=0.05, first=0.1)) as origin:
        task = asyncio.ensure_future(collect(house.gateway.stream(request(origin), intent(), house.booking)))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if wait > 0.2:
            await seen(house.log, "gone")
    assert house.booked()["status"] == "stopped"


async def test_a_second_cancellation_does_not_lose_the_outcome(house: House) -> None:
    class SlowEnd(Journal):
        async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
            await asyncio.sleep(0.2)
            await super().conclude(intent, outcome, error)

    house.booking = SlowEnd(house.store, house.log)
    with serve(talking(house.log, 500, pause=0.05)) as origin:
        task = asyncio.ensure_future(collect(house.gateway.stream(request(origin), intent(), house.booking)))
        await seen(house.log, "request")
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.05)
        with pytest.raises(asyncio.CancelledError):
            await task
    assert house.booked()["status"] == "stopped"


async def test_an_intent_that_committed_during_a_cancellation_is_concluded(house: House) -> None:
    class SlowIntent(Journal):
        async def intend(self, intent: CallIntent) -> Receipt:
            self.log.append("intending")
            await asyncio.sleep(0.1)
            return await super().intend(intent)

    house.booking = SlowIntent(house.store, house.log)
    with serve(talking(house.log, 1)) as origin:
        task = asyncio.ensure_future(collect(house.gateway.stream(request(origin), intent(), house.booking)))
        await seen(house.log, "intending")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert house.log == ["intending", "intend", "conclude"]
    event = house.booked()
    assert (event["status"], event["input_tokens"]) == ("stopped", None)


async def test_a_failed_intent_sends_and_concludes_nothing(house: House) -> None:
    class NoSpace(Journal):
        async def intend(self, intent: CallIntent) -> Receipt:
            raise StoreError("The disk is full.")

    house.booking = NoSpace(house.store, house.log)
    with serve(talking(house.log, 1)) as origin, pytest.raises(StoreError, match="disk is full"):
        await collect(house.gateway.stream(request(origin), intent(), house.booking))
    assert house.log == []
    assert house.store.outbox.batch(10) == []


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (KeyExpired("It expired."), "key_expired"),
        (KeyLocked("It is locked."), "key_locked"),
        (VaultError("It was revoked."), "key_unusable"),
        (NotFound("It is gone."), "key_unusable"),
        (StoreError("The disk is full."), "internal"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_key_that_does_not_open_sends_nothing_and_is_booked(
    house: House, refusal: GearboxError, kind: str
) -> None:
    def refuse() -> str:
        raise refusal

    house.key = refuse
    with serve(talking(house.log, 1)) as origin, pytest.raises(type(refusal), match=str(refusal)):
        await collect(house.gateway.stream(request(origin), intent(), house.booking))
    assert house.log == ["intend", "key ep1 u1", "conclude"]
    event = house.booked()
    assert (event["status"], event["error_kind"], event["input_tokens"]) == ("failed", kind, None)


async def test_stopping_at_the_very_end_is_no_stop(house: House) -> None:
    with serve(talking(house.log, 1)) as origin:
        async with contextlib.aclosing(house.gateway.stream(request(origin), intent(), house.booking)) as deltas:
            await anext(deltas)
            await anext(deltas)
    assert house.booked()["status"] == "ok"


async def test_parallel_calls_are_booked_each_to_its_own(house: House, sandbox: str) -> None:
    calls = [intent() for _ in range(20)]
    prompts = [f"[[pace:instant]][[words:{count}]]" for count in range(1, 21)]
    await asyncio.gather(
        *(
            collect(house.gateway.stream(request(sandbox, prompt), call, house.booking))
            for prompt, call in zip(prompts, calls, strict=True)
        )
    )
    rows = house.store.outbox.batch(100)
    assert {row.payload["event_id"]: row.payload["output_tokens"] for row in rows} == {
        call.id: count for count, call in enumerate(calls, 1)
    }
    assert len(rows) == 20


async def test_the_key_reaches_the_provider_and_nothing_that_is_kept(house: House) -> None:
    seen_keys: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        seen_keys.append(headers[b"authorization"].decode())
        response: Response = JSONResponse({"error": {"message": f"wrong key {KEY}"}}, 401)
        await response(scope, receive, send)

    with serve(app) as origin, pytest.raises(ProviderError) as caught:
        await collect(house.gateway.stream(request(origin), intent(), house.booking))
    assert seen_keys == [f"Bearer {KEY}"]
    assert KEY[:8] not in f"{caught.value!r} {caught.value.explain()} {house.booked()} {house.booking.outcomes}"
