"""Ten questions that analysts ask, each answered from the pages in three interactions or fewer, without SQL.

A browser goes from the chat to the answer, counting what it clicks; then the app ends, and the answers are worked out
again from the rows in Polars. With GEARBOX_PICTURES=FOLDER the pages that answer are kept as pictures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from data.analytics.usage import Spend
from data.warehouse.measures import ACCURACY
from pages.usage_words import cost, count
from tests.app.conftest import browser as browser  # noqa: PLC0414 - a fixture
from tests.app.server import AppServer
from tests.cli.conftest import Gearbox

MOST = 3
_LONGEST = 60  # seconds


@dataclass
class Walk:
    """From the chat to an answer."""

    page: Page
    interactions: int = 0
    seen: str = ""

    def open(self, name: str) -> Walk:
        """A page, by the sidebar."""
        return self._did(lambda: self.page.get_by_test_id("stSidebar").get_by_role("link", name=name).click(), name)

    def choose(self, label: str) -> Walk:
        """One of a row of buttons."""
        main = self.page.get_by_test_id("stMain")
        return self._did(lambda: main.get_by_role("radio", name=label, exact=True).click())

    def press(self, label: str) -> Walk:
        """A button."""
        return self._did(lambda: self.page.get_by_test_id("stMain").get_by_role("button", name=label).click())

    def unfold(self, place: int) -> Walk:
        """One of the tables that are folded away."""
        return self._did(lambda: self.page.get_by_text("As a table").nth(place).click())

    def _did(self, click: Callable[[], None], title: str = "") -> Walk:
        self.interactions += 1
        click()
        if title:
            self.page.get_by_role("heading", name=title, exact=True).wait_for()
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the page says the same for a second and nothing runs."""
        same, before = 0, ""
        for _ in range(2 * _LONGEST):
            self.page.wait_for_timeout(500)
            now = self.page.get_by_test_id("stMain").inner_text()
            busy = (
                ("How is this computed?" not in now and "Ask something" not in now)
                or "Asking the warehouse" in now
                or self.page.get_by_test_id("stApp").get_attribute("data-test-script-state") != "notRunning"
            )
            same, before = (same + 1 if now == before and not busy else 0), now
            if same >= 2:
                break
        self.seen = re.sub(r"\s+", " ", re.sub(r"\d\d:\d\d:\d\d", "", before))  # without the moment of looking


@dataclass
class Asked:
    """A question's way to its answer, and what the answer has to say, worked out from the rows."""

    question: str
    way: Callable[[Walk], Walk]
    wanted: Callable[[Rows], Sequence[str | Near]]
    part: str = ""
    seen: str = ""
    interactions: int = field(default=0)


class Rows:
    """The tables as they were when the app ended; days are those of UTC, as the app's."""

    def __init__(self, path: Path, asked_at: datetime) -> None:
        self.today = asked_at.date()
        with duckdb.connect(str(path), read_only=True) as con:
            self.calls, self.feedback, self.tools, self.sign_ins = (
                con.sql(f"SELECT * FROM {table}").pl()
                for table in ("model_calls", "routing_feedback", "tool_calls", "sign_ins")
            )

    def last(self, days: int, *, before: int = 0) -> pl.DataFrame:
        """Calls of so many days up to today, or up to as many days before."""
        first = self.today - timedelta(days=days - 1 + before)
        kept: pl.DataFrame = self.calls.filter(
            pl.col("ts") >= datetime.combine(first, time()),
            pl.col("ts").dt.date() <= self.today - timedelta(days=before),
        )
        return kept


def spent(calls: pl.DataFrame) -> str:
    paid = calls.filter(pl.col("cache").ne_missing("hit"))["cost_amount"].drop_nulls().sum()
    assert isinstance(paid, Decimal)
    return cost([Spend("USD", paid)])


def of_team(rows: Rows) -> list[str]:
    sums = rows.last(30).group_by("team_id").agg(pl.col("cost_amount").sum(), pl.len()).sort("len", descending=True)
    names = {"0": "Engineering", "1": "Marketing", "2": "Finance", "3": "Support"}
    return [f"{names[team[-1]]} (sample) {count(calls)}" for team, _, calls in sums.rows() if team]


