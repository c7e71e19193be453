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


def test_calls_of_a_minute_ago_are_counted_and_a_click_on_a_row_shows_it_alone(page: Page, app: AppServer) -> None:
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
    rows = main.locator(".js-plotly-plot").nth(1)
    expect(rows.get_by_text("scripted")).to_be_visible(timeout=PATIENCE)
    rows.locator(".nsewdrag").click()  # Plotly's own layer lies above the bars and finds the one below the pointer
    expect(main.get_by_role("button", name="Model: sandbox/scripted")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_role("heading", name="By task")).to_be_visible()
    assert "model=sandbox%2Fscripted" in page.url
    main.get_by_role("button", name="Model: sandbox/scripted").click()
    expect(main.get_by_role("button", name="Model: sandbox/scripted")).to_have_count(0)
    page.go_back()
    expect(main.get_by_role("button", name="Model: sandbox/scripted")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{app.url}/settings?tab=My+usage")
    expect(main.get_by_role("heading", name="My usage")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_role("heading", name="2", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("By day, task and more")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_an_admin_sets_a_budget_and_it_says_where_it_stands(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("[[pace:instant]][[words:5]] one")
    open_usage(page, app)
    main, dialog = page.get_by_test_id("stMainBlockContainer"), page.get_by_role("dialog")
    main.get_by_role("button", name="Set a budget").click(timeout=PATIENCE)
    dialog.get_by_label("US dollars in a calendar month").fill("50")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    main.get_by_role("button", name="Remove one").click(timeout=PATIENCE)
    page.get_by_role("button", name="Everybody together").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(main.get_by_text("There is none.")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("button", name="Undo").click()
    expect(main.get_by_text("The budget is there again.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)
