"""A model that refuses a part of a request: one failed call, then answers without it; over real HTTP, on real books."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ProviderError
from core.providers.attempts import Attempts, Candidate
from core.providers.direct_transport import DirectTransport
from core.providers.features import PICTURE_WAS_HERE, SOUND_WAS_HERE, Feature, refuted, without
from core.providers.gateway import Gateway, StoreBooking
from core.providers.learned import KEPT_FOR, Learned
from core.providers.precautions import Precautions
from core.providers.request import ModelRequest
from data.store import OwnerId, Store
from data.values.calls import ErrorKind
from data.values.events import AnotherTry, TextDelta
from data.values.models import Sampling, Wire
from tests.databases import open_store
from tests.gateway import calls
from tests.gateway.server import serve

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def full(base_url: str = "http://127.0.0.1:9/v1") -> ModelRequest:
    """A request that carries everything that can be refused."""
    asked = calls.request(base_url, sampling=Sampling(temperature=0.2, top_p=0.9, max_tokens=50))
    options = {
        "tools": [TOOL],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}},
    }
    content: list[dict[str, Any]] = [{"type": "text", "text": "Where is this?"}, PICTURE]
    return replace(asked, messages=({"role": "user", "content": content},), options=options)


# In the words of: Ollama, vLLM, OpenRouter, Groq, OpenAI, Mistral (its 422 names the field in `loc`), llama.cpp.
WORDS = [
    ("registry.ollama.ai/library/gemma:2b does not support tools", Feature.TOOLS),
    ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', Feature.TOOLS),
    ("No endpoints found that support tool use. To learn more about provider routing, visit", Feature.TOOLS),
    ("`tool calling` is not supported with this model", Feature.TOOLS),
    ("property 'parallel_tool_calls' is unsupported", Feature.PARALLEL_TOOLS),
    ("body.parallel_tool_calls: Extra inputs are not permitted", Feature.PARALLEL_TOOLS),
    ("This model does not support response format `json_schema`.", Feature.STRUCTURED_OUTPUT),
    ("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
     Feature.STRUCTURED_OUTPUT),
    ("my/model is not a multimodal model", Feature.VISION),
    ("At most 0 image(s) may be provided in one request.", Feature.VISION),
    ("messages[0].content must be a string", Feature.VISION),
    ("image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", Feature.VISION),
    ("No endpoints found that support image input", Feature.VISION),
    ("Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
     Feature.TEMPERATURE),
    ("Unsupported parameter: 'top_p' is not supported with this model.", Feature.TOP_P),
    ("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
     Feature.MAX_TOKENS),
    ("Unrecognized request argument supplied: reasoning_effort", Feature.REASONING_EFFORT),
    ('"qwen2.5:7b" does not support thinking', Feature.REASONING_EFFORT),
    ("Your organization must be verified to stream this model.", Feature.STREAMING),
    ("Unsupported: 'stream'. Ask for the answer as a whole.", Feature.STREAMING),
    ("Unknown parameter: stream_options", Feature.STREAM_USAGE),
    ("body.stream_options: Extra inputs are not permitted", Feature.STREAM_USAGE),
    ("stream_options is only for the paid tier", Feature.STREAM_USAGE),
]  # fmt: skip


@pytest.mark.parametrize(("words", "feature"), WORDS)
def test_servers_words_say_what_they_refuse(words: str, feature: Feature) -> None:
    assert refuted(words, full()) is feature
    assert refuted(words, without(full(), feature)) is not feature, "what is not sent is not refused"


@pytest.mark.parametrize(
    "words",
    [
        "Invalid schema for response_format 'place': In context=(), 'oneOf' is not permitted.",
        "Invalid schema for function 'look': 'kind' is not supported",
        "temperature must be between 0 and 1; 7 is not allowed",
        "Unsupported value: 'reasoning_effort' does not support 'low'. Supported values are: 'medium' and 'high'.",
        "This model's maximum context length is 4096 tokens; more is not supported",
        "scripted 400",
        "",
    ],
)
def test_what_is_wrong_with_a_value_refutes_nothing(words: str) -> None:
    assert refuted(words, full()) is None


def test_tools_that_must_be_called_are_told_of_in_words() -> None:
    request = replace(full(), options={"tools": [TOOL], "tool_choice": "required"})
    assert refuted("this model does not support tools", request) is Feature.TOOLS
    assert "You must call at least one tool now." in str(without(request, Feature.TOOLS).messages[0]["content"])


def test_a_request_without_a_feature_keeps_everything_else() -> None:
    blind = without(full(), Feature.VISION)
    assert blind.messages[0]["content"] == f"Where is this?\n{PICTURE_WAS_HERE}"
    told = without(full(), Feature.STRUCTURED_OUTPUT)
    assert "response_format" not in told.options
    assert json.dumps(SCHEMA) in str(told.messages[0]["content"])
    renamed = without(full(), Feature.MAX_TOKENS)
    assert (renamed.sampling.max_tokens, renamed.options["max_completion_tokens"]) == (None, 50)
    assert without(renamed, Feature.MAX_COMPLETION_TOKENS).sampling.max_tokens == 50
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(without(full(), Feature.TOOLS).options)


def test_sounds_that_are_refused_go_as_words_and_pictures_stay() -> None:
    heard: list[dict[str, Any]] = [
        {"type": "text", "text": "What is said?"},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]
    request = replace(full(), messages=({"role": "user", "content": heard},))
    for said in ("input_audio is not supported", "this model does not support audio", "content must be a string"):
        assert refuted(said, request) is Feature.AUDIO_INPUT
        assert refuted(said, full()) is not Feature.AUDIO_INPUT, "it carries none"
    deaf = without(request, Feature.AUDIO_INPUT)
    assert deaf.messages[0]["content"] == f"What is said?\n{SOUND_WAS_HERE}"
    both = replace(request, messages=({"role": "user", "content": [*heard, PICTURE]},))
    assert refuted("image input is not supported", both) is Feature.VISION
    kept = without(both, Feature.AUDIO_INPUT).messages[0]["content"]
    assert kept == [heard[0], {"type": "text", "text": SOUND_WAS_HERE}, PICTURE]


class Server:
    """Refuses the fields in `refuses` with these answers, and says what was sent."""

    def __init__(self, refuses: dict[str, tuple[int, Any]]) -> None:
        self.refuses = refuses
        self.bodies: list[dict[str, Any]] = []

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        for name, (status, said) in self.refuses.items():
            if body.get(name) or f'"{name}"' in json.dumps(body["messages"]):
                return JSONResponse(said, status)
        message = {"role": "assistant", "content": "fine"}
        return JSONResponse({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        with serve(Starlette(routes=[Route("/v1/chat/completions", self.answer, methods=["POST"])])) as origin:
            yield f"{origin}/v1"


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async def no_key(*_: object) -> None:
        return None

    made = Gateway({Wire.OPENAI: DirectTransport()}, no_key)
    yield made
    await made.aclose()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/gearbox.db", owner=OwnerId.current())
    yield opened
    opened.close()


async def ask(gateway: Gateway, store: Store, learned: Learned, request: ModelRequest) -> tuple[str, int]:
    """The answer's text, and how often another try was made."""
    text, tries = "", 0
    attempts = Attempts(gateway, Precautions(learned=learned))
    stream = attempts.stream([Candidate(request, calls.intent())], StoreBooking(store))
    async with contextlib.aclosing(stream):
        async for item in stream:
            match item:
                case TextDelta(piece):
                    text += piece
                case AnotherTry():
                    tries += 1
    return text, tries


