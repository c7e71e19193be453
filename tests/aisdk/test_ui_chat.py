"""The stream's parts, over HTTP, held against the shapes of the protocol; without Node."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.access.policy import Permission
from tests.v1.conftest import House, running
from tests.v1.test_chat import settled

MODEL = "sandbox/scripted"
# The fields that a part has to have, and those it may have (uiMessageChunkSchema of `ai` 6).
SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "start": (set(), {"messageId", "messageMetadata"}),
    "start-step": (set(), set()),
    "text-start": ({"id"}, set()),
    "text-delta": ({"id", "delta"}, set()),
    "text-end": ({"id"}, set()),
    "reasoning-start": ({"id"}, set()),
    "reasoning-delta": ({"id", "delta"}, set()),
    "reasoning-end": ({"id"}, set()),
    "tool-input-start": ({"toolCallId", "toolName"}, set()),
    "tool-input-delta": ({"toolCallId", "inputTextDelta"}, set()),
    "tool-input-available": ({"toolCallId", "toolName", "input"}, set()),
    "tool-input-error": ({"toolCallId", "toolName", "input", "errorText"}, set()),
    "file": ({"url", "mediaType"}, set()),
    "source-url": ({"sourceId", "url"}, {"title"}),
    "data-fallback": ({"data"}, set()),
    "data-left-out": ({"data"}, set()),
    "error": ({"errorText"}, set()),
    "finish-step": (set(), set()),
    "finish": (set(), {"finishReason", "messageMetadata"}),
}
WEATHER = {"description": "The weather", "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("aisdk")) as house:
        yield house


def said(words: str) -> dict[str, Any]:
    return {"id": "u1", "role": "user", "parts": [{"type": "text", "text": words}]}


def ask(house: House, words: str = "", token: str = "", **fields: Any) -> httpx.Response:
    body = {"id": "c", "messages": [said(words)], "trigger": "submit-message", "model": MODEL} | fields
    bearer = {"Authorization": f"Bearer {token or house.token}"}
    return httpx.post(f"{house.origin}/api/chat", json=body, headers=bearer, timeout=20)


def parts_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert answer.headers["content-type"].startswith("text/event-stream")
    *events, last, rest = answer.text.split("\n\n")
    assert (last, rest) == ("data: [DONE]", "")
    parts: list[dict[str, Any]] = [json.loads(event.removeprefix("data: ")) for event in events]
    opened: set[str] = set()
    for part in parts:
        needed, allowed = SHAPES[part["type"]]
        assert needed <= set(part) - {"type"} <= needed | allowed, part
        if part["type"] in {"text-start", "reasoning-start"}:
            assert not opened, "blocks don't overlap"
            opened.add(part["id"])
        elif part["type"] in {"text-delta", "reasoning-delta"}:
            assert part["id"] in opened
        elif part["type"] in {"text-end", "reasoning-end"}:
            opened.remove(part["id"])
    assert not opened
    assert parts[0]["type"] == "start"
    assert parts[-1]["type"] == "finish"
    return parts


def joined(parts: list[dict[str, Any]], kind: str) -> str:
    return "".join(part["delta"] for part in parts if part["type"] == f"{kind}-delta")


def test_words_come_with_what_they_used(house: House) -> None:
    parts = parts_of(ask(house, "[[pace:instant]][[say:grüezi mitenand]]"))
    assert joined(parts, "text") == "grüezi mitenand"
    assert [part["type"] for part in parts if "delta" not in part["type"]] == [
        "start",
        "start-step",
        "text-start",
        "text-end",
        "finish-step",
        "finish",
    ]
    assert parts[0]["messageMetadata"] == {"model": MODEL}
    assert parts[-1]["finishReason"] == "stop"
    told = parts[-1]["messageMetadata"]
    assert told["model"] == MODEL
    assert told["usage"]["outputTokens"] == 2
    assert told["usage"]["estimated"] is False
    assert told["cost"] is None or Decimal(told["cost"]) >= 0


def test_reasoning_is_a_block_of_its_own(house: House) -> None:
    parts = parts_of(ask(house, "[[pace:instant]][[think:let me see]][[say:yes]]"))
    assert (joined(parts, "reasoning"), joined(parts, "text")) == ("let me see", "yes")
    kinds = [part["type"] for part in parts]
    assert kinds.index("reasoning-end") < kinds.index("text-start")
    assert parts[-1]["messageMetadata"]["usage"]["reasoningTokens"] == 3


def test_sources_are_parts_each_page_once(house: House) -> None:
    cited = "https://one.example/a First|https://one.example/a Again|javascript:alert(1) No|https://two.example/"
    parts = parts_of(ask(house, f"[[pace:instant]][[say:yes]][[sources:{cited}]]"))
    assert [part for part in parts if part["type"] == "source-url"] == [
        {"type": "source-url", "sourceId": "source-1", "url": "https://one.example/a", "title": "First"},
        {"type": "source-url", "sourceId": "source-2", "url": "https://two.example/"},
    ]
    assert joined(parts, "text") == "yes"


def test_an_answer_that_gearbox_stops_says_so(tmp_path: Path) -> None:
    """A server that is ended cancels what still runs."""
    with contextlib.ExitStack() as stack:
        with running(tmp_path) as house:
            body = {"messages": [said("[[pace:slow]][[words:400]]")], "model": MODEL}
            bearer = {"Authorization": f"Bearer {house.token}"}
            answer = stack.enter_context(
                httpx.stream("POST", f"{house.origin}/api/chat", json=body, headers=bearer, timeout=20)
            )
            lines = answer.iter_lines()
            assert any("text-delta" in line for line in lines)
        rest = [line.removeprefix("data: ") for line in lines if line]
    assert rest[-1] == "[DONE]"
    kinds = [json.loads(line)["type"] for line in rest[:-1]]
    assert kinds[-2:] == ["text-end", "abort"]
    assert "finish" not in kinds


@pytest.mark.parametrize(
    "tools",
    [
        {"weather": WEATHER},
        {"weather": {"inputSchema": {"jsonSchema": WEATHER["inputSchema"]}}},
        [{"type": "function", "function": {"name": "weather", "parameters": WEATHER["inputSchema"]}}],
    ],
    ids=["ai-sdk", "jsonSchema()", "openai"],
)
def test_a_tool_is_called_and_its_result_goes_on_with_the_message(house: House, tools: Any) -> None:
    parts = parts_of(ask(house, "ask weather", tools=tools))
    [call] = [part for part in parts if part["type"] == "tool-input-available"]
    assert call["toolName"] == "weather"
    assert set(call["input"]) <= {"city"}
    written = "".join(part["inputTextDelta"] for part in parts if part["type"] == "tool-input-delta")
    assert json.loads(written) == call["input"]
    assert parts[-1]["finishReason"] == "tool-calls"
    result = {"state": "output-available", "input": call["input"], "output": {"degrees": 21}}
    answer = {
        "id": parts[0]["messageId"],
        "role": "assistant",
        "parts": [{"type": "step-start"}, {"type": "tool-weather", "toolCallId": call["toolCallId"]} | result],
    }
    more = parts_of(ask(house, messages=[said("ask weather"), answer], tools=tools, messageId=answer["id"]))
    assert more[0]["messageId"] == answer["id"], "it is the same message that goes on"
    assert "21" in joined(more, "text")


def test_settings_have_the_ai_sdk_s_names_and_unknown_fields_go_nowhere(house: House) -> None:
    parts = parts_of(
        ask(house, "[[pace:instant]][[words:9]]", maxOutputTokens=4, topP=0.5, stopSequences=["never"], mine={"a": 1})
    )
    assert len(joined(parts, "text").split()) == 4
    assert parts[-1]["finishReason"] == "length"


def test_a_model_that_makes_pictures_draws_what_was_said_last(house: House) -> None:
    drawn = parts_of(ask(house, "a gear", model="sandbox/scripted-image"))
    assert [part["type"] for part in drawn] == ["start", "start-step", "file", "finish-step", "finish"]
    head, _, held = drawn[2]["url"].partition(",")
    assert (head, drawn[2]["mediaType"]) == ("data:image/png;base64", "image/png")
    assert base64.b64decode(held).startswith(b"\x89PNG")
    assert drawn[-1]["messageMetadata"] == {"model": "sandbox/scripted-image", "cost": None, "currency": None}
    failed = parts_of(ask(house, "[[fault:500]]", model="sandbox/scripted-image"))
    assert failed[2]["type"] == "error" and failed[2]["errorText"]
    assert failed[-1] == {"type": "finish", "finishReason": "error"}
    assert ask(house, " ", model="sandbox/scripted-image").status_code == 400


def test_a_provider_that_fails_is_told_in_the_stream(house: House) -> None:
    for fault, begun in (("500", False), ("cut", True)):
        parts = parts_of(ask(house, f"[[fault:{fault}]]"))
        kinds = [part["type"] for part in parts]
        assert ("text-start" in kinds) is begun
        assert parts[kinds.index("error")]["errorText"]
        assert parts[-1] == {"type": "finish", "finishReason": "error"}


@pytest.mark.parametrize(
    ("fields", "status", "names"),
    [
        ({"messages": []}, 400, "messages"),
        ({"messages": [{"role": "user", "content": "old"}]}, 400, "messages.0.parts"),
        ({"messages": [{"role": "robot", "parts": []}]}, 400, "messages.0.role"),
        ({"temperature": 9}, 400, "temperature"),
        ({"tools": {"a b": {}}}, 400, "tools.0.function.name"),
        ({"model": "openai/none"}, 404, "model"),
        ({"messages": [said("x" * 10_000_000)]}, 413, "larger"),
    ],
    ids=["empty", "no-parts", "role", "temperature", "tool", "model", "large"],
)
def test_what_can_t_be_used_is_a_problem(house: House, fields: dict[str, Any], status: int, names: str) -> None:
    refused = ask(house, **({"words": "hello"} | fields))
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert names in problem["detail"]
    assert problem["remedy"]


def test_only_a_token_with_the_scope_comes_in(house: House) -> None:
    assert ask(house, "hello", "gbx_" + "A" * 43).status_code == 401
    _, other = house.services.tokens.create(house.services.actor(), "other", [Permission.MANAGE_OWN_KEYS])
    assert ask(house, "hello", other).status_code == 403


def test_who_hangs_up_ends_the_call_and_it_is_booked(house: House) -> None:
    home = house.services.settings.home
    before = len(settled(home))
    body = {"messages": [said("[[pace:slow]][[words:400]]")], "model": MODEL}
    bearer = {"Authorization": f"Bearer {house.token}"}
    with httpx.stream("POST", f"{house.origin}/api/chat", json=body, headers=bearer, timeout=20) as answer:
        assert any(re.search("text-delta", line) for line in answer.iter_lines())
    assert [call[1:] for call in settled(home)[before:]] == [("stopped", "api")]
