"""Pictures and sounds that tools give, in a browser: there at once and after a reload, in full when asked for."""

from __future__ import annotations

import io
import json
import os
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from core.sandbox.sounds import speak
from tests.app.chat_page import ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser

TALK = FilePayload(name="talk_*1*.wav", mimeType="audio/wav", buffer=speak("Buy tea, not coffee."))


def wish(tool: str, **arguments: Any) -> str:
    return f"[[pace:instant]][[call:{tool} {json.dumps(arguments)}]]"


def allow(chat: ChatPage) -> None:
    chat.answers.last.get_by_role("button", name="Allow once").click()
    expect(chat.answers.last).to_contain_text("The tool answered")
    expect(chat.stop_button).to_be_hidden()


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("GEARBOX_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def _seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as opened:
        return float(opened.getnframes() / opened.getframerate())


def length(page: Page, place: str) -> float:
    """Seconds of the player in a part of the page, once the browser has read the sound."""
    played = page.wait_for_function(
        "place => { const found = document.querySelector(`${place} audio`);"
        " return found && found.readyState > 0 ? found.duration : null }",
        arg=place,
    )
    return float(played.json_value())


def test_a_picture_and_a_sound_stand_in_the_answer_and_are_there_after_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send(wish("generate_image", prompt="A cup of tea", size="600x400"))
    allow(chat)
    for _ in range(2):
        answer = chat.answers.last
        drawn = answer.get_by_role("img", name="A cup of tea")
        expect(drawn).to_be_visible()
        assert str(drawn.get_attribute("src")).startswith("data:image/webp;base64,")
        expect(answer.get_by_test_id("stExpander").get_by_role("img", name="A cup of tea")).to_have_count(0)
        with page.expect_download() as coming:
            answer.get_by_role("button", name="600 × 400").click()
        content = coming.value.path().read_bytes()
        assert coming.value.suggested_filename.startswith("picture-")
        assert Image.open(io.BytesIO(content)).size == (600, 400)
        shot(page, "picture")
        page.reload()
        expect(chat.answers).to_have_count(1)

    chat.attach(TALK)
    chat.send(wish("speak_text", text="The kettle is on."))
    allow(chat)
    for _ in range(2):
        expect(chat.said.last).to_contain_text("talk_*1*.wav · 0:01")
        assert length(page, "[class*='st-key-said-']") == pytest.approx(_seconds(TALK["buffer"]), abs=0.05)
        assert length(page, "[class*='st-key-answer-']") == pytest.approx(
            _seconds(speak("The kettle is on.")), abs=0.05
        )
        shot(page, "sound")
        page.reload()
        expect(chat.answers).to_have_count(2)
