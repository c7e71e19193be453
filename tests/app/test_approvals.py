"""Calls of tools that wait for the person, in a browser."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser


def wish(question: str) -> str:
    """A prompt whose model asks another one."""
    arguments = json.dumps({"model": "sandbox/scripted", "question": question})
    return f"[[pace:instant]][[call:ask_model {arguments}]]"


def question(chat: ChatPage) -> Locator:
    return chat.answers.last.locator("[class*='st-key-approval-call']")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("GEARBOX_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=False)


def test_a_call_waits_for_one_click_also_over_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send(wish("How are you?"))
    expect(question(chat)).to_contain_text("May Ask another model run?")
    expect(question(chat)).to_contain_text("sends what stands under Input to another server")
    expect(chat.answers.last.get_by_test_id("stCode").first).to_contain_text('"question": "How are you?"')
    expect(chat.stop_button).to_be_visible()
    shot(page, "asked")
    page.reload()
    expect(question(chat)).to_have_count(1)
    marks = page.locator(".st-key-conversations").get_by_test_id("stIconMaterial")
    expect(marks).to_have_count(1)  # it waits, wherever one is
    question(chat).get_by_role("button", name="Allow once").click()
    expect(chat.answers.last).to_contain_text("The tool answered")
    expect(question(chat)).to_have_count(0)
    expect(chat.stop_button).to_be_hidden()
    expect(chat.answers.last.locator("summary")).to_contain_text("Ask another model")
    expect(chat.answers.last.get_by_test_id("stCode").first).to_be_hidden()
    shot(page, "allowed")

    chat.send(wish("Again?"))
    expect(chat.answers).to_have_count(2)
    question(chat).get_by_role("button", name="Never in this chat").click()
    expect(chat.answers.last).to_contain_text("does not want this tool")
    expect(chat.answers.last.locator("summary")).to_contain_text("not allowed")
    shot(page, "never")
    chat.settle()
    said = chat.ask(wish("And again?"))
    assert "does not want this tool" in said, "it is not asked again"

    chat.open_menu()
    shot(page, "menu")
    page.get_by_role("button", name="Ask another model: refused").click()
    expect(page.get_by_role("button", name="Ask another model: refused")).to_have_count(0)
    page.keyboard.press("Escape")
    chat.settle()
    chat.send(wish("Once more?"))
    expect(chat.answers).to_have_count(4)
    expect(question(chat)).to_have_count(1)
    chat.stop_button.click()
    expect(chat.answers.last).to_contain_text("Stopped")
    expect(question(chat)).to_have_count(0)
    shot(page, "stopped")


def test_a_message_sent_instead_ends_what_waits_and_the_page_goes_on(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    for number in range(3):
        chat.send(wish(f"Question {number}"))
        expect(chat.answers).to_have_count(2 * number + 1)
        expect(question(chat)).to_have_count(1)
        page.wait_for_timeout(700 + 150 * number)  # about when the page looks whether it waits still
        chat.send(f"[[pace:instant]][[say:Never mind {number}]]")
        expect(chat.answers).to_have_count(2 * number + 2)
        expect(chat.answers.last).to_contain_text(f"Never mind {number}")
        expect(page.locator("[class*='st-key-approval-call']")).to_have_count(0)
        expect(chat.composer).to_be_enabled()
        chat.settle()


def test_an_admin_says_for_a_role_whether_it_asks(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url)

    def say(rule: str) -> None:
        page.goto(f"{app.url}/tools")
        page.locator(".st-key-tool-ask_model").get_by_role("button", name="Open").click()
        expect(page.get_by_role("dialog")).to_contain_text("asks in any case")
        chat.settle()
        page.get_by_role("dialog").get_by_role("combobox", name="Admins").click()
        page.get_by_role("option", name=rule).click()
        expect(page.get_by_role("dialog")).to_contain_text("Ask another model for admins")
        shot(page, f"rule-{len(rule)}")

    say("Runs without a question")
    chat.open()
    assert "The tool answered" in chat.ask(wish("How are you?"))
    say("Not there for them")
    chat.open()
    assert "There is no tool 'ask_model'" in chat.ask(wish("And now?"))
    say("As usual")
    chat.open()
    chat.send(wish("And now?"))
    expect(question(chat)).to_have_count(1)
    chat.stop_button.click()
    expect(chat.answers.last).to_contain_text("Stopped")
