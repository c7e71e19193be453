"""Pictures of the pages of numbers: `uv run python -m docs.figure_pictures`, or with all others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

from bench.app_process import AppProcess
from data.values.sample import SAMPLE_TEAMS, sample_team_id
from data.warehouse.file import open_warehouse
from docs import explore_pictures, flag_pictures, report_pictures
from tests.warehouse.chosen import company
from tests.warehouse.crowd import crowd, kept
from tests.warehouse.traffic import busy

PageOf = Callable[..., AbstractContextManager[Page]]
Keep = Callable[[Page, str], None]


def take(folder: Path, page_of: PageOf, keep: Keep) -> None:
    """Quality, Performance with Explore and reports, People, and Usage.

    Args:
        page_of: opens a page of a colour scheme, a width and a height.
        keep: keeps a picture under a name.
    """
    for draw in (_quality, _performance, _people, _usage):
        draw(folder, page_of, keep)


def _quality(folder: Path, page_of: PageOf, keep: Keep) -> None:
    """The Quality page of a company that is made up."""
    home = folder / "company"
    home.mkdir()
    now = datetime.now(UTC)
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    company(now, days=120, a_day=60).write(warehouse)
    warehouse.close()
    with AppProcess(home) as app:
        app.wait_warm()
        for name, scheme, width, height in (("light", "light", 1280, 1250), ("phone", "dark", 390, 844)):
            with page_of(scheme, width, height) as page:
                page.goto(f"{app.url}/quality")
                page.get_by_text("As of").wait_for(timeout=60_000)
                keep(page, f"quality-{name}")
                if name == "light":
                    page.get_by_role("heading", name="Against always one model").scroll_into_view_if_needed()
                    keep(page, "quality-choice-light")


def _performance(folder: Path, page_of: PageOf, keep: Keep) -> None:
    """The Performance page over traffic that is made up."""
    home = folder / "traffic"
    home.mkdir()
    now = datetime.now(UTC)
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    busy(now, people=40, days=75, a_day=160).write(warehouse)
    warehouse.close()
    with AppProcess(home) as app:
        app.wait_warm()
        with page_of("light", 1280, 1250) as page:
            page.goto(f"{app.url}/performance?instead=openai/gpt-4o")
            page.get_by_text("Nothing here is about").wait_for(timeout=60_000)
            keep(page, "performance-light")
            page.get_by_role("heading", name="Cost of a useful answer").evaluate("part => part.scrollIntoView()")
            keep(page, "performance-cost-light")
        with page_of("light", 390, 844) as page:
            page.goto(f"{app.url}/performance")
            page.get_by_text("Nothing here is about").wait_for(timeout=60_000)
            keep(page, "performance-phone")
        with page_of("light", 1280, 800) as page:
            report_pictures.take(page, app.url, keep)
        with page_of("light", 1280, 1000) as page:
            explore_pictures.take(page, app.url, keep)


def _people(folder: Path, page_of: PageOf, keep: Keep) -> None:
    """The People page over a crowd that is made up."""
    home = folder / "crowd"
    home.mkdir()
    now = datetime.now(UTC)
    kept(home / "warehouse.duckdb", crowd(now, people=140, days=110, seed=4), UTC, now).close()
    with AppProcess(home) as app:
        app.wait_warm()
        for name, scheme, width, height in (("light", "light", 1280, 1500), ("phone", "dark", 390, 844)):
            with page_of(scheme, width, height) as page:
                page.goto(f"{app.url}/people")
                page.get_by_text("As of").wait_for(timeout=60_000)
                keep(page, f"people-{name}")


def _usage(folder: Path, page_of: PageOf, keep: Keep) -> None:
    """The Usage page over the same kind of traffic, with teams and a day on which something ran wild."""
    home = folder / "usage"
    home.mkdir()
    now = datetime.now(UTC)
    made = busy(now, people=40, days=95, a_day=160)
    for call in made.calls:
        call["team_id"] = sample_team_id("shown", int(call["user_id"].removeprefix("person-")) % len(SAMPLE_TEAMS))
    for number in range(420):
        made.call(f"person-{number % 9}", now - timedelta(days=6, seconds=number), "openai/gpt-4o-mini", surface="api")
    warehouse = open_warehouse(home / "warehouse.duckdb", now)
    made.write(warehouse)
    warehouse.close()
    with AppProcess(home) as app:
        app.wait_warm()
        for name, scheme, width, height in (
            ("light", "light", 1280, 1250),
            ("dark", "dark", 1280, 1250),
            ("phone", "light", 390, 844),
        ):
            with page_of(scheme, width, height) as page:
                page.goto(f"{app.url}/usage")
                page.get_by_text("Nothing here but").wait_for(timeout=60_000)
                page.wait_for_timeout(2000)
                keep(page, f"usage-{name}")
                if name == "light":
                    page.get_by_role("heading", name="By day").evaluate("part => part.scrollIntoView()")
                    page.wait_for_timeout(1000)
                    keep(page, "usage-unusual-light")


if __name__ == "__main__":
    flag_pictures.main(take)