def grown(rows: Rows) -> list[str]:
    now, before = (
        dict(calls.group_by(pl.col("provider") + "/" + pl.col("model")).len().rows())
        for calls in (rows.last(30), rows.last(30, before=30))
    )
    most = max(now, key=lambda model: abs(now[model] - before.get(model, 0)))
    return [f"{most} {count(now[most])}"]


@dataclass(frozen=True)
class Near:
    """Milliseconds behind a word, within the sketch's error and what the page rounds away."""

    word: str
    value: float

    def is_in(self, seen: str) -> bool:
        found = re.search(re.escape(self.word) + r"([\d.]+) (ms|s)\b", seen)
        if found is None:
            return False
        scale, rounded = (1.0, 0.5) if found.group(2) == "ms" else (1000.0, 50.0)
        return abs(float(found.group(1)) * scale - self.value) <= ACCURACY * self.value + rounded


def first_token(rows: Rows) -> list[str | Near]:
    """Quantiles of the page are read from a sketch, whose error is stated beside them."""
    quick = rows.last(30)["ttft_ms"].drop_nulls()
    ranked = [(word, quick.quantile(share, "lower")) for word, share in (("First token ", 0.5), ("p95 ", 0.95))]
    return [Near(word, value) for word, value in ranked if value is not None]


def errors(rows: Rows) -> list[str]:
    calls = rows.last(7)
    bad = calls.filter(pl.col("status").is_in(["failed", "unknown"]))
    return [f"{len(bad) / len(calls):.1%} of calls failed or were cut off: {count(len(bad))} of {count(len(calls))}"]


def funnel(rows: Rows) -> list[str]:
    since = datetime.combine(rows.today - timedelta(days=rows.today.weekday(), weeks=25), time())
    chats = rows.calls.filter(pl.col("ts") >= since, pl.col("surface") == "chat")
    came = set(rows.sign_ins.filter(pl.col("ts") >= since)["user_id"])
    chatted = set(chats["user_id"]) & came
    weeks = chats.with_columns(pl.col("ts").dt.truncate("1w")).group_by("user_id").agg(pl.col("ts").n_unique())
    again = chatted & set(weeks.filter(pl.col("ts") > 1)["user_id"])
    tools = again & set(rows.tools.filter(pl.col("ts") >= since)["user_id"])
    return [f"Signed in {len(came)} · 100%"] if not tools else [f"{len(tools)} · {len(tools) / len(came):.0%}"]


def useful(rows: Rows) -> list[str]:
    hits = rows.last(30).filter(pl.col("cache").is_not_null())
    hit = hits.filter(pl.col("cache") == "hit")
    saved = hit["saved_amount"].drop_nulls().sum()
    assert isinstance(saved, Decimal)
    return [f"{count(len(hit))} of {count(len(hits))} requests, {cost([Spend('USD', saved)])} saved"]


def cohort(rows: Rows) -> list[str]:
    first = rows.calls.filter(pl.col("surface") == "chat").group_by("user_id").agg(pl.col("ts").min())
    weeks = first.with_columns(pl.col("ts").dt.truncate("1w").dt.date()).group_by("ts").len().sort("ts")
    shown = [(week, people) for week, people in weeks.rows() if people >= 5]
    assert shown
    return [f"{_day(week)} ({people})" for week, people in shown[:1]]


def _day(week: date) -> str:
    return f"{week.day:02d} {week:%b}" if week.day > 9 else f"{week.day} {week:%b}"


def tools(rows: Rows) -> list[str]:
    since = datetime.combine(rows.today - timedelta(days=29), time())
    used = rows.tools.filter(pl.col("ts") >= since).group_by("tool").len().sort("len", descending=True)
    return [f"{tool} {calls:,}" for tool, calls in used.rows()[:1]]


