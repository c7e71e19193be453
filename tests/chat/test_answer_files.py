"""What tools give that is no text: kept with the conversation, shown to models that take it, refused when broken."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.chat import answer_files
from core.chat.live import LiveTurn
from core.providers.catalog import Catalogue
from core.tools.checked import load
from core.tools.tool import Tool, ToolContext, ToolResult
from core.tools.toolbox import Toolbox
from data.values.actor import Actor
from data.values.messages import Message
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextPart, ToolResultPart, text_of
from data.values.tool_calls import Effect
from tests.chat.house import ChatHouse
from tests.chat.own_tools import tools_of
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.documents.made import pdf
from tests.people import ALICE, BOB

load()

SEEING, BLIND = "sandbox/scripted", "sandbox/scripted-no-tools"
FAST = "[[pace:instant]]"
OK = f"{FAST}[[say:ok]]"


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


class Giving:
    """A tool that keeps what the test says, and others that are called by models as if nobody had to agree."""

    def __init__(self) -> None:
        self.gives: list[tuple[bytes, str]] = []
        self.others: list[Tool] = []
        self.seen: list[tuple[str, str]] = []

    def tools(self, actor: Actor) -> list[Tool]:
        del actor
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        give = Tool("give", "Give", "Gives files.", schema, Effect.NONE, self._give)
        return [give, *(replace(each, effect=Effect.NONE) for each in self.others)]

    async def _give(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        assert context.keep is not None
        self.seen = [(each.name, each.media_type) for each in context.attached]
        parts: list[Part] = []
        for content, kind in self.gives:
            blob = context.keep(content, kind)
            parts.append(
                ImagePart(blob, "p.png", 40, 30)
                if kind.startswith("image/")
                else AudioPart(blob, "s.wav")
                if kind.startswith("audio/")
                else FilePart(blob, "f.pdf")
            )
        return ToolResult((TextPart("given"), *parts))


@pytest.fixture
def giving() -> Giving:
    return Giving()


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, giving: Giving) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=Toolbox(giving.tools, steps=5))
    yield built
    built.close()


def given(message: Message) -> list[Part]:
    """What the tools of an answer gave beside words."""
    results = [part for part in message.parts if isinstance(part, ToolResultPart)]
    return [part for result in results for part in result.parts if not isinstance(part, TextPart)]


def only(message: Message) -> ToolResultPart:
    (result,) = [part for part in message.parts if isinstance(part, ToolResultPart)]
    return result


def asked_for(tool: str, order: str = "call", **arguments: Any) -> str:
    return f"[[{order}:{tool} {json.dumps(arguments)}]]"


def last(house: ChatHouse, turn: LiveTurn) -> Message:
    return house.messages(turn)[-1]


def pictures_asked(sandbox: RecordedSandbox) -> list[str]:
    """The pictures of the last request, as addresses."""
    contents = [message["content"] for message in sandbox.calls[-1]["messages"]]
    return [
        part["image_url"]["url"]
        for content in contents
        if isinstance(content, list)
        for part in content
        if part["type"] == "image_url"
    ]


@pytest.mark.parametrize("model", [SEEING, BLIND], ids=["native", "prompted"])
def test_any_model_answers_with_a_picture_that_is_kept_and_goes_with_the_conversation(
    house: ChatHouse, sandbox: RecordedSandbox, giving: Giving, model: str
) -> None:
    giving.others = [tools_of(house)["generate_image"]]
    drawing = asked_for("generate_image", prompt="A cup of tea", size="256x256")
    turn = house.ask(f"{FAST}{drawing}", model=model)
    chat = turn.begun.conversation_id
    (picture,) = given(last(house, turn))
    assert isinstance(picture, ImagePart)
    assert (picture.width, picture.height, picture.caption) == (256, 256, "A cup of tea")
    assert picture.name == f"picture-{picture.blob.digest[:6]}.png"
    content = house.chat.file(ALICE, chat, picture.blob)
    assert content is not None and content.startswith(b"\x89PNG") and len(content) == picture.blob.size
    assert house.chat.previews(ALICE, chat, [picture])[picture.blob.digest][8:12] == b"WEBP"
    assert f"the person sees “{picture.name}”" in text_of(last(house, turn).parts)

    house.ask(OK, chat, model=SEEING)
    assert [address[:22] for address in pictures_asked(sandbox)] == ["data:image/png;base64,"]
    house.ask(OK, chat, model=BLIND)
    assert pictures_asked(sandbox) == []
    assert f"[Picture “{picture.name}”: 256 × 256 pixels, PNG." in json.dumps(
        sandbox.calls[-1]["messages"], ensure_ascii=False
    )
    assert "was not shown" in str(last(house, turn).parts[0])

    house.chat.delete(ALICE, chat)
    assert house.rows("SELECT count(*) FROM blobs") == [(0,)]


def test_a_file_of_another_person_s_answer_looks_like_a_missing_one(house: ChatHouse, giving: Giving) -> None:
    giving.gives = [(png(), "image/png")]
    turn = house.ask(f"{FAST}{asked_for('give')}")
    (picture,) = given(last(house, turn))
    assert isinstance(picture, ImagePart)
    mine = house.ask(OK, actor=BOB).begun.conversation_id
    assert house.chat.file(BOB, mine, picture.blob) is None
    assert house.chat.file(ALICE, turn.begun.conversation_id, picture.blob) == png()


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        (b"", "image/png", "nothing in it"),
        (b"<svg/>", "image/png", "no picture"),
        (png()[:-30], "image/png", "broken"),
        (png(), "audio/wav", "no sound"),
        (b"RIFF....AVI LIST", "audio/wav", "no sound"),
        (b"PK\x03\x04....", "application/zip", "can't be read"),
        (b"\x7fELF\0\xff", "application/octet-stream", "is not kept"),
        (b"a\0b", "text/plain", "is not kept"),
    ],
    ids=["empty", "svg", "cut", "no wav", "video", "archive", "program", "zero"],
)
def test_what_is_not_what_it_says_is_refused_with_words(
    house: ChatHouse, giving: Giving, content: bytes, kind: str, why: str
) -> None:
    giving.gives = [(content, kind)]
    result = only(last(house, house.ask(f"{FAST}{asked_for('give')}")))
    assert result.failed
    assert why in text_of(result.parts)
    assert house.rows("SELECT count(*) FROM blobs") == [(0,)]


def test_documents_and_texts_are_kept_with_what_stands_in_them(
    house: ChatHouse, sandbox: RecordedSandbox, giving: Giving
) -> None:
    giving.gives = [(pdf("Tea costs two euros"), "application/pdf"), (b"plain words", "application/json")]
    turn = house.ask(f"{FAST}{asked_for('give')}")
    assert [part.blob.media_type for part in given(last(house, turn)) if isinstance(part, FilePart)] == [
        "application/pdf",
        "text/plain",
    ]
    house.ask(OK, turn.begun.conversation_id)
    sent = json.dumps(sandbox.calls[-1]["messages"])
    assert "Tea costs two euros" in sent and "plain words" in sent


def test_one_answer_keeps_so_much_and_no_more(
    house: ChatHouse, giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_files, "MOST_FILES", 2)
    giving.gives = [(png(width), "image/png") for width in (10, 11, 12)]
    result = only(last(house, house.ask(f"{FAST}{asked_for('give')}")))
    assert "as many files as it may" in text_of(result.parts)
    assert house.rows("SELECT count(*) FROM blobs") == [(2,)]


def test_what_a_tool_gave_the_next_one_may_read_in_this_answer_and_in_later_ones(
    house: ChatHouse, giving: Giving
) -> None:
    giving.gives = [(png(), "image/png")]
    turn = house.ask(f"{FAST}{asked_for('give')}{asked_for('give', 'next', again=1)}")
    assert giving.seen == [("p.png", "image/png")]
    house.ask(f"{FAST}{asked_for('give')}", turn.begun.conversation_id)
    assert giving.seen == [("p.png", "image/png")] * 2
