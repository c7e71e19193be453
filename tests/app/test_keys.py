"""The life of a key in a browser: rotated with a way back, revoked, given a date, expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.access.access import Access
from core.config import Settings
from core.providers.connector import Connector, Terms
from core.providers.discovery import Discovery
from core.vault import Vault
from data.store import OwnerId, open_store
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner
from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox

pytestmark = pytest.mark.browser

FIRST = "sk-live-9Qx2vRt7LmWz4KpY8sHdQ3Jf"
SECOND = "sk-live-Tb5nGc1XeVu6JrAo0iZkWXYZ"


@pytest.fixture
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


@pytest.fixture
def settings(page: Page, app: AppServer) -> SettingsPage:
    return SettingsPage(page, app.url).open()


def test_a_rotated_key_is_used_at_once_and_there_is_a_way_back(
    settings: SettingsPage, sandbox: RecordedSandbox
) -> None:
    card = settings.added("Rotated", sandbox.base_url, FIRST)
    settings.rotate("Rotated", SECOND)
    expect(card).to_contain_text(f"key ending in {SECOND[-4:]}")
    expect(settings.test("Rotated")).to_contain_text("answered")
    versions = settings.manage("Rotated", "Versions")
    expect(versions.locator(".st-key-version-2")).to_contain_text("in use")
    old = versions.locator(".st-key-version-1")
    expect(old).to_contain_text("in its grace")
    old.get_by_role("button", name="Go back to it").click()
    expect(old).to_contain_text("in use")
    expect(versions.locator(".st-key-version-2")).to_contain_text("revoked")
    settings.open()
    expect(card).to_contain_text(f"key ending in {FIRST[-4:]}")
    expect(settings.test("Rotated")).to_contain_text("answered")
    assert sandbox.keys == [f"Bearer {SECOND}", f"Bearer {FIRST}"]


def test_a_revoked_key_is_not_sent(settings: SettingsPage, sandbox: RecordedSandbox) -> None:
    card = settings.added("Revoked", sandbox.base_url, FIRST)
    settings.rotate("Revoked", SECOND, keep="Not at all")
    versions = settings.manage("Revoked", "Versions")
    expect(versions.locator(".st-key-version-1")).to_contain_text("revoked")
    versions.get_by_role("button", name="Revoke").click()
    settings.page.get_by_role("button", name="Revoke it").click()
    expect(versions.locator(".st-key-version-2")).to_contain_text("revoked")
    settings.open()
    expect(card).to_contain_text("revoked")
    expect(settings.test("Revoked")).to_contain_text("This key was revoked")
    assert sandbox.keys == []


def test_no_key_stays_in_a_field_whether_it_was_taken_or_not(
    settings: SettingsPage, sandbox: RecordedSandbox, app: AppServer
) -> None:
    settings.added("Emptied", sandbox.base_url, FIRST)
    dialog = settings.manage("Emptied", "Rotate the key")
    dialog.get_by_label("New key").fill("sk live with spaces")
    dialog.get_by_role("button", name="Rotate").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("Enter the key again, too")
    assert settings.typed().count("sk live with spaces") == 0
    dialog.get_by_label("New key").fill(SECOND)
    dialog.get_by_role("button", name="Rotate").click()
    expect(dialog).to_have_count(0)
    assert not any(SECOND in value for value in settings.typed())
    settings.page.get_by_role("tab", name="Add a provider key").click()
    form = settings.page.get_by_test_id("stForm").filter(has_text="Provider")
    form.get_by_label("Key").fill(SECOND)
    form.get_by_role("button", name="Add", exact=True).click()
    expect(settings.connection("OpenAI")).to_be_visible()
    settings.settle()
    assert not any(SECOND in value for value in settings.typed())
    assert SECOND not in settings.page.content()
    assert SECOND not in app.log.read_text()
    settings.manage("OpenAI", "Remove").get_by_role("button", name="Remove it").click()
    expect(settings.connection("OpenAI")).to_have_count(0)


def test_a_date_that_comes_near_is_told_in_settings_and_chat(
    settings: SettingsPage, sandbox: RecordedSandbox, app: AppServer
) -> None:
    card = settings.added("Dated", sandbox.base_url, FIRST)
    dialog = settings.manage("Dated", "Set its expiry")
    last_day = datetime.now(UTC).date() + timedelta(days=5)
    dialog.get_by_role("spinbutton").nth(0).click()
    settings.page.keyboard.type(f"{last_day:%Y%m%d}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(card).to_contain_text("expires in 6 days")  # the sixth is not over before the day's end
    expect(card).to_contain_text(f"expires {last_day.day} {last_day:%B %Y}")
    banner = settings.page.get_by_test_id("stAlert").filter(has_text="The key of Dated expires in 6 days")
    expect(banner).to_be_visible()
    chat = ChatPage(settings.page, app.url).open()
    expect(chat.page.get_by_role("link", name="Dated key expires in 6 days")).to_be_visible()
    settings.open()
    settings.manage("Dated", "Set its expiry").get_by_role("button", name="Never expires").click()
    expect(banner).to_have_count(0)
    expect(card).not_to_contain_text("expires")


def an_expired_key(home: Path, base_url: str) -> None:
    """As ten days ago somebody entered one that was good for a week."""
    settings = Settings(home=home, kek_source="file", local_discovery=False)
    home.mkdir()

    def then() -> datetime:
        return datetime.now(UTC) - timedelta(days=10)

    store = open_store(settings.store_url, owner=OwnerId.current(), clock=then)
    vault = Vault.open_or_create(store, settings, then)
    discovery = Discovery(Access(store), store, vault, settings=settings, own_address=lambda: "", clock=then)
    owner = Actor("local-owner", frozenset({Role.MEMBER}))
    terms = Terms(KeyOwner.USER, owner.user_id, then() + timedelta(days=7))
    Connector(store, vault, discovery, settings).server(owner, terms, "Lapsed", base_url, FIRST)
    store.close()


def test_an_expired_key_is_never_sent_and_said_to_be_expired(
    page: Page, tmp_path: Path, sandbox: RecordedSandbox
) -> None:
    an_expired_key(tmp_path / "home", sandbox.base_url)
    with AppServer(tmp_path / "home") as app:
        settings = SettingsPage(page, app.url).open()
        expect(page.get_by_test_id("stAlert").filter(has_text="has expired and is not sent")).to_be_visible()
        said = settings.test("Lapsed")
        expect(said).to_contain_text("expired")
        expect(said).to_contain_text("the provider was not asked")
        ChatPage(page, app.url).open()
        expect(page.get_by_role("link", name="Lapsed key expired")).to_be_visible()
        assert sandbox.keys == []
        settings.open()
        settings.rotate("Lapsed", SECOND)
        expect(settings.test("Lapsed")).to_contain_text("answered")
        assert sandbox.keys == [f"Bearer {SECOND}"]
