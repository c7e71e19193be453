"""Explore in a browser: a question picked, drawn and downloaded, and one in SQL, while the chat answers."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.warehouse.file import open_warehouse
from tests.app.conftest import browser, page  # noqa: F401  # fixtures
from tests.app.server import AppServer
from tests.warehouse.traffic import busy

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    home: Path = tmp_path_factory.mktemp("explore") / "home"
    home.mkdir(mode=0o700)
    now = datetime.now(UTC)
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    busy(now, days=20).write(warehouse)
    warehouse.close()
    with AppServer(home) as server:
        server.wait_warm()
        yield server


def test_a_question_is_asked_drawn_downloaded_and_run_away_from(app: AppServer, page: Page) -> None:  # noqa: F811
    page.goto(f"{app.url}/explore")
    page.get_by_role("button", name="Which models cost the most").click()
    expect(page.get_by_text("the warehouse as of")).to_be_visible()
    expect(page.locator(".stPlotlyChart")).to_be_visible()
    assert "count=cost_usd" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert lines[0] == ["model", "cost_usd", "calls"]
    assert float(lines[1][1]) >= float(lines[2][1]) > 0
    page.get_by_role("radio", name="SQL").click()
    editor = page.locator(".st-key-explore-sql textarea")
    editor.fill("SELECT sum(range) FROM range(1000000000000)")
    began = time.monotonic()
    editor.press("Control+Enter")
    expect(page.get_by_text("longer than 5 s")).to_be_visible()
    assert time.monotonic() - began < 20  # five and the page, on a machine with something else to do
    editor.fill("SELECT provider, count(*) AS n FROM model_calls GROUP BY ALL")
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.get_by_text("openai")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
