"""Files in the chat, in a browser."""

from __future__ import annotations

import base64
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
        card = chat.said.last.locator("[class*='st-key-sent-file-']")
        expect(card).to_contain_text("notes_*v1*.md")
        expect(card).to_contain_text("Markdown · 22 bytes")
        expect(chat.said.last.get_by_test_id("stText")).to_have_text("What is the plan?")
        chat.settle()
        card.get_by_role("button", name="Look into it").click()
        expect(page.get_by_role("dialog").get_by_test_id("stCode")).to_contain_text("<b>not bold</b>")
        page.reload()
    expect(page.get_by_test_id("stSidebar").get_by_text("What is the plan?")).to_be_visible()


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 450), "teal").save(out, "PNG")
    return out.getvalue()


_DROPPED = """([kind, files]) => {
  const data = new DataTransfer()
  for (const [name, type, bytes] of files) {
    data.items.add(new File([Uint8Array.from(atob(bytes), each => each.charCodeAt(0))], name, { type }))
  }
  if (kind === "transfer") return data
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""


def _as_sent(*files: FilePayload) -> list[list[str]]:
    return [[file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode()] for file in files]


def _paste(chat: ChatPage, *files: FilePayload) -> None:
    chat.composer.focus()
    chat.page.evaluate(_DROPPED, ["paste", _as_sent(*files)])


def _drop(chat: ChatPage, *files: FilePayload) -> None:
    """As a hand does: over the field there is a place to drop at while files are carried."""
    field = chat.page.get_by_test_id("stChatInput")
    data = chat.page.evaluate_handle(_DROPPED, ["transfer", _as_sent(*files)])
    for what, where in (("dragenter", field), ("drop", field.locator("[role=presentation]").first)):
        where.dispatch_event(what, {"dataTransfer": data})


def test_files_are_pasted_and_dropped_and_a_refused_one_costs_neither_the_words_nor_the_others(
    page: Page, app: AppServer
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    chat = ChatPage(page, app.url).open()
    chat.ask("First")
    chips = page.get_by_test_id("stFileChip")
    _paste(chat, FilePayload(name="image.png", mimeType="image/png", buffer=_picture()))
    expect(chips).to_have_count(1)
    expect(page.get_by_test_id("stFileChipImagePreview")).to_be_visible()
    _drop(chat, BROKEN, FilePayload(name="t.csv", mimeType="text/csv", buffer=b"a,b\n1,2"))
    expect(chips).to_have_count(3)
    expect(page.get_by_test_id("stChatInput").get_by_role("progressbar")).to_have_count(0)
    chat.send("Read *them*")

    expect(page.get_by_role("alert")).to_contain_text(re.compile("“notes.txt” is broken"))
    expect(chat.composer).to_have_value("Read *them*")
    held = page.locator("[class*='st-key-held-chip-']")
    expect(held).to_have_count(2)
    drawn = held.first.get_by_role("img", name="image.png")
    assert str(drawn.get_attribute("src")).startswith("data:image/webp;base64,")
    held.last.get_by_role("button", name="Remove").click()
    expect(held).to_have_count(1)
    expect(chat.composer).to_have_value("Read *them*")

    chat.composer.press("End")
    chat.composer.type(" now")
    chat.composer.press("Enter")
    expect(chat.said).to_have_count(2)
    expect(chat.said.last.get_by_role("img", name="image.png")).to_be_visible()
    expect(chat.said.last.get_by_test_id("stText")).to_have_text("Read *them* now")
    expect(page.locator(".st-key-held")).to_have_count(0)
    assert "turn 3 of our conversation" in chat.ask("Then without it")


def test_what_is_recorded_in_the_field_goes_with_what_is_typed_there(page: Page, app: AppServer) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    chat = ChatPage(page, app.url).open()
    chat.composer.fill("What is said?")
    page.get_by_test_id("stChatInputMicButton").click()
    expect(page.get_by_test_id("stChatInputApproveButton")).to_be_enabled()
    page.wait_for_timeout(1_000)  # as long as one speaks
    page.get_by_test_id("stChatInputApproveButton").click()
    expect(chat.said.last).to_contain_text(re.compile(r"recording\.wav · 0:0\d"))
    expect(chat.said.last.get_by_test_id("stText")).to_have_text("What is said?")
    expect(chat.answers.last).to_contain_text("the sandbox and heard")
    assert refused == [], "the page's policy lets a recording be read"


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
            assert drawn.evaluate("picture => picture.naturalWidth") == 720
            expect(chat.answers.last).to_contain_text("was not shown “sea_*1*.png”, only told of it in words.")
            page.reload()
        expect(chat.answers.last).to_be_visible()
