"""The Reports tab of the Admin page, in a browser, with a webhook that listens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.config import Settings
from data.store import OwnerId, open_store
from data.values.reports import Week
from tests.app.chat_page import settle
from tests.app.server import AppServer
from tests.reports.places import Webhook
from tests.warehouse.books import NOW, book, some

pytestmark = pytest.mark.browser

TOKEN = "tok-4KpY8sHdQ3Jf7Hq2vRt9LmWz"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """An app whose last whole week has eight calls."""
    home: Path = tmp_path_factory.mktemp("reports") / "home"
    home.mkdir()
    store = open_store(Settings(home=home).store_url, owner=OwnerId.current())
    calls = some(8, user_id="local-owner")
    for call in calls:  # from the hour before `NOW` to the middle of that week
        moved = Week.before(datetime.now(UTC), UTC).start + timedelta(days=3) - (NOW - call.intent.started_at)
        object.__setattr__(call.intent, "started_at", moved)
    book(store, calls)
    store.close()
    with AppServer(home) as server:
        server.wait_warm()
        yield server


def test_a_report_is_set_up_looked_at_sent_paused_and_removed(page: Page, app: AppServer, webhook: Webhook) -> None:
    page.goto(f"{app.url}/admin?tab=Reports")
    expect(page.get_by_text("Nothing is sent yet")).to_be_visible()
    dialog, row = page.get_by_role("dialog"), page.locator("[class*='st-key-report-']").filter(has_text="Leads")
    page.get_by_role("button", name="Look at the text").click()
    expect(dialog.get_by_text("Calls:", exact=True)).to_be_visible()
    text = dialog.get_by_test_id("stMarkdown").filter(has_text="Calls:").inner_text()
    assert "Calls: 8" in text and "fewer than 5" in text
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page.get_by_role("button", name="Add a report").click()
    dialog.get_by_label("Name").fill("Lea*ds*")
    address = dialog.get_by_label("Address", exact=True)
    address.fill("syslog://")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("Reports can't go there")
    expect(address).to_have_value("")
    dialog.get_by_label("Name").fill("Leads")
    address.fill(webhook.address(TOKEN))
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("To Webhook (127.0.0.1), every Monday at 08:00")
    expect(row).to_contain_text("never sent yet")

    def choose(action: str) -> None:
        settle(page)
        row.get_by_role("button", name="Manage").click()
        page.get_by_role("menuitem", name=action).click()

    webhook.status = 403
    choose("Send it now")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Leads was not sent. It answered HTTP 403.")
    webhook.status = 200
    choose("Send it now")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Leads was sent.")
    expect(row).to_contain_text("last sent just now")
    assert [each.headers["X-Token"] for each in webhook.received] == [TOKEN] * 2
    assert "- **Calls:** 8\n" in webhook.received[1].text
    choose("Pause")
    expect(row).to_contain_text("paused")
    assert TOKEN not in page.content() and TOKEN not in app.log.read_text()
    choose("Remove")
    dialog.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Nothing is sent yet")).to_be_visible()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as hook:
        yield hook
