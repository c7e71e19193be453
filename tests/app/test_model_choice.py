"""Auto on the page: who answers is said before it is sent, and another one answers with one click."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.gateway.scripted import scripted

SLOW = "well now..."
"""Goes on for half a minute after its words."""


def test_the_chip_is_what_is_sent_and_one_click_takes_another_model(page: Page, tmp_path: Path) -> None:
    with (
        scripted([SLOW], [SLOW]) as servers,
        AppServer(tmp_path / "home") as app,
    ):
        app.wait_warm()
        for name, server in zip(("one", "two"), servers, strict=True):
            SettingsPage(page, app.url).open().added(name, server.base_url)
        chat = ChatPage(page, app.url).open()
        chip = page.locator(".st-key-chip button")

        chat.composer.press_sequentially("Write a function that sorts")
        expect(chip).to_contain_text("for code")
        expect(chat.composer).to_be_focused()
        expect(chat.composer).to_have_value("Write a function that sorts")

        chip.click()
        other = page.locator("[class*='st-key-take-chip-']")
        expect(other).to_have_count(1)
        taken = "one" if "chip-one-" in str(other.get_attribute("class")) else "two"
        other.get_by_role("button").click()
        expect(chip).to_contain_text("you picked it")
        page.keyboard.press("Escape")
        chat.composer.press("Enter")
        _stop(chat)
        expect(chat.answers.last.get_by_text(f"{taken}/scripted")).to_be_visible()
        expect(chat.answers.last.get_by_text("Auto chose")).to_have_count(0)
        expect(chip).to_have_count(0)

        chat.composer.press_sequentially("And now the same in French")
        expect(chip).not_to_contain_text("you picked it")  # it was for one prompt
        chat.composer.press("Enter")
        instead = page.locator("[class*='st-key-instead-'] button:visible")
        instead.click()  # heard while the answer runs
        expect(instead).to_have_count(0)
        _stop(chat)
        expect(chat.answers).to_have_count(2)
        chat.answers.last.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Why this model").click()
        dialog = page.get_by_role("dialog").filter(has_text="Others that could answer")
        expect(dialog.get_by_text("You picked this model")).to_be_visible()


def _stop(chat: ChatPage) -> None:
    """Stop a running answer and wait for its line."""
    expect(chat.answers.last).to_contain_text("well")
    chat.stop_button.click()
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()
    expect(chat.composer).to_be_enabled()


def test_another_model_for_one_answer_is_for_that_answer_alone(page: Page, tmp_path: Path) -> None:
    with scripted(["fine", "now"], ["fine", "now"]) as servers, AppServer(tmp_path / "home") as app:
        app.wait_warm()
        for name, server in zip(("one", "two"), servers, strict=True):
            SettingsPage(page, app.url).open().added(name, server.base_url)
        chat = ChatPage(page, app.url).open()
        answer = chat.ask("Write a function that sorts")
        other = "two" if "one/scripted" in answer else "one"
        page.get_by_role("button", name="Answer by another model").click()
        page.get_by_role("dialog").get_by_role("button").filter(has_text=f"scripted · {other}").click()
        expect(chat.answers.last.get_by_text(f"{other}/scripted")).to_be_visible()
        chat.settle()
        expect(page.locator(".st-key-model-picker button")).to_contain_text("Auto")
        chat.composer.press_sequentially("Write a function that searches")
        chip = page.locator(".st-key-chip button")
        expect(chip).to_contain_text("for code")
        expect(chip).not_to_contain_text("you picked it")
