"""The People page in a browser, over a crowd that was there before the app began."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.server import AppServer
from tests.warehouse.crowd import crowd, kept

pytestmark = pytest.mark.browser

PATIENCE = 20_000


def test_an_analyst_looks_at_a_team_and_shares_what_they_see(page: Page, tmp_path: Path) -> None:
    home, now = tmp_path / "home", datetime.now(UTC)
    home.mkdir()
    made = crowd(now, people=60, days=50)
    kept(home / "warehouse.duckdb", made, UTC, now).close()
    with AppServer(home, environment={"GEARBOX_TIME_ZONE": "UTC"}) as app:
        page.goto(f"{app.url}/people")
        main = page.get_by_test_id("stMainBlockContainer")
        expect(main.get_by_text("As of")).to_be_visible(timeout=PATIENCE)
        expect(main.locator(".js-plotly-plot")).to_have_count(4)
        page.get_by_text("Month", exact=True).click()
        expect(page).to_have_url(re.compile("by=month"))
        main.get_by_role("combobox").click()
        page.get_by_role("option").first.click()
        expect(page).to_have_url(re.compile("team="))
        expect(main.locator(".js-plotly-plot")).to_have_count(4)
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        expect(main.get_by_text("As of")).to_be_visible(timeout=PATIENCE)
        wide = "document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth"
        assert not page.evaluate(wide), "nothing is cut off on a phone"
        main.get_by_role("button", name="How is this computed?").first.click()
        expect(page.get_by_text("stretches").first).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
