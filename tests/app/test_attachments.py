"""Files in the chat, in a browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from core.sandbox import sandbox_app
from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.gateway.server import serve

pytestmark = pytest.mark.browser

NOTES = FilePayload(name="notes_*v1*.md", mimeType="text/markdown", buffer=b"# Plan\n<b>not bold</b>")
BROKEN = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"\x89PNG\r\n\x1a\n....")


def test_an_attached_file_is_in_the_message_and_is_there_after_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.attach(NOTES)
    chat.ask("What is the plan?")
    expect(page.get_by_text(re.compile(r"^Context: .*% of 16k \(assumed\)"))).to_be_visible()
    for _ in range(2):
        card = chat.said.last.get_by_test_id("stExpander")
        expect(card).to_contain_text("notes_*v1*.md · 22 bytes")
        expect(chat.said.last.get_by_test_id("stText")).to_have_text("What is the plan?")
        card.locator("summary").click()
        expect(card.get_by_test_id("stCode")).to_contain_text("<b>not bold</b>")
        page.reload()
    expect(page.get_by_test_id("stSidebar").get_by_text("What is the plan?")).to_be_visible()


def test_a_file_that_can_t_be_taken_is_refused_and_the_chat_goes_on(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("First")
    chat.attach(BROKEN)
    chat.send("Read it")
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text(re.compile("“notes.txt” is broken"))
    expect(chat.said.last).to_have_text("Read it")  # what was typed is not lost
    chat.settle()  # while the page is drawn anew nothing has a place
    answer, said, told = (each.bounding_box() for each in (chat.answers.last, chat.said.last, refusal))
    assert answer and said and told and answer["y"] < said["y"] < told["y"], "it stands below what was answered"
    assert "turn 2 of our conversation" in chat.ask("Then without it")


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 300), "teal").save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_in_the_message_after_a_reload_and_a_model_that_can_t_see_it_says_so(
    page: Page, tmp_path: Path
) -> None:
    blind = Starlette(routes=[Mount("/v1", sandbox_app())])
    with serve(blind) as origin, AppServer(tmp_path / "home") as app:
        SettingsPage(page, app.url).open().added("Blind", f"{origin}/v1")
        chat = ChatPage(page, app.url).open()
        chat.attach(FilePayload(name="sea_*1*.png", mimeType="image/png", buffer=_picture()))
        assert "only told of it in words" in chat.ask("What is on it?")
        for _ in range(2):
            drawn = chat.said.last.get_by_role("img", name="sea_*1*.png")
            expect(drawn).to_be_visible()
            assert str(drawn.get_attribute("src")).startswith("data:image/webp;base64,")
            assert drawn.evaluate("picture => picture.naturalWidth") == 480
            expect(chat.answers.last).to_contain_text("was not shown “sea_*1*.png”, only told of it in words.")
            page.reload()
        expect(chat.answers.last).to_be_visible()
