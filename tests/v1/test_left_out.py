"""What a model refuses, and what programs are told when they get an answer without it; over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.gateway.test_learned import PICTURE, TOOL, Server
from tests.v1.conftest import House
from tests.v1.test_chat import settled

SEEN = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]}]
READ = [{"role": "user", "content": "hello"}]


def ask(house: House, path: str, body: dict[str, Any]) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {house.token}"}
    answer = httpx.post(f"{house.origin}{path}", json=body, headers=bearer, timeout=20, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_an_answer_says_what_was_left_out(house: House, streamed: bool) -> None:
    server = Server(
        {
            "image_url": (400, {"error": {"message": "blind is not a multimodal model"}}),
            "tools": (400, {"error": {"message": "blind does not support tools"}}),
        }
    )
    with server.running() as base_url:
        label = f"Blind {streamed}"
        house.services.keys.add_server(house.services.actor(), label, base_url, None)
        asked = {"model": f"{label.lower().replace(' ', '-')}/m", "stream": streamed, "messages": SEEN, "tools": [TOOL]}
        for times in ("as it is found out", "as it is known"):
            answer = ask(house, "/v1/chat/completions", asked)
            assert answer.headers["x-gearbox-left-out"] == "vision", times
            assert answer.headers["x-gearbox-tools"] == "prompted", "said in words, so not left out"
        nothing = ask(house, "/v1/chat/completions", {**asked, "messages": READ, "tools": None})
    assert "x-gearbox-left-out" not in nothing.headers
    assert len(server.bodies) == 5


def test_the_ai_sdk_s_message_says_what_was_left_out(house: House) -> None:
    server = Server({"image_url": (400, {"error": {"message": "blind is not a multimodal model"}})})
    picture = {"type": "file", "mediaType": "image/png", "url": PICTURE["image_url"]["url"]}  # type: ignore[index]
    parts = [{"type": "text", "text": "What is this?"}, picture]
    with server.running() as base_url:
        house.services.keys.add_server(house.services.actor(), "Blind too", base_url, None)
        asked = {"model": "blind-too/m", "messages": [{"id": "u1", "role": "user", "parts": parts}]}
        for _ in range(2):
            events = ask(house, "/api/chat", asked).text.split("\n\n")[:-2]
            told = [json.loads(event.removeprefix("data: ")) for event in events]
            assert [each["data"] for each in told if each["type"] == "data-left-out"] == [{"features": ["vision"]}]
            assert told[-1]["messageMetadata"]["leftOut"] == ["vision"]


@pytest.mark.parametrize(
    "said",
    [
        {"message": "Your organization must be verified for this.", "param": "stream", "code": "unsupported_value"},
        {"message": "Streaming is not supported by this model."},
    ],
    ids=["in a field", "in words"],
)
def test_one_failed_call_teaches_that_a_server_does_not_stream(house: House, said: dict[str, str]) -> None:
    services = house.services
    actor = services.actor()
    before = len(settled(services.settings.home))
    server = Server({"stream": (400, {"error": said})})
    with server.running() as base_url:
        label = f"Whole {len(said)}"
        services.keys.add_server(actor, label, base_url, None)
        model = f"{label.lower().replace(' ', '-')}/m"
        pieces = [
            chunk.choices[0].delta.content
            for chunk in house.client().chat.completions.create(
                model=model, messages=[{"role": "user", "content": "hello"}], stream=True
            )
            if chunk.choices and chunk.choices[0].delta.content
        ]
        assert pieces == ["fine"]
        again = ask(house, "/v1/chat/completions", {"model": model, "messages": READ})
    assert again.json()["choices"][0]["message"]["content"] == "fine"
    assert "x-gearbox-left-out" not in again.headers, "nothing is missing"
    assert [body["stream"] for body in server.bodies] == [True, False, False]
    assert "stream_options" not in server.bodies[-1]
    assert [call[1] for call in settled(services.settings.home)[before:]] == ["failed", "ok", "ok"]
