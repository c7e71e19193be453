from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from core.sandbox.refusals import MAX_BODY_BYTES
from core.sandbox.script import MAX_WORDS
from core.sandbox.wire import MODELS


def user(*prompts: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for prompt in prompts:
        messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": "…"}]
    return messages[:-1]


def post(client: httpx.Client, messages: object, **more: object) -> httpx.Response:
    return client.post("/chat/completions", json={"model": "scripted", "messages": messages, **more})


def said(client: httpx.Client, *prompts: str) -> str:
    prompts = (*prompts[:-1], prompts[-1] + " [[pace:instant]]")
    answer = post(client, user(*prompts)).json()
    return str(answer["choices"][0]["message"]["content"])


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["content-type"].startswith("text/event-stream")
    *events, done, rest = response.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]


def test_models(client: httpx.Client) -> None:
    answer = client.get("/models").json()
    assert answer["object"] == "list"
    assert [model["id"] for model in answer["data"]] == list(MODELS)


def test_a_stream_has_the_official_shape(client: httpx.Client) -> None:
    options = {"include_usage": True}
    prompt = user("[[pace:instant]][[say:one two  three]]")
    role, *content, finish, usage = chunks(post(client, prompt, stream=True, stream_options=options))
    assert role["choices"] == [
        {
            "index": 0,
            "delta": {"role": "assistant", "content": "", "refusal": None},
            "logprobs": None,
            "finish_reason": None,
        }
    ]
    assert [chunk["choices"][0]["delta"]["content"] for chunk in content] == ["one", " two", "  three"]
    assert finish["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == 3
    everything = [role, *content, finish, usage]
    assert {chunk["object"] for chunk in everything} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in everything}) == 1
    assert all(chunk["model"] == "scripted" and isinstance(chunk["created"], int) for chunk in everything)


def test_usage_comes_only_when_asked_for(client: httpx.Client) -> None:
    assert all("usage" not in chunk for chunk in chunks(post(client, user("[[pace:instant]]"), stream=True)))


def test_the_whole_answer_has_the_official_shape_and_the_streams_text(client: httpx.Client) -> None:
    prompt = user("Show me a table [[pace:instant]]")
    whole = post(client, prompt).json()
    assert whole["object"] == "chat.completion"
    (choice,) = whole["choices"]
    assert (choice["message"]["role"], choice["finish_reason"]) == ("assistant", "stop")
    streamed = chunks(post(client, prompt, stream=True))
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in streamed)
    assert choice["message"]["content"] == text
    assert whole["usage"]["total_tokens"] == whole["usage"]["prompt_tokens"] + whole["usage"]["completion_tokens"]


def test_it_says_what_it_is_and_how_to_get_a_real_model(client: httpx.Client) -> None:
    text = said(client, "What is a planetary gear?")
    assert "I am Gearbox's sandbox: a scripted model" in text
    assert "What is a planetary gear?" in text
    assert "[[" not in text
    assert "provider key" in text


@pytest.mark.parametrize(
    ("prompt", "sign"),
    [
        ("a table please", "|--"),
        ("some python", "```python"),
        ("a list", "\n- "),
        ("the steps", "1. "),
        ("markdown", "## "),
    ],
)
def test_it_shows_what_is_asked_for(client: httpx.Client, prompt: str, sign: str) -> None:
    assert sign in said(client, prompt)
    assert sign not in said(client, "hello")


def test_a_conversation_has_a_memory(client: httpx.Client) -> None:
    prompts = [f"prompt number {number}" for number in range(1, 6)]
    texts = [said(client, *prompts[:turn]) for turn in range(1, 6)]
    for turn, text in enumerate(texts, 1):
        assert f"This is turn {turn} of our conversation" in text
        assert (f"began with “{prompts[0]}”" in text) == (turn > 1)
    assert texts[-1] == said(client, *prompts)


def test_content_as_typed_parts(client: httpx.Client) -> None:
    parts = [{"type": "text", "text": "[[pace:instant]]"}, {"type": "text", "text": "[[say:heard]]"}]
    answer = post(client, [{"role": "user", "content": parts}]).json()
    assert answer["choices"][0]["message"]["content"] == "heard"


