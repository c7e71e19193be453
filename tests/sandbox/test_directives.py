"""Failures and delays on request: of everything, of one kind of content, of one model, once or always."""

from __future__ import annotations

import io
import random
import time
import wave
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from core.sandbox.directives import MAX_DELAY_SECONDS, Failures, Fault, Orders, orders_in, without_directives

Ask = Callable[[httpx.Client, str], httpx.Response]


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    return out.getvalue()


def write(client: httpx.Client, prompt: str) -> httpx.Response:
    messages = [{"role": "user", "content": f"{prompt} [[pace:instant]]"}]
    return client.post("/chat/completions", json={"model": "scripted", "messages": messages})


def chart(client: httpx.Client, prompt: str) -> httpx.Response:
    tool = {"type": "function", "function": {"name": "make_chart", "parameters": {"type": "object", "properties": {}}}}
    messages = [{"role": "user", "content": f"{prompt} [[pace:instant]]"}]
    body = {"model": "scripted", "messages": messages, "tools": [tool], "tool_choice": "required"}
    return client.post("/chat/completions", json=body)


def draw(client: httpx.Client, prompt: str, model: str = "scripted-image") -> httpx.Response:
    return client.post("/images/generations", json={"model": model, "prompt": f"x {prompt}", "size": "64x64"})


def edit(client: httpx.Client, prompt: str) -> httpx.Response:
    form = {"model": "scripted-image", "prompt": f"x {prompt}"}
    return client.post("/images/edits", data=form, files={"image": png()})


def speak(client: httpx.Client, prompt: str) -> httpx.Response:
    body = {"model": "scripted-speech", "input": "hello", "instructions": prompt}
    return client.post("/audio/speech", json=body)


def film(client: httpx.Client, prompt: str) -> httpx.Response:
    body = {"model": "scripted-video", "prompt": f"x {prompt}", "size": "64x64", "seconds": 1}
    return client.post("/videos", json=body)


WAYS: dict[str, Ask] = {"text": write, "chart": chart, "image": draw, "edit": edit, "speech": speak, "video": film}


@pytest.fixture
def word() -> Iterator[str]:
    yield f"w{random.SystemRandom().randrange(10**12)}"


@pytest.mark.parametrize("scope", WAYS)
def test_one_kind_of_content_fails_alone(client: httpx.Client, scope: str) -> None:
    prompt = f"[[{scope}-fault:500]]"
    failed = {name for name, ask in WAYS.items() if ask(client, prompt).status_code == 500}
    assert failed == ({"image", "edit"} if scope == "image" else {scope})


@pytest.mark.parametrize("way", WAYS)
def test_what_fails_once_goes_well_then(client: httpx.Client, way: str, word: str) -> None:
    ask = WAYS[way]
    statuses = [ask(client, f"{word} [[fault-once:500]]").status_code for _ in range(3)]
    assert statuses == [500, 200, 200]
    statuses = [ask(client, f"{word} [[{way}-fault-once:429 2]]").status_code for _ in range(3)]
    assert statuses == [429, 429, 200]
    assert ask(client, f"{word} another [[fault-once:refused]]").status_code == 400


def test_one_model_fails_and_the_other_does_not(client: httpx.Client) -> None:
    prompt = "[[scripted-image-fault:500]]"
    assert draw(client, prompt).status_code == 500
    assert draw(client, prompt, "scripted-image-2").status_code == 200
    assert draw(client, "[[scripted-image-2-fault:500]]").status_code == 200


@pytest.mark.parametrize("way", ["text", "chart", "image", "edit", "speech"])
def test_delays_are_kept(client: httpx.Client, way: str) -> None:
    prompt = f"[[delay:9]][[{way}-delay:0.3]]"
    began = time.monotonic()
    assert WAYS[way](client, prompt).status_code == 200
    assert 0.3 <= time.monotonic() - began < 9


def test_the_job_of_a_film_goes_on_as_long_as_was_ordered(client: httpx.Client) -> None:
    job = film(client, "[[video-delay:30]]").json()
    assert job["progress"] < 50
    assert client.get(f"/videos/{job['id']}").json()["status"] in {"queued", "in_progress"}
    quick = film(client, "[[video-delay:0.01]]").json()["id"]
    states: list[str] = []
    while not states or states[-1] != "completed":
        states.append(client.get(f"/videos/{quick}").json()["status"])
    assert client.get(f"/videos/{quick}/content").status_code == 200


def test_a_job_fails_half_way(client: httpx.Client) -> None:
    job = film(client, "[[video-delay:0.01]][[video-fault:job]]")
    assert job.status_code == 200
    state: dict[str, Any] = {}
    while state.get("status") != "failed":
        state = client.get(f"/videos/{job.json()['id']}").json()
    assert "as requested" in state["error"]["message"]
    assert client.get(f"/videos/{job.json()['id']}/content").status_code == 404


def test_answers_come_broken(client: httpx.Client) -> None:
    assert draw(client, "[[image-fault:empty]]").json()["data"] == []
    assert speak(client, "[[fault:empty]]").content == b""
    with pytest.raises(ValueError, match=r"JSON|char|Expecting|Unterminated"):
        draw(client, "[[image-fault:malformed]]").json()
    half = speak(client, "[[speech-fault:malformed]]").content
    with pytest.raises((wave.Error, EOFError)), wave.open(io.BytesIO(half[:20])) as sound:
        sound.readframes(1)
    assert len(half) < len(speak(client, "").content)
    with pytest.raises(httpx.RemoteProtocolError):
        draw(client, "[[image-fault:cut]]")
    with pytest.raises(httpx.ReadTimeout):
        body = {"model": "scripted-speech", "input": "[[speech-fault:stall]] x"}
        client.post("/audio/speech", json=body, timeout=0.3)


def test_orders_are_read_with_care() -> None:
    assert orders_in("[[delay:1e9]]", ()) == Orders(delay=MAX_DELAY_SECONDS)
    for wrong in ("[[delay:nan]]", "[[delay:-1]]", "[[delay:soon]]", "[[fault:nothing]]", "[[fault-once:]]"):
        assert orders_in(wrong, ()) == Orders()
    assert orders_in("[[fault:500]][[image-fault:429]]", ("image",)) == Orders(Fault.RATE_LIMIT)
    assert orders_in("[[fault:500]][[image-fault:429]]", ("text",)) == Orders(Fault.SERVER)
    assert without_directives("a [[image-fault-once:500 2]]b[[scripted-speech-2-delay:1]] c") == "a b c"


def test_only_so_many_failures_are_remembered() -> None:
    failures, once = Failures(), Orders(Fault.SERVER, 1)
    assert [failures.next(once, "a") for _ in range(2)] == [Fault.SERVER, None]
    for number in range(1_000):
        failures.next(once, str(number))
    assert failures.next(once, "a") is Fault.SERVER