def booked(store: Store) -> list[str]:
    with store._database.read() as connection:
        return [row.status for row in connection.exec_driver_sql("SELECT status FROM calls ORDER BY rowid")]


async def test_one_failed_call_teaches_for_good(gateway: Gateway, store: Store) -> None:
    server = Server({"tools": (400, {"error": {"message": "library/gemma does not support tools"}})})
    with server.running() as base_url:
        assert await ask(gateway, store, Learned(store.model_refusals), full(base_url)) == ("fine", 1)
        assert booked(store) == ["failed", "ok"]
        # Another process: what was learned is read from the store.
        assert await ask(gateway, store, Learned(store.model_refusals), full(base_url)) == ("fine", 0)
    assert ["tools" in body for body in server.bodies] == [True, False, False]
    assert all(body["temperature"] == 0.2 for body in server.bodies), "what was not refused is sent"
    assert booked(store) == ["failed", "ok", "ok"]


async def test_a_server_that_refuses_to_be_asked_for_usage_is_remembered_by_every_process(
    gateway: Gateway, store: Store
) -> None:
    server = Server({"stream_options": (400, {"error": {"message": "Unknown parameter: stream_options"}})})
    with server.running() as base_url:
        assert await ask(gateway, store, Learned(store.model_refusals), calls.request(base_url)) == ("fine", 1)
        assert await ask(gateway, store, Learned(store.model_refusals), calls.request(base_url)) == ("fine", 0)
    assert ["stream_options" in body for body in server.bodies] == [True, False, False]
    with store._database.read() as connection:
        estimated = connection.exec_driver_sql("SELECT tokens_estimated FROM calls WHERE status = 'ok'").scalars().all()
    assert estimated == [1, 1], "tokens are counted here then"


async def test_several_refusals_are_learned_in_one_answer(gateway: Gateway, store: Store) -> None:
    extra = {"detail": [{"type": "extra_forbidden", "loc": ["body", "parallel_tool_calls"], "msg": "Not permitted"}]}
    server = Server(
        {
            "parallel_tool_calls": (422, extra),
            "image_url": (400, {"message": "At most 0 image(s) may be provided in one request."}),
            "max_tokens": (400, {"error": "'max_tokens' is not supported. Use 'max_completion_tokens' instead."}),
        }
    )
    learned = Learned(store.model_refusals)
    with server.running() as base_url:
        assert await ask(gateway, store, learned, full(base_url)) == ("fine", 3)
        assert await ask(gateway, store, learned, full(base_url)) == ("fine", 0)
    assert server.bodies[-1]["max_completion_tokens"] == 50
    assert PICTURE_WAS_HERE in server.bodies[-1]["messages"][-1]["content"]
    assert set(learned.refused("ep1", "scripted")) == {
        Feature.PARALLEL_TOOLS, Feature.VISION, Feature.MAX_TOKENS,
    }  # fmt: skip


async def test_a_refusal_that_stays_is_not_learned(gateway: Gateway, store: Store) -> None:
    server = Server({"model": (400, {"error": {"message": "this model does not support tools"}})})
    learned = Learned(store.model_refusals)
    with server.running() as base_url, pytest.raises(ProviderError, match="does not support tools") as caught:
        await ask(gateway, store, learned, full(base_url))
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert len(server.bodies) == 2
    assert booked(store) == ["failed", "failed"]
    assert learned.refused("ep1", "scripted") == {} and store.model_refusals.all() == {}


async def test_a_refusal_is_forgotten_in_time(store: Store) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    store.model_refusals.save("ep1", "m", "tools", now)
    store.model_refusals.save("ep1", "m", "of-a-later-release", now)
    assert Learned(store.model_refusals, lambda: now).refused("ep1", "m") == {Feature.TOOLS: now}
    later = now + KEPT_FOR + timedelta(seconds=1)
    assert Learned(store.model_refusals, lambda: later).refused("ep1", "m") == {}
