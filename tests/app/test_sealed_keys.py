"""Keys sealed with a passphrase, in a browser: chosen, sealed, locked, told apart in the chat, unlocked, given up."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox

pytestmark = pytest.mark.browser

KEY = "sk-live-9Qx2vRt7LmWz4KpY8sHdQ3Jf"
PASSPHRASE = "lantern orbit velvet mango"
ANOTHER = "copper thistle ninety owls"
LOCKED = re.compile(r"\blocked")
"""Not *unlocked*."""


@pytest.fixture
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


class Security:
    """The passphrase on the Security tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.settings = SettingsPage(page, url)
        self.page = page
        page.goto(f"{url}/settings?tab=Security")
        expect(page.get_by_role("heading", name="Passphrase for keys")).to_be_visible()
        self.settings.settle()

    @property
    def card(self) -> Locator:
        return self.page.locator(".st-key-passphrase-card")

    def press(self, name: str) -> Locator:
        """Press a button that opens a dialog; returns it."""
        self.settings.settle()
        self.page.get_by_role("button", name=name, exact=True).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        return dialog

    def choose(self, passphrase: str, again: str) -> Locator:
        dialog = self.press("Choose a passphrase")
        expect(dialog).to_contain_text("Nobody can recover it")
        self.choose_in(dialog, passphrase, again)
        return dialog

    def choose_in(self, dialog: Locator, passphrase: str, again: str) -> None:
        dialog.get_by_label("Passphrase", exact=True).fill(passphrase)
        dialog.get_by_label("The same again").fill(again)
        dialog.get_by_role("button", name="Choose it").click()


def unlock(page: Page, passphrase: str) -> Locator:
    """Type into the dialog that is open, and send it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Passphrase", exact=True).fill(passphrase)
    dialog.get_by_role("button", name="Unlock").click()
    return dialog


def add_sealed(settings: SettingsPage, label: str, base_url: str) -> Locator:
    page = settings.page
    page.get_by_role("tab", name="Add an OpenAI-compatible server").click()
    form = page.get_by_test_id("stForm").filter(has_text="Base URL")
    form.get_by_test_id("stCheckbox").filter(has_text="Seal it with my passphrase").click()
    settings.add_server(label, base_url, KEY)
    expect(settings.connection(label)).to_be_visible()
    settings.settle()
    return settings.connection(label)


def test_a_key_can_be_sealed_only_while_the_passphrase_is_unlocked(page: Page, app: AppServer) -> None:
    SettingsPage(page, app.url).open()
    form = page.get_by_test_id("stForm").filter(has_text="Provider")
    expect(form.get_by_test_id("stCheckbox").locator("input")).to_be_disabled()
    expect(form).to_contain_text("choose one in the Security tab first")


def choose_one(page: Page, url: str) -> None:
    """Choose a passphrase, after two that are refused."""
    security = Security(page, url)
    dialog = security.choose(PASSPHRASE, PASSPHRASE + "?")
    expect(dialog.get_by_test_id("stAlert").last).to_contain_text("not the same")
    security.choose_in(dialog, "short", "short")
    expect(dialog.get_by_test_id("stAlert").last).to_contain_text("at least 12 characters")
    assert not any(security.settings.typed())
    security.choose_in(dialog, PASSPHRASE, PASSPHRASE)
    expect(dialog).to_have_count(0)
    expect(security.card).to_contain_text("unlocked")
    security.settings.settle()
    assert not any(PASSPHRASE in value for value in security.settings.typed())


def unlock_in_chat(page: Page, url: str, sandbox: RecordedSandbox) -> None:
    """A call with a locked key says so and sends nothing; unlocked there and then, it is answered."""
    chat = ChatPage(page, url).open()
    chat.send("Hello")
    expect(chat.answers.last.get_by_test_id("stAlert")).to_contain_text("sealed with your passphrase, and locked")
    assert sandbox.keys == [f"Bearer {KEY}"]
    page.set_viewport_size({"width": 390, "height": 844})  # a phone has room for the way to the settings, too
    expect(page.locator(".st-key-chat-header").get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Unlock keys").click()
    refused = unlock(page, ANOTHER)
    expect(refused.get_by_test_id("stAlert")).to_contain_text("This is not your passphrase")
    unlock(page, PASSPHRASE)
    expect(refused).to_have_count(0)
    expect(page.get_by_role("button", name="Unlock keys")).to_have_count(0)
    chat.retry_button.click()
    expect(chat.answers.last).to_contain_text("first token")
    assert sandbox.keys == [f"Bearer {KEY}"] * 2


def change_and_discard(page: Page, url: str) -> None:
    """After the change the old passphrase is another's; discarded, it can be chosen anew."""
    security = Security(page, url)
    dialog = security.press("Change")
    dialog.get_by_label("Passphrase until now").fill(PASSPHRASE)
    dialog.get_by_label("New passphrase").fill(ANOTHER)
    dialog.get_by_label("The same again").fill(ANOTHER)
    dialog.get_by_role("button", name="Change").click()
    expect(dialog).to_have_count(0)
    security.card.get_by_role("button", name="Lock").click()
    security.press("Unlock")
    expect(unlock(page, PASSPHRASE).get_by_test_id("stAlert")).to_contain_text("This is not your passphrase")
    expect(unlock(page, ANOTHER)).to_have_count(0)
    expect(security.card).to_contain_text("unlocked")

    dialog = security.press("Discard")
    expect(dialog).to_contain_text("The key that is sealed with it is deleted, too")
    dialog.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("button", name="Choose a passphrase")).to_be_visible()


def test_the_life_of_a_sealed_key(browser: Browser, page: Page, app: AppServer, sandbox: RecordedSandbox) -> None:
    choose_one(page, app.url)
    settings = SettingsPage(page, app.url).open()
    card = add_sealed(settings, "Sealed", sandbox.base_url)
    expect(card).to_contain_text("sealed")
    expect(settings.test("Sealed")).to_contain_text("answered")
    assert sandbox.keys == [f"Bearer {KEY}"]
    settings.choose_default_model("scripted · sealed")

    security = Security(page, app.url)
    expect(security.card).to_contain_text("1 key is sealed with it")
    security.card.get_by_role("button", name="Lock").click()
    expect(security.card).to_contain_text(LOCKED)
    settings.open()
    expect(settings.connection("Sealed")).to_contain_text(LOCKED)
    expect(page.locator(".st-key-locked-banner")).to_contain_text("locked in this session")
    expect(settings.test("Sealed")).to_contain_text("sealed with your passphrase, and locked")
    settings.manage("Sealed", "Rotate the key")
    expect(page.get_by_role("dialog", name="Unlock your keys")).to_be_visible()

    unlock_in_chat(page, app.url, sandbox)
    other = browser.new_context()
    expect_locked = SettingsPage(other.new_page(), app.url).open().connection("Sealed")
    expect(expect_locked).to_contain_text(LOCKED)
    other.close()

    change_and_discard(page, app.url)
    settings.open()
    expect(settings.connection("Sealed")).to_contain_text("no key")
    for secret in (PASSPHRASE, ANOTHER, KEY):
        assert secret not in app.log.read_text()
        assert secret not in page.content()
