"""Files in the chat, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser

NOTES = FilePayload(name="notes_*v1*.md", mimeType="text/markdown", buffer=b"# Plan\n<b>not bold</b>")
PICTURE = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"\x89PNG\r\n\x1a\n....")


def test_an_attached_file_is_in_the_message_and_is_there_after_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.attach(NOTES)
    chat.ask("What is the plan?")
    for _ in range(2):
        card = chat.said.last.get_by_test_id("stExpander")
        expect(card).to_contain_text("notes_*v1*.md · 22 bytes")
        expect(chat.said.last.get_by_test_id("stText")).to_have_text("What is the plan?")
        card.locator("summary").click()
        expect(card.get_by_test_id("stCode")).to_contain_text("<b>not bold</b>")
        page.reload()
    expect(page.get_by_test_id("stSidebar").get_by_text("What is the plan?")).to_be_visible()


def test_a_file_that_is_no_text_is_refused_and_the_chat_goes_on(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.attach(PICTURE)
    chat.send("Read it")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("“notes.txt” is a PNG picture, not a text file"))
    expect(chat.said).to_have_text("Read it")  # what was typed is not lost
    assert "turn 1 of our conversation" in chat.ask("Then without it")
