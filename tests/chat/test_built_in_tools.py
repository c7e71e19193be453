"""The built-in tools over a real store, gateway and sandbox: searching conversations, asking models, and the list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import AccessRefused, GearboxError
from core.tools.tool import ToolContext, ToolResult
from data.values.actor import Actor
from data.values.media import Blob
from data.values.parts import ImagePart, TextPart
from data.values.tool_calls import Effect
from tests.chat.house import SOON, ChatHouse
from tests.chat.own_tools import tools_of
from tests.people import ALICE, BOB


def _run(house: ChatHouse, name: str, context: ToolContext, **arguments: Any) -> tuple[str, ToolResult]:
    result = house.loop.submit(tools_of(house)[name].run(arguments, context)).result(SOON)
    assert isinstance(result.parts[0], TextPart)
    return result.parts[0].text, result


def test_every_tool_is_there_and_says_what_it_does(house: ChatHouse, tmp_path: Path) -> None:
    tools = tools_of(house)
    assert list(tools) == [
        "calculator",
        "date_time",
        "fetch_page",
        "my_usage",
        "search_my_conversations",
        "ask_model",
        "generate_image",
        "edit_image",
        "describe_image",
        "speak_text",
        "transcribe_audio",
        "read_document",
        "query_data",
        "make_chart",
    ]
    for tool in tools.values():
        assert len(tool.description) > 80
        assert tool.schema["type"] == "object"
    assert {name for name, tool in tools.items() if tool.effect is Effect.GOES_OUT} == {
        "fetch_page",
        "ask_model",
        "generate_image",
        "edit_image",
        "describe_image",
        "speak_text",
        "transcribe_audio",
    }
    assert not [name for name, tool in tools.items() if tool.effect is Effect.CHANGES]
    (tmp_path / "key").write_text("a-key-of-brave")
    searching = tools_of(house, brave_key_file=tmp_path / "key", searxng_url="http://127.0.0.1:8888/")
    assert searching["web_search"].effect is Effect.GOES_OUT


def test_ones_own_conversations_are_searched(house: ChatHouse) -> None:
    earlier = house.ask("How long does green tea steep? " + "More words. " * 40)
    house.ask("What does Bob's secret tea cost?", actor=BOB)
    now = house.ask("What did I ask about tea?")
    context = ToolContext(ALICE, now.begun.conversation_id)
    text, result = _run(house, "search_my_conversations", context, words="GREEN tea")
    assert "the person:\nHow long does green tea steep? More" in text and text.rstrip().endswith("…")
    assert f"“{house.chat.conversation(ALICE, earlier.begun.conversation_id).title}”" in text
    assert "Bob" not in text and "did I ask" not in text
    assert result.is_untrusted
    assert (
        "No other conversation has all of: tea, Bob's"
        in _run(house, "search_my_conversations", context, words="tea Bob's")[0]
    )
    with pytest.raises(GearboxError, match="no words"):
        _run(house, "search_my_conversations", context, words="  ")
    with pytest.raises(AccessRefused):
        _run(house, "search_my_conversations", ToolContext(Actor("alice", frozenset())), words="tea")


def test_another_model_is_asked_and_booked(house: ChatHouse, sandbox: Any) -> None:
    said: list[str] = []
    text, result = _run(house, "ask_model", ToolContext(ALICE, progress=said.append), question="What is tea?")
    model = said[0].removeprefix("Asking ")
    assert text.startswith(f"{model} answered (cost: ")
    assert "a price that nobody knows" in text or "USD" in text
    assert not result.is_untrusted
    assert sandbox.messages == [("user", "What is tea?")], "nothing else goes along"
    assert "tools" not in sandbox.calls[-1], "it can't ask others in turn"
    assert house.calls() == ["ok"]
    assert house.rows("SELECT user_id FROM calls") == [("alice",)]
    named, _ = _run(house, "ask_model", ToolContext(ALICE), question="Again?", model=model)
    assert named.startswith(model)


def test_a_model_that_can_not_be_asked_is_told_with_those_that_can(house: ChatHouse) -> None:
    with pytest.raises(GearboxError, match=r"no model 'openai/gpt-9' that can be asked. There are: sandbox/"):
        _run(house, "ask_model", ToolContext(ALICE), question="Hm?", model="openai/gpt-9")
    with pytest.raises(AccessRefused):
        _run(house, "ask_model", ToolContext(Actor("alice", frozenset())), question="Hm?")
    assert house.calls() == []


def test_a_picture_is_drawn_kept_and_booked(house: ChatHouse) -> None:
    kept: list[bytes] = []

    def keep(content: bytes, media_type: str) -> Blob:
        kept.append(content)
        return Blob("0" * 64, media_type, len(content))

    text, result = _run(house, "generate_image", ToolContext(ALICE, keep=keep), prompt="A cup  of tea", size="256x256")
    picture = result.parts[1]
    assert isinstance(picture, ImagePart)
    assert (picture.width, picture.height, picture.caption) == (256, 256, "A cup of tea")
    assert picture.blob.media_type == "image/png" and kept[0].startswith(b"\x89PNG")
    assert text.startswith("sandbox/") and "(cost: not known)" in text
    assert house.rows("SELECT user_id, modality, status FROM calls") == [("alice", "image", "ok")]


def test_what_can_not_be_drawn_is_told(house: ChatHouse) -> None:
    context = ToolContext(ALICE, keep=lambda content, kind: Blob("0" * 64, kind, len(content)))
    with pytest.raises(GearboxError, match=r"no model 'openai/nothing' that draws. There are: sandbox/"):
        _run(house, "generate_image", context, prompt="Tea", model="openai/nothing")
    with pytest.raises(GearboxError, match="can be kept here"):
        _run(house, "generate_image", ToolContext(ALICE), prompt="Tea")
    with pytest.raises(AccessRefused):
        _run(house, "generate_image", replace(context, actor=Actor("alice", frozenset())), prompt="Tea")
    assert house.calls() == []