def test_words_are_counted_and_bounded(client: httpx.Client) -> None:
    assert len(said(client, "[[words:500]]").split()) == 500
    assert len(said(client, "[[words:999999999999]]").split()) == MAX_WORDS
    assert len(said(client, f"[[say:{'word ' * (MAX_WORDS + 50)}]]").split()) == MAX_WORDS


def test_max_tokens_ends_the_answer(client: httpx.Client) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        answer = post(client, user("[[pace:instant]][[say:one two three]]"), **{name: 2}).json()
        assert answer["choices"][0]["message"]["content"] == "one two"
        assert answer["choices"][0]["finish_reason"] == "length"


def test_the_natural_pace_is_a_readers(client: httpx.Client) -> None:
    body = {"model": "scripted", "messages": user("[[words:50]]"), "stream": True}
    began = time.monotonic()
    first = None
    with client.stream("POST", "/chat/completions", json=body) as response:
        for line in response.iter_lines():
            if '"content":"gears"' in line and first is None:
                first = time.monotonic() - began
    total = time.monotonic() - began
    assert first is not None
    assert first < 0.3
    assert 0.8 < total < 3.0


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("429", 429, "rate_limit_exceeded"), ("500", 500, None), ("401", 401, "invalid_api_key")],
)
def test_faults_with_a_status(client: httpx.Client, fault: str, status: int, code: str | None, stream: bool) -> None:
    response = post(client, user(f"[[fault:{fault}]]"), stream=stream)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert "Sandbox fault" in response.json()["error"]["message"]
    assert response.headers.get("retry-after") == ("2" if status == 429 else None)


def test_fault_stall(client: httpx.Client) -> None:
    body = {"model": "scripted", "messages": user("[[fault:stall]]"), "stream": True}
    with client.stream("POST", "/chat/completions", json=body, timeout=0.5) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            response.read()


def test_fault_cut(client: httpx.Client) -> None:
    body = {"model": "scripted", "messages": user("[[pace:instant]][[fault:cut]][[words:20]]"), "stream": True}
    received = b""
    with client.stream("POST", "/chat/completions", json=body) as response, pytest.raises(httpx.RemoteProtocolError):
        for piece in response.iter_raw():
            received += piece
    assert received.count(b"data: ") == 11
    assert b'finish_reason":"stop' not in received


def test_fault_malformed(client: httpx.Client) -> None:
    response = post(client, user("[[pace:instant]][[fault:malformed]]"), stream=True)
    bad = 0
    for event in response.text.removesuffix("\n\n").split("\n\n")[:-1]:
        try:
            json.loads(event.removeprefix("data: "))
        except ValueError:
            bad += 1
    assert bad == 1


def test_fault_empty(client: httpx.Client) -> None:
    role, finish = chunks(post(client, user("[[fault:empty]]"), stream=True))
    assert role["choices"][0]["delta"]["content"] == ""
    assert finish["choices"][0]["finish_reason"] == "stop"


def test_an_answer_that_is_to_be_empty_calls_no_tool(client: httpx.Client) -> None:
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
    response = post(client, user("[[fault:empty]]"), tools=[tool], tool_choice="required")
    (choice,) = response.json()["choices"]
    assert not choice["message"].get("tool_calls")
    assert not choice["message"]["content"]


def test_directives_of_earlier_turns_are_over(client: httpx.Client) -> None:
    assert "turn 2" in said(client, "[[fault:500]]", "hello")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"model": "scripted"}', 400),
        (b'{"model": "scripted", "messages": []}', 400),
        (b'{"model": "scripted", "messages": ["hi"]}', 400),
        (b'{"model": "other", "messages": [{"role": "user", "content": "hi"}]}', 404),
        (b" " * (MAX_BODY_BYTES + 1), 413),
    ],
)
def test_bad_requests_get_openais_error_json(client: httpx.Client, body: bytes, status: int) -> None:
    response = client.post("/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
