from __future__ import annotations

import base64
from typing import Any

import pytest

from core.api.ai_sdk.bodies import UIMessage
from core.api.ai_sdk.history import history_of
from core.api.v1.errors import Unusable


def made(*messages: dict[str, Any], system: str | None = None) -> list[dict[str, Any]]:
    return history_of([UIMessage.model_validate(each) for each in messages], system)


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"id": "u", "role": "user", "parts": list(parts)}


def answered(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"id": "a", "role": "assistant", "parts": list(parts)}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def file(media_type: str, url: str, **more: Any) -> dict[str, Any]:
    return {"type": "file", "mediaType": media_type, "url": url, **more}


def encoded(words: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(words).decode()}"


def test_words_stay_plain_text_and_what_is_for_people_is_left_out() -> None:
    assert made(
        user(text("Hello "), text("there")),
        answered(
            {"type": "step-start"}, {"type": "reasoning", "text": "hm"}, text("Hi"), {"type": "data-x", "data": 1}
        ),
        answered({"type": "step-start"}),
        user(text("And?")),
        system="Be brief.",
    ) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello there"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "And?"},
    ]


def test_files_become_what_models_take() -> None:
    picture, sound = encoded(b"png", "image/png"), encoded(b"RIFF", "audio/wav")
    paper = encoded(b"%PDF", "application/pdf")
    [message] = made(
        user(
            text("Look"),
            file("image/png", picture),
            file("image/jpeg", "https://example.org/a.jpg"),
            file("audio/wav", sound),
            file("application/pdf", paper, filename="a.pdf"),
            file("text/plain", encoded("grüezi".encode(), "text/plain"), filename="a.txt"),
            file("text/csv", "data:text/csv,a%2Cb"),
        )
    )
    assert message["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": picture}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.jpg"}},
        {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"RIFF").decode(), "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": paper}},
        {"type": "text", "text": "a.txt:\ngrüezi"},
        {"type": "text", "text": "File:\na,b"},
    ]


@pytest.mark.parametrize(
    ("state", "more", "result"),
    [
        ("output-available", {"output": {"degrees": 21}}, '{"degrees": 21}'),
        ("output-available", {"output": "warm"}, "warm"),
        ("output-error", {"errorText": "no network"}, "Error: no network"),
        ("output-denied", {}, "The person did not allow this call."),
        ("input-available", {}, "There is no result: the conversation went on without it."),
    ],
    ids=["document", "words", "error", "denied", "unfinished"],
)
@pytest.mark.parametrize("kind", ["tool-weather", "dynamic-tool"])
def test_every_call_has_its_result(kind: str, state: str, more: dict[str, Any], result: str) -> None:
    call = {"type": kind, "toolName": "weather", "toolCallId": "c1", "state": state, "input": {"city": "Bern"}, **more}
    steps = answered({"type": "step-start"}, text("I look."), call, {"type": "step-start"}, text("Done."))
    assert made(user(text("?")), steps)[1:] == [
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": result},
        {"role": "assistant", "content": "Done."},
    ]


@pytest.mark.parametrize(
    ("given", "arguments"),
    [({"rawInput": "not JSON"}, '{"input": "not JSON"}'), ({}, "{}")],
    ids=["raw", "none"],
)
def test_a_call_s_input_is_always_an_object(given: dict[str, Any], arguments: str) -> None:
    call = {"type": "tool-weather", "toolCallId": "c1", "state": "output-error", "errorText": "bad", **given}
    assert made(user(text("?")), answered(call))[1]["tool_calls"][0]["function"]["arguments"] == arguments


def test_a_call_that_was_cut_off_is_left_out() -> None:
    cut = {"type": "tool-weather", "toolCallId": "c1", "state": "input-streaming", "input": {"ci": ""}}
    assert made(user(text("?")), answered({"type": "step-start"}, cut)) == [{"role": "user", "content": "?"}]


@pytest.mark.parametrize(
    "part",
    [
        file("image/png", "blob:abc"),
        file("application/pdf", "https://example.org/a.pdf"),
        file("audio/wav", "data:audio/wav,abc"),
        file("text/plain", "data:text/plain;base64,####"),
    ],
    ids=["blob", "address", "sound", "text"],
)
def test_a_file_of_no_use_is_refused_with_something_to_do(part: dict[str, Any]) -> None:
    with pytest.raises(Unusable) as refused:
        made(user(text("one")), user(part))
    assert refused.value.param == "messages.1.parts"
    assert "messages.1" in str(refused.value)
    assert refused.value.remedy


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(Unusable, match="anything for a model"):
        made(user(text("")), answered({"type": "reasoning", "text": "hm"}))
