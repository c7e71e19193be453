"""Pictures of the Explore page, for `docs.take_screenshots`."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

_SQL = """SELECT
    date_trunc('week', day) AS week,
    provider,
    sum(cost_usd) AS cost
FROM model_calls
WHERE status = 'ok'
GROUP BY ALL
ORDER BY week, cost DESC"""


def take(page: Page, url: str, keep: Callable[[Page, str], None]) -> None:
    """Keep a picture of a question that was picked, and of one in SQL."""
    page.goto(f"{url}/explore?about=calls&count=cost_usd&count=calls&by=model&period=90d")
    page.get_by_text("the warehouse as of").wait_for(timeout=60_000)
    keep(page, "explore-light")
    page.goto(f"{url}/explore?tab=sql")
    page.locator(".st-key-explore-sql textarea").fill(_SQL)
    page.get_by_role("button", name="Run").click()
    page.get_by_text("the warehouse as of").wait_for(timeout=60_000)
    keep(page, "explore-sql-light")
