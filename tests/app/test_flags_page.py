"""The Flags page in a browser, and what other pages show of a capability that is off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.app.server import AppServer

pytestmark = pytest.mark.browser

PATIENCE = 20_000


def test_from_a_rule_to_a_kill_and_back(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/flags")
    main, dialog = page.get_by_test_id("stMainBlockContainer"), page.get_by_role("dialog")
    rows = main.locator("[class*='st-key-open-']")
    expect(rows).to_have_count(13, timeout=PATIENCE)
    main.get_by_label("Search").fill("sql explore")
    main.get_by_label("Search").press("Enter")
    expect(rows).to_have_count(1, timeout=PATIENCE)
    rows.get_by_role("button").click()
    expect(main.get_by_role("heading", name="SQL in Explore")).to_be_visible(timeout=PATIENCE)
    assert "flag=sql-console" in page.url

    main.get_by_role("button", name="Add a rule").click()
    dialog.get_by_role("button", name="Save the rule").click(timeout=PATIENCE)
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    expect(main.get_by_text("5% of people get on, the others off")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("tab", name="Guardrails").click()
    expect(main.get_by_text("Nearest to a rollback: none is on the way.")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("button", name="Set", exact=True).click()
    dialog.get_by_text("Roll it back by itself").click(timeout=PATIENCE)
    dialog.get_by_role("button", name="Save").click()
    expect(main.get_by_text("Nothing watches it")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("tab", name="Rules").click()
    slider = main.get_by_role("slider")
    slider.focus()
    slider.press("End")
    main.get_by_role("button", name="Set the share").click()
    expect(page.get_by_role("dialog", name="From 5% to 100%?")).to_contain_text("100% of people get on")
    dialog.get_by_role("button", name="Set the share").click()
    expect(main.get_by_text("100% of people get on, the others off")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("on: 1 of 1 person")).to_be_visible(timeout=PATIENCE)

    main.get_by_role("button", name="Kill").click()
    dialog.get_by_role("button", name="Kill it").click(timeout=PATIENCE)
    expect(dialog.get_by_text("No reason was given")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("textbox", name="Why").fill("it takes too much")
    dialog.get_by_role("textbox", name="Why").press("Enter")
    dialog.get_by_role("button", name="Kill it").click()
    expect(main.get_by_text("It is killed.")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("It is killed: everybody gets off, and nothing below counts.")).to_be_visible()

    page.goto(f"{app.url}/explore?tab=sql")
    expect(main.get_by_text("SQL is switched off here")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_role("radio", name="SQL")).to_have_count(0)

    page.goto(f"{app.url}/flags?flag=sql-console&tab=History")
    expect(main.get_by_text("it takes too much")).to_be_visible(timeout=PATIENCE)
    expect(main.get_by_text("State: on → killed")).to_be_visible()
    main.get_by_role("button", name="Revert to this").last.click()
    dialog.get_by_role("textbox", name="Why").fill("as it was")
    dialog.get_by_role("textbox", name="Why").press("Enter")
    dialog.get_by_role("button", name="Revert", exact=True).click()
    expect(main.get_by_text("on for everybody", exact=True)).to_be_visible(timeout=PATIENCE)
    page.goto(f"{app.url}/explore?tab=sql")
    expect(main.get_by_role("button", name="Run")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_flag_of_one_s_own(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/flags?flag=never-was")
    main, dialog = page.get_by_test_id("stMainBlockContainer"), page.get_by_role("dialog")
    expect(main.get_by_text("There is no such flag, or it was removed.")).to_be_visible(timeout=PATIENCE)
    main.get_by_role("button", name="New flag").click()
    dialog.get_by_label("Key").fill("Two words")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_text("A key has up to 64 small letters")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_label("Key").fill("new-search")
    dialog.get_by_role("button", name="Make it").click()
    expect(main.get_by_text("The flag is made.")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{app.url}/flags?flag=new-search&tab=About")
    main.get_by_label("Owner").fill("Search team")
    main.get_by_role("button", name="Save").click()
    expect(main.get_by_text("Saved.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Who sees what").click()
    expect(main.get_by_text("It has no rules: everybody has this.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Effect").click()
    expect(main.get_by_text("Nobody came to it yet.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)
