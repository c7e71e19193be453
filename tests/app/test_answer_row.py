"""What people do with answers, and comparing models, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage

pytestmark = pytest.mark.browser


def press(chat: ChatPage, name: str, at: int = -1) -> None:
    chat.settle()
    chat.page.get_by_role("button", name=name, exact=True).nth(at).click()


def test_an_answer_is_rated_copied_changed_and_looked_back_at(page: Page, app: AppServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = ChatPage(page, app.url).open()
    chat.ask("[[pace:instant]][[say:one **bold** gear]] first")
    press(chat, "Copy")
    page.wait_for_function("() => navigator.clipboard.readText().then(text => text === 'one **bold** gear')")
    press(chat, "Bad answer")
    page.get_by_role("radio", name="Too long").or_(page.get_by_role("button", name="Too long")).click()
    chat.settle()
    page.reload()
    bad = page.get_by_role("button", name="Bad answer")
    expect(bad).to_have_attribute("aria-pressed", "true")
    press(chat, "Good answer")
    expect(bad).to_have_attribute("aria-pressed", "false")

    chat.ask("[[pace:instant]][[say:two]] second")
    expect(page.get_by_role("button", name="Answer again")).to_have_count(1)  # of the last answer alone
    press(chat, "Change the prompt and send it again", 0)
    page.get_by_role("dialog").locator("textarea").fill("[[pace:instant]][[say:three]] other")
    page.get_by_role("dialog").get_by_role("button", name="Send again", exact=True).click()
    expect(chat.answers).to_have_count(1)
    expect(chat.answers.first).to_contain_text("three")
    page.reload()
    expect(chat.answers.first).to_contain_text("three")
    old = str(chat.answers.first.get_attribute("class"))
    press(chat, "Answer again")
    expect(chat.answers.first).not_to_have_class(old)  # else the old one's menu is opened, and goes with it
    expect(chat.composer).to_be_enabled()
    press(chat, "More")
    page.get_by_role("button", name="What was here before").click()
    before = page.get_by_role("dialog").filter(has_text="2 of 3")
    expect(before).to_contain_text("three")
    before.get_by_text("1 of 3").click()
    expect(before).to_contain_text("two")


def test_models_are_compared_blind_and_the_better_one_goes_on(page: Page, app: AppServer) -> None:
    settings = SettingsPage(page, app.url).open()
    expect(settings.added("Team", f"{app.url}/sandbox/v1")).to_be_visible()
    chat = ChatPage(page, app.url).open("/compare")
    chat.settle()
    page.get_by_text("Don't tell me which is which").click()
    chat.settle()
    chat.send("[[pace:instant]][[say:a planetary gear]] go")
    expect(page.get_by_text("Which answer is better?")).to_be_visible()
    sides = page.locator(".st-key-sides")
    expect(sides.get_by_text("a planetary gear")).to_have_count(2)
    expect(sides).not_to_contain_text("scripted")
    page.reload()
    expect(sides).not_to_contain_text("scripted")
    press(chat, "Answer B")
    expect(sides).to_contain_text("scripted")
    page.get_by_role("button", name="Go on with").first.click()
    expect(chat.answers).to_have_count(1)  # those of the page before go a moment later
    expect(chat.answers.first).to_contain_text("a planetary gear")
    chat.ask("[[pace:instant]][[say:more]] go on")
    chat.open_menu()
    page.get_by_role("link", name="The other answer").click()
    expect(page.get_by_text("You chose the better one.")).to_be_visible()


def test_an_earlier_comparison_is_decided_where_it_is_opened_again(page: Page, app: AppServer) -> None:
    SettingsPage(page, app.url).open().added("Again", f"{app.url}/sandbox/v1")
    chat = ChatPage(page, app.url).open("/compare")
    chat.settle()
    chat.send("[[pace:instant]][[say:a worm gear]] decide later")
    expect(page.get_by_text("Which answer is better?")).to_be_visible()
    chat.open("/compare")
    page.get_by_role("link", name="decide later").first.click()
    expect(page.get_by_text("Which answer is better?")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?]comparison="))
    press(chat, "All equally good")
    expect(page.get_by_text("All equally good")).to_be_visible()
    expect(page.locator(".st-key-sides").get_by_text("a worm gear")).to_have_count(2)
