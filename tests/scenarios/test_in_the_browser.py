"""Replies in parts as people see them come: on the page, after a reload, in a second tab, stopped, and mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.chat_page import ChatPage, settle
from tests.app.conftest import app, browser, page
from tests.app.server import AppServer
from tests.scenarios.drawn import Drawing

__all__ = ["app", "browser", "page"]  # fixtures

pytestmark = pytest.mark.browser

DESK, PHONE = (1280, 900), (390, 844)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def pictures(answer: Locator) -> Locator:
    return answer.locator("img[src*='/media/'], img[src^='data:image']")


def sounds(answer: Locator) -> Locator:
    return answer.locator("audio")


def held(answer: Locator) -> Locator:
    """The places of parts that are not there yet."""
    return answer.locator("[class*='st-key-skeleton-']")


def problems(answer: Locator) -> Locator:
    return answer.locator("[class*='st-key-problem-']")


def complete(chat: ChatPage) -> Locator:
    """The one answer, once all three parts of it are there, each once, in their order."""
    expect(chat.composer).to_be_enabled()
    expect(chat.answers).to_have_count(1)
    answer = chat.answers.first
    expect(sounds(answer)).to_have_count(1)
    expect(pictures(answer)).to_have_count(1)
    expect(held(answer)).to_have_count(0)
    chat.page.wait_for_function("() => [...document.images].every(each => each.complete && each.naturalWidth > 0)")
    settle(chat.page)  # while it is drawn again nothing has a place
    picture, sound = pictures(answer).bounding_box(), sounds(answer).bounding_box()
    assert picture and sound
    assert picture["y"] < sound["y"], "in the order of reading"
    return answer


def test_it_is_made_whoever_looks_on(app: AppServer, page: Page, drawing: Drawing) -> None:
    """The page is loaded anew in the middle, and a second tab looks on: both end with all of it, once."""
    chat = ChatPage(page, app.url).open()
    prompt, subject = drawing.chain()
    chat.send(f"{prompt} [[image-delay:6]]")
    expect(sounds(chat.answers.first)).to_have_count(1)  # the voice is there before the picture
    expect(held(chat.answers.first).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?c=\w"))
    other = ChatPage(page.context.new_page(), app.url)
    other.page.goto(page.url)
    page.reload()
    expect(held(chat.answers.first).first).to_be_visible()
    for each in (other, chat):
        answer = complete(each)
        expect(answer).to_contain_text(subject.split()[1], ignore_case=True)
        expect(problems(answer)).to_have_count(0)
    answer.get_by_text("How it was made").click()
    made = answer.locator("[class*='st-key-made-']")
    for model in ("scripted", "scripted-image", "scripted-speech"):
        expect(made.get_by_text(re.compile(rf"sandbox/{model} · .* · not priced")).first).to_be_visible()
    expect(made.first).not_to_contain_text("[[")


def test_stop_on_a_phone(app: AppServer, phone: Page, drawing: Drawing) -> None:
    chat = ChatPage(phone, app.url).open()
    chat.send(f"{drawing.chain()[0]} [[image-delay:28]]")
    answer = chat.answers.first
    expect(sounds(answer)).to_have_count(1)
    chat.stop_button.click()
    expect(problems(answer)).to_have_count(1)
    expect(problems(answer)).to_contain_text("stopped")
    expect(chat.composer).to_be_enabled()
    expect(sounds(answer)).to_have_count(1)
    width: Any = phone.evaluate("() => document.documentElement.scrollWidth")
    assert width <= PHONE[0], "nothing is cut off at the side"


def test_a_part_that_failed_is_made_again(app: AppServer, page: Page, drawing: Drawing) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send(f"{drawing.chain()[0]} [[image-fault-once:401]]")
    answer = chat.answers.first
    expect(problems(answer)).to_contain_text("401")
    expect(chat.composer).to_be_enabled()
    said = answer.locator("[data-testid='stMarkdown']").first.inner_text().split()
    answer.get_by_role("button", name="Try again").click()
    answer = complete(chat)
    expect(problems(answer)).to_have_count(0)
    # By words: a page in motion breaks its lines elsewhere.
    again = answer.locator("[data-testid='stMarkdown']").first.inner_text().split()
    assert again == said, "the text is the one that was there"
