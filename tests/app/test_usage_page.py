"""The Usage page in a browser: empty at first, then the calls that were really made."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser

PATIENCE = 20_000


def open_usage(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/usage")
    expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()


def test_before_the_first_call_the_page_says_what_to_do(page: Page, tmp_path: Path) -> None:
    with AppServer(tmp_path / "home") as app:
        open_usage(page, app)
        expect(page.get_by_text("Nothing to count yet")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="Start a chat").click()
        expect(ChatPage(page, app.url).composer).to_be_visible()


def test_calls_of_a_minute_ago_are_counted_with_tokens_and_charts(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("[[pace:instant]][[words:30]] one")
    chat.send("[[fault:401]] two")  # not tried again, as a 500 would be
    expect(chat.answers.last.get_by_role("alert")).to_be_visible()
    open_usage(page, app)
    main = page.get_by_test_id("stMainBlockContainer")
    expect(main.get_by_role("heading", name="2", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("1 failed", exact=True)).to_be_visible()
    # 30 words out, and "[[pace:instant]][[words:30]] one" in: the sandbox counts words.
    expect(main.get_by_role("heading", name="32", exact=True)).to_be_visible()
    expect(main.get_by_text("30 of them out")).to_be_visible()
    expect(main.locator(".js-plotly-plot").first).to_be_visible()
    expect(main.get_by_text("scripted").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
