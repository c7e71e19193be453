"""OpenAI's own client, unchanged, against `/v1` over real HTTP."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

from core.access.policy import Permission
from core.api.v1.entrance import MAX_BODY_BYTES
from tests.v1.conftest import House

MODEL = "sandbox/scripted"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def says(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def tool(name: str) -> ChatCompletionToolParam:
    parameters: dict[str, object] = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
        "required": ["city", "days"],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": parameters, "strict": True}}


TOOLS = [tool("get_weather"), tool("get_tides")]


def test_models_are_listed_and_found_by_ids_with_slashes(client: OpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids[0] == "auto"
    assert MODEL in ids
    assert client.models.retrieve(MODEL).owned_by == "sandbox"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nobody/never/was")


def test_a_whole_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=says("[[say:one two three]] please"))
    assert answer.choices[0].message.content == "one two three"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == MODEL
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 3


def test_a_streamed_answer_with_usage(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=MODEL,
        messages=says('[[pace:instant]][[say:ein "Wort" und ein Zeichen: é 字]]'),
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == 'ein "Wort" und ein Zeichen: é 字'
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 7
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len({chunk.id for chunk in chunks}) == 1


def test_auto_leaves_the_choice_to_gearbox(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=says("[[say:yes]]"))
    assert raw.parse().model == MODEL
    assert raw.headers["x-gearbox-model"] == MODEL
    assert len(raw.headers["x-request-id"]) == 32


@pytest.mark.parametrize("streamed", [False, True])
def test_tools_one_after_another_and_their_results(client: OpenAI, streamed: bool) -> None:
    asked = says("Call get_weather and get_tides")
    with client.chat.completions.stream(model=MODEL, messages=asked, tools=TOOLS) as stream:
        final = stream.get_final_completion()
    message = final.choices[0].message
    if not streamed:
        whole = client.chat.completions.create(model=MODEL, messages=asked, tools=TOOLS)
        assert whole.choices[0].finish_reason == "tool_calls"
        assert whole.choices[0].message.content is None
        calls: list[Any] = list(whole.choices[0].message.tool_calls or ())
    else:
        assert final.choices[0].finish_reason == "tool_calls"
        calls = list(message.tool_calls or ())
    assert [call.function.name for call in calls] == ["get_weather", "get_tides"]
    assert all(json.loads(call.function.arguments) == {"city": "sandbox", "days": 2} for call in calls)
    results: list[Any] = [
        {"role": "assistant", "tool_calls": [call.model_dump() for call in calls]},
        *({"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in calls),
    ]
    answer = client.chat.completions.create(model=MODEL, messages=[*asked, *results], tools=TOOLS)
    assert "sunny" in (answer.choices[0].message.content or "")


def test_one_tool_at_a_time_and_one_that_is_named(client: OpenAI) -> None:
    asked = says("Call get_weather and get_tides")
    one = client.chat.completions.create(model=MODEL, messages=asked, tools=TOOLS, parallel_tool_calls=False)
    assert len(one.choices[0].message.tool_calls or ()) == 1
    named = client.chat.completions.create(
        model=MODEL,
        messages=says("Anything"),
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": "get_tides"}},
    )
    calls: Any = named.choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["get_tides"]
    none = client.chat.completions.create(model=MODEL, messages=asked, tools=TOOLS, tool_choice="none")
    assert none.choices[0].finish_reason == "stop"


class Step(BaseModel):
    explanation: str
    number: int


class Solution(BaseModel):
    steps: list[Step]
    right: bool


def test_an_answer_by_a_schema(client: OpenAI) -> None:
    parsed = client.chat.completions.parse(model=MODEL, messages=says("Solve it"), response_format=Solution)
    assert isinstance(parsed.choices[0].message.parsed, Solution)


def test_a_picture_arrives(client: OpenAI) -> None:
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert "a PNG of 1 × 1 pixels" in (answer.choices[0].message.content or "")


def test_a_picture_s_address_is_not_passed_to_a_server_in_our_network(client: OpenAI) -> None:
    content: Any = [{"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}}]
    with pytest.raises(openai.BadRequestError, match="data: URL") as refused:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert refused.value.param == "messages.0.content"


def test_stop_and_max_tokens(client: OpenAI) -> None:
    prompt = says("[[say:one two three four]]")
    stopped = client.chat.completions.create(model=MODEL, messages=prompt, stop=["three"])
    assert (stopped.choices[0].message.content or "").strip() == "one two"
    cut = client.chat.completions.create(model=MODEL, messages=prompt, max_completion_tokens=2)
    assert cut.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("extra", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"modalities": ["audio"]}, "modalities"),
        ({"temperature": 9}, "temperature"),
        ({"extra_body": {"api_base": "http://elsewhere.example"}}, "api_base"),
        ({"extra_body": {"sk-proj-abcdefghij0123456789": 1}}, None),
        ({"extra_body": {"messages": []}}, "messages"),
        ({"extra_body": {"tool_choice": "perhaps"}}, "tool_choice"),
        ({"extra_body": {"stop": 5}}, "stop"),
        ({"extra_body": {"messages": [{"role": "user", "content": [{"type": "odd"}]}]}}, "messages.0.content.0.type"),
        ({"extra_body": {"messages": [{"role": "user", "content": [{"text": "x"}]}]}}, "messages.0.content.0.type"),
        ({"extra_body": {"logit_bias": {"sk-proj-abcdefghij0123456789": "x"}}}, "logit_bias"),
        ({"functions": [{"name": "look"}]}, "functions"),
        ({"function_call": "auto"}, "function_call"),
    ],
    ids=[
        "n",
        "logprobs",
        "audio",
        "temperature",
        "unknown",
        "key for a name",
        "empty",
        "choice",
        "stop",
        "part",
        "part without type",
        "key in a field",
        "functions",
        "function_call",
    ],
)
def test_what_can_t_be_done_is_a_bad_request(client: OpenAI, extra: dict[str, Any], param: str | None) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=says("hello"), **extra)
    assert refused.value.param == param
    said = str(refused.value)
    assert not [each for each in ("elsewhere", "sk-proj", "literal", "list[") if each in said]
    if param:
        assert param in said


def test_openai_s_fields_that_mean_nothing_here_are_taken(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=says("[[say:taken]]"),
        prompt_cache_retention="24h",
        audio={"format": "mp3", "voice": "alloy"},
        store=False,
    )
    assert answer.choices[0].message.content == "taken"


def test_errors_are_its_exception_types(house: House, client: OpenAI) -> None:
    def ask(prompt: str, of: OpenAI = client, model: str = MODEL) -> None:
        of.chat.completions.create(model=model, messages=says(prompt))

    with pytest.raises(openai.AuthenticationError):
        ask("hello", house.client("gbx_" + "A" * 43))
    with pytest.raises(openai.NotFoundError):
        ask("hello", model="openai/none")
    _, other = house.services.tokens.create(house.services.actor(), "other", [Permission.MANAGE_OWN_KEYS])
    with pytest.raises(openai.PermissionDeniedError):
        ask("hello", house.client(other))
    with pytest.raises(openai.InternalServerError) as refused:
        ask("[[fault:401]]")
    assert refused.value.status_code == 502, "the caller's own token is in order"
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_an_answer_that_breaks_off_is_an_error_and_not_a_short_answer(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=MODEL, messages=says("[[words:40]][[pace:instant]][[fault:cut]]"), stream=True
    )
    words = 0
    with pytest.raises(openai.APIError):
        for chunk in stream:
            words += bool(chunk.choices and chunk.choices[0].delta.content)
    assert words > 5


def test_a_prompt_of_ten_megabytes_is_refused_at_once(house: House, client: OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(model=MODEL, messages=says("x" * 10_000_000))
    assert refused.value.status_code == 413
    body = b'{"model": "sandbox/scripted", "messages": [{"role": "user", "content": "' + b"x" * 10_000_000 + b'"}]}'
    headers = {"Authorization": f"Bearer {house.token}", "Content-Type": "application/json"}
    times = []
    with httpx.Client(headers=headers, trust_env=False) as plain:
        for _ in range(5):
            began = time.perf_counter()
            answer = plain.post(f"{house.origin}/v1/chat/completions", content=body)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 413
    assert min(times) < 0.1, times
    almost = says("x" * (MAX_BODY_BYTES - 1000))
    assert client.chat.completions.create(model=MODEL, messages=almost).choices, "what is just small enough is answered"


def test_only_a_token_opens_it_and_paths_that_are_not_there_say_so(house: House) -> None:
    with httpx.Client(base_url=house.origin, trust_env=False) as plain:
        assert plain.get("/v1/models").status_code == 401
        for method, path, status in [("GET", "/v1/chat/completions", 405), ("GET", "/v1/never", 404)]:
            answer = plain.request(method, path)
            assert answer.status_code == status
            assert answer.json()["error"]["code"] == "unknown_url"
        headers = {"Authorization": f"Bearer {house.token}"}
        assert plain.post("/v1/chat/completions", content=b"{}", headers=headers).status_code == 400
        allowed = plain.get("/v1/models", headers=headers).headers
        assert allowed["ratelimit-policy"] == '"requests";q=100000;w=60'
        assert int(allowed["x-ratelimit-remaining-requests"]) < 100_000


def calls(home: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(f"file:{home / 'gearbox.db'}?mode=ro", uri=True, timeout=5)) as connection:
        return connection.execute("SELECT id, status, surface FROM calls ORDER BY started_at").fetchall()


def settled(home: Path) -> list[tuple[str, str, str]]:
    for _ in range(200):
        found = calls(home)
        if not [status for _, status, _ in found if status == "intent"]:
            return found
        time.sleep(0.02)
    raise AssertionError("a call stays open")


def test_calls_are_booked_once_as_the_api_s(client: OpenAI, home: Path) -> None:
    before = len(settled(home))
    client.chat.completions.create(model=MODEL, messages=says("[[say:booked]]"))
    assert [call[1:] for call in settled(home)[before:]] == [("ok", "api")]


def test_who_hangs_up_ends_the_provider_s_stream(client: OpenAI, home: Path) -> None:
    before = len(settled(home))
    stream = client.chat.completions.create(model=MODEL, messages=says("[[words:400]][[pace:slow]]"), stream=True)
    next(stream)
    next(stream)
    stream.close()
    began = time.monotonic()
    assert [call[1:] for call in settled(home)[before:]] == [("stopped", "api")]
    assert time.monotonic() - began < 2, "the answer would have taken 100 s"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_sources_are_annotations(client: OpenAI, streamed: bool) -> None:
    cited = "https://one.example/a First | ftp://two.example/ No | https://ann:pw@three.example/ No"
    messages = says(f"[[pace:instant]][[say:yes]][[sources:{cited}]]")
    if streamed:
        chunks = list(client.chat.completions.create(model=MODEL, messages=messages, stream=True))
        found = [each for chunk in chunks for each in getattr(chunk.choices[0].delta, "annotations", None) or ()]
    else:
        message = client.chat.completions.create(model=MODEL, messages=messages).choices[0].message
        assert message.content == "yes"
        found = [each.model_dump() for each in message.annotations or ()]
    place = {"url": "https://one.example/a", "title": "First", "start_index": 0, "end_index": 3}
    assert found == [{"type": "url_citation", "url_citation": place}]
