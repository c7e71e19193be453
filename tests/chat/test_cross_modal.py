"""Tools that have another model see, draw, speak and listen, and the one that reads documents, over real HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import AccessRefused, GearboxError
from core.providers.catalog import Catalogue
from core.sandbox.sounds import speak
from core.tools.builtin.read_document import MOST_CHARS, parts_of
from core.tools.tool import Attached, Tool, ToolContext, ToolResult
from data.values.actor import Actor
from data.values.media import Blob
from data.values.parts import AudioPart, ImagePart, TextPart
from data.values.tool_calls import Effect
from tests.chat.house import SOON, ChatHouse
from tests.chat.own_tools import tools_of
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox
from tests.people import ALICE

NAMES = ("generate_image", "edit_image", "describe_image", "speak_text", "transcribe_audio", "read_document")


def picture(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def attached(name: str, media_type: str, content: bytes, text: str | None = None) -> Attached:
    return Attached(name, media_type, lambda: content, lambda: text)


FILES = (
    attached("sea.png", "image/png", picture()),
    attached("Sky.JPG", "image/png", picture("navy")),
    attached("note.wav", "audio/wav", speak("Buy tea, not coffee.")),
    attached("long.txt", "text/plain", b"", "\n".join(f"line {number}" for number in range(5_000))),
    attached("plan.pdf", "application/pdf", b"", "[Page 1]\nTea\n\n[Page 3]\nCake and tea\n\n[Page 4]\nEnd"),
)


class Desk:
    """One house for the tests of a module: nothing here changes it but the books."""

    def __init__(self, house: ChatHouse, sandbox: RecordedSandbox) -> None:
        self.house = house
        self.sandbox = sandbox
        self.tools: dict[str, Tool] = tools_of(house)
        self.kept: dict[str, bytes] = {}
        self.lines: list[str] = []
        self.context = ToolContext(ALICE, None, FILES, self.lines.append, self._keep)

    def _keep(self, content: bytes, media_type: str) -> Blob:
        digest = sha256(content).hexdigest()
        self.kept[digest] = content
        return Blob(digest, media_type, len(content))

    def run(self, name: str, context: ToolContext | None = None, **arguments: Any) -> tuple[str, ToolResult]:
        task = self.house.loop.submit(self.tools[name].run(arguments, context or self.context))
        result = task.result(SOON)
        assert isinstance(result.parts[0], TextPart)
        return result.parts[0].text, result

    def booked(self) -> tuple[Any, ...]:
        """The last call in the books."""
        return self.house.rows("SELECT user_id, modality, status FROM calls ORDER BY started_at DESC LIMIT 1")[0]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Desk]:
    with recorded_sandbox() as sandbox:
        house = ChatHouse(tmp_path_factory.mktemp("house"), sandbox.base_url, catalogue)
        yield Desk(house, sandbox)
        house.close()


def test_what_other_providers_are_told_is_said(desk: Desk) -> None:
    effects: Mapping[str, Effect] = {name: desk.tools[name].effect for name in NAMES}
    assert effects == {**dict.fromkeys(NAMES, Effect.GOES_OUT), "read_document": Effect.READS}
    assert {name for name in NAMES if desk.tools[name].cost} == set(NAMES) - {"read_document"}


def test_a_picture_is_edited_into_another_one(desk: Desk) -> None:
    text, result = desk.run("edit_image", prompt="Make it night", pictures=["sea.png"])
    made = result.parts[1]
    assert isinstance(made, ImagePart)
    assert "made it of “sea.png”; the person sees “picture-" in text and "(cost: not known)" in text
    assert made.caption == "Make it night" and made.name in text
    assert Image.open(io.BytesIO(desk.kept[made.blob.digest])).size == (made.width, made.height)
    assert desk.lines[-1] == "Editing with sandbox/scripted-image"
    assert desk.booked() == ("alice", "image_edit", "ok")


def test_pictures_are_looked_at_by_a_model_that_sees(desk: Desk) -> None:
    text, result = desk.run("describe_image", pictures=["sky.jpg", "sea"], question="Which is darker?")
    assert text.startswith("sandbox/scripted looked at “Sky.JPG”, “sea.png” (cost: ")
    assert "but 2 came: " in text and result.is_untrusted
    (message,) = desk.sandbox.calls[-1]["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "image_url", "image_url"]
    assert message["content"][0]["text"] == "Which is darker?"
    assert "tools" not in desk.sandbox.calls[-1]
    assert desk.booked() == ("alice", "text", "ok")


def test_what_is_spoken_can_be_written_down_again(desk: Desk) -> None:
    text, result = desk.run("speak_text", text="The kettle is on.")
    spoken = result.parts[1]
    assert isinstance(spoken, AudioPart)
    assert (spoken.blob.media_type, spoken.transcript) == ("audio/wav", "The kettle is on.")
    assert spoken.seconds and spoken.seconds > 0.5
    assert spoken.name in text and "(cost: not known)" in text
    assert desk.booked() == ("alice", "speech", "ok")
    again = attached(spoken.name, spoken.blob.media_type, desk.kept[spoken.blob.digest])
    context = replace(desk.context, attached=(*FILES, again))
    heard, written = desk.run("transcribe_audio", context)
    assert heard.endswith("\n\nThe kettle is on.") and spoken.name in heard and written.is_untrusted
    assert desk.run("transcribe_audio", context, sound="note.wav")[0].endswith("Buy tea, not coffee.")
    assert desk.booked() == ("alice", "transcription", "ok")


def test_a_document_is_read_page_by_page(desk: Desk) -> None:
    text, result = desk.run("read_document")
    assert result.is_untrusted
    assert text.startswith("From “plan.pdf”:\n\n--- page 1 of 4 ---\nTea\n\n--- page 3 of 4 ---\nCake and tea")
    assert desk.run("read_document", start=4)[0] == "From “plan.pdf”:\n\n--- page 4 of 4 ---\nEnd"
    assert desk.run("read_document", find="TEA cake")[0] == "From “plan.pdf”:\n\n--- page 3 of 4 ---\nCake and tea"
    for wrong, why in (({"start": 5}, "the last one is 4"), ({"find": "wine"}, "On no page of “plan.pdf”")):
        with pytest.raises(GearboxError, match=why):
            desk.run("read_document", **wrong)


def test_a_long_text_is_read_in_parts_that_lose_nothing(desk: Desk) -> None:
    seen, start = "", 1
    while True:
        text, _ = desk.run("read_document", file="LONG", start=start)
        assert len(text) < MOST_CHARS + 500
        seen += text
        if "[There is more" not in text:
            break
        start = int(text.rsplit("start=", 1)[1].rstrip(".]"))
    assert [line for line in seen.splitlines() if line.startswith("line ")] == [f"line {n}" for n in range(5_000)]


@pytest.mark.parametrize(
    ("text", "unit", "parts"),
    [
        ("[Sheet A]\n1 | 2\n\n[Sheet B]\n3", "sheet", [(1, "A\n1 | 2"), (2, "B\n3")]),
        ("[Page 2]\nb\n[Page 1]\na", "page", [(1, "2\nb"), (2, "1\na")]),
        ("words\n[Page 1]\na", "part", [(1, "words\n[Page 1]\na")]),
        ("x" * 9_000, "part", [(1, "x" * 8_000), (2, "x" * 1_000)]),
    ],
    ids=["sheets", "somebody's text", "text before", "no place to cut"],
)
def test_parts_of_a_text(text: str, unit: str, parts: list[tuple[int, str]]) -> None:
    assert parts_of(text) == (unit, parts)


GIVEN: Mapping[str, dict[str, Any]] = {
    "generate_image": {"prompt": "x"},
    "edit_image": {"prompt": "x"},
    "speak_text": {"text": "x"},
    "describe_image": {},
    "transcribe_audio": {},
}

MISSING = [
    ("edit_image", {"prompt": "x", "pictures": ["cat.png"]}, "no picture “cat.png” .* There are: “Sky.JPG”, “sea.png”"),
    ("describe_image", {"pictures": ["plan.pdf"]}, "no picture “plan.pdf”"),
    ("transcribe_audio", {"sound": "talk.mp3"}, "no sound “talk.mp3” .* There are: “note.wav”"),
    ("read_document", {"file": "a.docx"}, "no document or text file “a.docx” .* There are: “plan.pdf”, “long.txt”"),
    ("speak_text", {"text": "x", "model": "sandbox/scripted"}, "no model 'sandbox/scripted' that speaks. There are:"),
    ("describe_image", {"model": "sandbox/scripted-no-tools"}, "that sees pictures. There are: sandbox/scripted"),
]


@pytest.mark.parametrize(("name", "arguments", "why"), MISSING, ids=[each[0] for each in MISSING])
def test_what_is_not_there_is_told_with_what_is(desk: Desk, name: str, arguments: dict[str, Any], why: str) -> None:
    before = len(desk.house.calls())
    with pytest.raises(GearboxError, match=why):
        desk.run(name, **arguments)
    assert len(desk.house.calls()) == before


@pytest.mark.parametrize("name", ["edit_image", "describe_image", "transcribe_audio", "read_document"])
def test_without_a_file_the_person_is_to_attach_one(desk: Desk, name: str) -> None:
    with pytest.raises(GearboxError) as refusal:
        desk.run(name, replace(desk.context, attached=()), **GIVEN.get(name, {}))
    assert refusal.value.explain().endswith("in this conversation. Ask the person to attach one.")


def test_nothing_is_done_for_who_may_not(desk: Desk) -> None:
    for name, arguments in GIVEN.items():
        with pytest.raises(AccessRefused):
            desk.run(name, replace(desk.context, actor=Actor("alice", frozenset())), **arguments)


def test_without_a_model_that_can_it_is_said_what_to_add(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue
) -> None:
    house = ChatHouse(tmp_path, sandbox.base_url, catalogue, sandbox=False)
    try:
        desk = Desk(house, sandbox)
        for name, arguments in GIVEN.items():
            with pytest.raises(GearboxError) as refusal:
                desk.run(name, **arguments)
            said = refusal.value.explain()
            assert "The person can use no model that" in said and "connect a provider that has one" in said
    finally:
        house.close()


@pytest.mark.parametrize("name", ["generate_image", "edit_image", "speak_text"])
def test_nothing_is_paid_for_what_can_t_be_kept(desk: Desk, name: str) -> None:
    before = len(desk.house.calls())
    with pytest.raises(GearboxError, match="can be kept here"):
        desk.run(name, replace(desk.context, keep=None), **GIVEN[name])
    assert len(desk.house.calls()) == before
