"""Chat and API run on loops of their own, but a person's limits, and what is known of a failing model, are one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from core.chat.live import LiveTurn
from core.errors import RateLimited
from core.providers.circuits import FAILURES, Circuit, CircuitOpen, Circuits
from core.providers.limits import Allowance, Limits
from core.services import Services
from data.values.calls import ErrorKind
from data.values.models import Sampling
from data.values.parts import text_of
from tests.gateway import calls
from tests.v1.conftest import House, running

MODEL = "sandbox/scripted"
SOON = 20.0
BROKEN = "[[fault:malformed]][[words:1]][[pace:instant]]"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path, answers_per_person=1) as house:
        yield house


def chat(services: Services, prompt: str) -> LiveTurn:
    actor = services.actor()
    choice = services.chat.choice(actor, services.preferences.load(actor), picked=MODEL, history=[])
    return services.chat.send(actor, None, prompt, choice)


def ask(client: OpenAI, prompt: str) -> str | None:
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": prompt}])
    words: str | None = answer.choices[0].message.content
    return words


def test_an_answer_in_the_chat_counts_for_the_api(house: House) -> None:
    turn = chat(house.services, "[[pace:slow]][[words:200]]")
    try:
        with pytest.raises(openai.RateLimitError, match="1 answer in progress"):
            ask(house.client(), "[[say:hello]]")
    finally:
        turn.stop()
        assert turn.wait_ended(SOON)
    assert ask(house.client(), "[[say:hello]]") == "hello"


def test_an_answer_of_the_api_counts_for_the_chat(house: House) -> None:
    messages: list[openai.types.chat.ChatCompletionMessageParam] = [
        {"role": "user", "content": "[[pace:slow]][[words:200]]"}
    ]
    with house.client().chat.completions.create(model=MODEL, messages=messages, stream=True) as stream:
        next(iter(stream))
        with pytest.raises(RateLimited, match="1 answer in progress"):
            chat(house.services, "[[say:hello]]")
    until = time.monotonic() + SOON
    while True:  # the server sees a moment later that its reader has gone
        try:
            turn = chat(house.services, "[[say:hello]]")
            break
        except RateLimited:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert turn.wait_ended(SOON)
    assert text_of(turn.parts()) == "hello"


def test_a_circuit_that_the_chat_opened_holds_for_the_api(house: House) -> None:
    actor, reliability = house.services.actor(), house.services.reliability
    while not reliability.status(actor).resting:  # a turn makes several calls
        assert chat(house.services, BROKEN).wait_ended(SOON)
    (resting,) = reliability.status(actor).resting
    assert resting.circuit == Circuit("sandbox", "scripted")
    with pytest.raises(openai.InternalServerError, match=r"failed \d+ times in a row"):
        ask(house.client(), "[[say:hello]]")


def test_a_circuit_that_the_api_opened_holds_for_the_chat(house: House) -> None:
    for _ in range(FAILURES):
        with pytest.raises(openai.APIError):
            ask(house.client(), BROKEN)
    with pytest.raises(CircuitOpen, match=f"failed {FAILURES} times in a row"):
        chat(house.services, "[[say:hello]]")


def test_auto_asks_who_answers_first(house: House) -> None:
    services = house.services
    actor = services.actor()
    services.keys.add_server(actor, "Dead", "http://127.0.0.1:9/v1", None)
    services.preferences.save(actor, default_model="dead/m", fallbacks=(MODEL,))

    def asked() -> list[str]:
        made = services.calls.candidates(actor, "auto", [{"role": "user", "content": "hello"}], Sampling(), {})
        return [candidate.request.model.id for candidate in made]

    dead = next(each for each in services.connections.endpoints(actor) if each.label == "Dead")
    deadline = time.monotonic() + 20
    while services.connection_check.run(actor, dead).kind is not ErrorKind.UNREACHABLE:  # nothing is warm here yet
        assert time.monotonic() < deadline
    assert asked() == [MODEL, "dead/m"]
    raw = house.client().chat.completions.with_raw_response.create(
        model="auto", messages=[{"role": "user", "content": "[[say:I am here]]"}]
    )
    answer = raw.parse()
    assert (answer.model, answer.choices[0].message.content) == (MODEL, "I am here")
    assert raw.headers["x-gearbox-fallback"] == "dead/m; reason=unreachable", "who answers instead is never silent"


def test_many_threads_count_right() -> None:
    limits = Limits(Allowance(answers_per_person=3))
    at_once, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal at_once, most
        for _ in range(300):
            try:
                with limits.answer(calls.intent().actor):
                    with lock:
                        at_once += 1
                        most = max(most, at_once)
                    time.sleep(0)
                    with lock:
                        at_once -= 1
            except RateLimited:
                continue

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 3
    with limits.answer(calls.intent().actor), limits.answer(calls.intent().actor), limits.answer(calls.intent().actor):
        pass  # nothing is left over


def test_one_probe_of_many_threads_gets_through() -> None:
    now = 0.0
    circuits = Circuits(lambda: now, random.Random(1))
    place = Circuit("ep1", "m")
    for _ in range(FAILURES):
        circuits.left(place, "Acme", ErrorKind.PROVIDER, answered=False)
    now = 10.0
    gate = threading.Barrier(8)
    through: list[int] = []

    def work(number: int) -> None:
        gate.wait()
        try:
            circuits.enter(place, "Acme")
            through.append(number)
        except CircuitOpen:
            pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 1
    circuits.left(place, "Acme", None, answered=True)
    assert circuits.states() == []
