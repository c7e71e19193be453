"""The settings page as a person uses it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class SettingsPage:
    """Drives the settings page by what is on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> SettingsPage:
        self.page.goto(f"{self.url}/settings")
        expect(self.page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
        expect(self.advanced).to_be_visible()
        self.settle()
        return self

    def connection(self, label: str) -> Locator:
        """The card of a connection."""
        return self.page.locator("[class*='st-key-connection-']").filter(has_text=label)

    def add_server(self, label: str, base_url: str, key: str = "") -> None:
        self.page.get_by_role("tab", name="Add an OpenAI-compatible server").click()
        form = self.page.get_by_role("tabpanel").filter(has_text="Base URL")
        form.get_by_label("Name").fill(label)
        form.get_by_label("Base URL").fill(base_url)
        form.get_by_label("Key (if it needs one)").fill(key)
        form.get_by_role("button", name="Add", exact=True).click()

    def added(self, label: str, base_url: str, key: str = "") -> Locator:
        """Add a server and wait for its card."""
        self.add_server(label, base_url, key)
        card = self.connection(label)
        expect(card).to_be_visible()
        self.settle()
        return card

    def manage(self, label: str, action: str) -> Locator:
        """Choose something in a connection's menu; returns the dialog that opens."""
        self.connection(label).get_by_role("button", name="Manage").click()
        self.page.get_by_role("menuitem", name=action).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        return dialog

    def rotate(self, label: str, key: str, *, keep: str = "1 day") -> None:
        """Put another key in the place of a connection's."""
        dialog = self.manage(label, "Rotate the key")
        dialog.get_by_label("New key").fill(key)
        dialog.get_by_role("combobox", name="Keep the old one").click()
        self.page.get_by_role("option", name=keep).click()
        dialog.get_by_role("button", name="Rotate").click()
        expect(dialog).to_have_count(0)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has been drawn: a card moves down while those above it are still coming."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def test(self, label: str) -> Locator:
        """Press Test; returns what it says."""
        card = self.connection(label)
        card.get_by_role("button", name="Test", exact=True).click()
        said = card.get_by_test_id("stAlert")
        expect(said).to_be_visible()
        return said

    @property
    def default_model(self) -> Locator:
        return self.page.get_by_role("combobox", name="New chats start with")

    def choose_default_model(self, name: str) -> None:
        self.default_model.click()
        self.default_model.fill(name)
        self.page.get_by_role("option", name=name).click()
        expect(self.page.get_by_text("Default model saved.")).to_be_visible()

    @property
    def advanced(self) -> Locator:
        """The switch's label: the checkbox behind it is not drawn."""
        return self.page.get_by_test_id("stCheckbox").filter(has_text="Advanced")

    @property
    def parameters(self) -> Locator:
        return self.page.get_by_test_id("stForm").filter(has_text="System prompt")

    def typed(self) -> list[str]:
        """What stands in every field of the page."""
        values: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('input, textarea')].map(field => field.value)"
        )
        return values