ASKED = (
    Asked(
        "What did we spend in the last 30 days?",
        lambda walk: walk.open("Usage").choose("30 days"),
        lambda rows: [f"Cost ≈ {spent(rows.last(30))}"],
    ),
    Asked(
        "How many calls were there in the last 7 days, and how many failed?",
        lambda walk: walk.open("Usage").choose("7 days"),
        lambda rows: [
            f"Calls {count(len(rows.last(7)))} {count(len(rows.last(7).filter(pl.col('status') == 'failed')))} failed"
        ],
    ),
    Asked(
        "How many people were active in the last 7 days?",
        lambda walk: walk.open("Usage"),
        lambda rows: [f"Active in 7 days {rows.last(7)['user_id'].n_unique()}"],
    ),
    Asked(
        "Which team asks the most?",
        lambda walk: walk.open("Usage").choose("30 days").choose("Team"),
        of_team,
        "By team",
    ),
    Asked(
        "Which model changed most against the 30 days before?",
        lambda walk: walk.open("Usage").choose("30 days"),
        grown,
        "What changed most",
    ),
    Asked(
        "What did Gearbox's own cache save?",
        lambda walk: walk.open("Usage").choose("30 days"),
        useful,
    ),
    Asked("How long do people wait for the first token?", lambda walk: walk.open("Performance"), first_token),
    Asked(
        "How many calls of the last 7 days failed, and why?",
        lambda walk: walk.open("Performance").choose("7 days"),
        errors,
        "Errors",
    ),
    Asked(
        "How many of those who sign in get as far as tools?",
        lambda walk: walk.open("People"),
        funnel,
        "How far people get",
    ),
    Asked("How many newcomers began in which week?", lambda walk: walk.open("People"), cohort, "Who comes back"),
    Asked(
        "Which tool is called the most?",
        lambda walk: walk.open("Explore").press("Which tools are used, and how often do they fail?"),
        tools,
    ),
)


@pytest.fixture(scope="module")
def answered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    """All questions asked of one app with sample data; then the rows."""
    home = tmp_path_factory.mktemp("questions") / "home"
    with AppServer(home, environment={"GEARBOX_TIME_ZONE": "UTC"}) as app:
        app.wait_warm()
        seeded = Gearbox(home).run("demo", "seed", "--days", "60", "--users", "40", "--seed", "5")
        assert seeded.code == 0, seeded.text
        browser: Browser = request.getfixturevalue("browser")
        context = browser.new_context(viewport={"width": 1280, "height": 1600}, timezone_id="UTC")
        context.set_default_timeout(60_000)
        page = context.new_page()
        _counted(app, page)
        for number, asked in enumerate(ASKED, 1):
            page.goto(app.url)
            page.wait_for_timeout(2_500)  # the sidebar opens and folds as it likes
            if (button := page.get_by_test_id("stExpandSidebarButton")).count():
                button.click()
            walk = asked.way(Walk(page))
            asked.seen, asked.interactions = walk.seen, walk.interactions
            if folder := os.environ.get("GEARBOX_PICTURES"):
                _keep(page, Path(folder) / f"question-{number:02d}.png", asked)
        asked_at = datetime.now(UTC)
        context.close()
    yield Rows(home / "warehouse.duckdb", asked_at)


def _keep(page: Page, path: Path, asked: Asked) -> None:
    """The part of the page that answers, on a screen's height."""
    page.set_viewport_size({"width": 1280, "height": 900})
    if asked.part:
        page.get_by_role("heading", name=asked.part, exact=True).evaluate("each => each.scrollIntoView()")
    page.wait_for_timeout(1_500)
    page.screenshot(path=path)
    page.set_viewport_size({"width": 1280, "height": 1600})


def _counted(app: AppServer, page: Page) -> None:
    """Wait until what was seeded is in the warehouse: until nothing changes any more."""
    before = ""
    for _ in range(60):
        page.goto(f"{app.url}/usage?period=90d")
        walk = Walk(page)
        walk.settle()
        if "Sample data." in walk.seen and "Still counting" not in walk.seen and walk.seen == before:
            return
        before = walk.seen
        page.wait_for_timeout(3_000)
    raise AssertionError(f"it goes on changing: {before}")


@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("asked", ASKED, ids=[asked.question for asked in ASKED])
def test_the_pages_answer(answered: Rows, asked: Asked) -> None:
    assert 1 <= asked.interactions <= MOST
    for wanted in asked.wanted(answered):
        told = wanted in asked.seen if isinstance(wanted, str) else wanted.is_in(asked.seen)
        assert told, f"{wanted!r} is not in {asked.seen!r}"
