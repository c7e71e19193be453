"""The Alerts page in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from docs.alert_pictures import populate
from tests.app.server import AppServer
from tests.reports.places import Webhook

pytestmark = pytest.mark.browser

PATIENCE = 20_000


@pytest.fixture
def alerted(tmp_path: Path) -> Iterator[AppServer]:
    """An app where three rules fire."""
    populate(tmp_path / "home")
    with AppServer(tmp_path / "home") as server:
        yield server


def test_from_a_link_to_an_end_in_the_audit_log(page: Page, alerted: AppServer) -> None:
    page.goto(f"{alerted.url}/alerts?alert=alert-0")
    main, dialog = page.get_by_test_id("stMainBlockContainer"), page.get_by_role("dialog")
    expect(main.get_by_text("the last 14 calls in a row failed")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("What it means.")).to_be_visible()
    main.get_by_role("button", name="Take it on").click()
    expect(main.get_by_text("took it on just now")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("button", name="Silence").click()
    page.get_by_role("option", name="8 hours").or_(page.get_by_role("menuitem", name="8 hours")).click()
    expect(main.get_by_text("Nobody is told of this for 8 hours")).to_be_visible(timeout=PATIENCE)

    main.get_by_role("button", name="All alerts").click()
    expect(main.get_by_text("A guardrail was breached").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSidebar").get_by_text("Alerts (3)")).to_be_attached()
    expect(main.get_by_text("silenced").first).to_be_visible()

    main.get_by_role("tab", name="Rules").click()
    main.locator("[class*='st-key-manage-disk-low'] button").click()
    page.get_by_text("Change", exact=True).click()
    dialog.get_by_label("Well again at").fill("5")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("well and bad at the same time")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_label("Well again at").fill("20")
    dialog.get_by_role("button", name="Save").click()
    expect(main.get_by_text("Well again at 20.")).to_be_visible(timeout=PATIENCE)

    with Webhook() as hook:
        main.get_by_role("tab", name="Channels").click()
        main.get_by_role("button", name="Add a channel").click()
        dialog.get_by_label("Name").fill("On call")
        dialog.get_by_label("Address").fill(f"http://127.0.0.1:{hook.port}/in")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog.get_by_text("Copy it now")).to_be_visible(timeout=PATIENCE)
        assert dialog.get_by_label("Address").input_value() == ""
        page.keyboard.press("Escape")
        row = main.locator("[class*='st-key-channel-']").filter(has_text="On call")
        row.get_by_role("button", name="Manage").click()
        page.get_by_text("Send a try-out").click()
        expect(main.get_by_text("A try-out was sent to On call.")).to_be_visible(timeout=PATIENCE)
        assert [each.body["title"] for each in hook.received] == ["Try-out of a channel"]
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.goto(f"{alerted.url}/audit")
    expect(page.get_by_test_id("stMainBlockContainer").get_by_role("heading", name="Audit")).to_be_visible(
        timeout=PATIENCE
    )
