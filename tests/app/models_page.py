"""The Models page as a person uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class ModelsPage:
    """Drives the page by what is on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, query: str = "") -> ModelsPage:
        self.page.goto(f"{self.url}/models{query}")
        expect(self.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
        self.settle()
        return self

    def settle(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    @property
    def search_field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Search models")

    @property
    def rows(self) -> Locator:
        return self.page.locator("[class*='st-key-model-row-']")

    def row(self, words: str) -> Locator:
        return self.rows.filter(has=self.page.locator("strong").get_by_text(words, exact=True)).first

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMainBlockContainer")

    def search(self, words: str, address: str) -> None:
        """Type, and wait until the page's address has it."""
        self.search_field.press_sequentially(words, delay=20)
        expect(self.page).to_have_url(re.compile(re.escape(address)))
        self.settle()

    def open_model(self, words: str) -> None:
        self.row(words).get_by_role("link").click()
        expect(self.main.get_by_role("heading", name=words, exact=True)).to_be_visible()

    def pick(self, words: str) -> None:
        """Choose a model of the list to compare."""
        self.row(words).get_by_test_id("stCheckbox").locator("label").click()
        expect(self.row(words).get_by_role("checkbox")).to_be_checked()
        expect(self.page.locator(".st-key-compare-bar")).to_contain_text(words)

    def said(self, label: str) -> Locator:
        """What the table of a model says about something."""
        return self.main.locator("tr", has=self.page.get_by_text(label, exact=True)).locator("td").last

    @property
    def is_wider_than_the_window(self) -> bool:
        return bool(
            self.page.evaluate(
                "[...document.querySelectorAll('html, [data-testid=stMain]')].some(e => e.scrollWidth > e.clientWidth)"
            )
        )
