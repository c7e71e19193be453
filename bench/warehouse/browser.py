"""The pages of numbers in headless Chromium, and the chat while an analyst keeps the warehouse busy.

Run by `bench.warehouse --browser`; with `--analyst URL` this module is that analyst, until it is killed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.app_process import CHROMIUM_ARGUMENTS, AppProcess, chromium
from bench.chat_page import COMPOSER, chat_turn

PAGES = ("usage", "performance", "people")
_NARROWER = {"usage": "7 days", "performance": "7 days", "people": "13"}
_HOW = "How is this computed?"
_TURNS = 9

# Resolves to the milliseconds from a click to the last change of the page's text, once that was a second ago.
_WATCH = """() => {
  window.__settled = new Promise(resolve => {
    let began = null, last = null;
    document.addEventListener('click', () => { began ??= performance.now() }, {capture: true, once: true});
    const main = document.querySelector('[data-testid=stMain]');
    const observer = new MutationObserver(() => { last = performance.now() });
    observer.observe(main, {subtree: true, childList: true, characterData: true});
    const look = setInterval(() => {
      if (began !== null && last !== null && performance.now() - last > 1000) {
        clearInterval(look); observer.disconnect(); resolve(last - began);
      }
    }, 50);
  });
}"""


def browser_times(path: Path, folder: Path, rounds: int) -> Iterator[str]:
    """Each page cold and after a change of its period; then the chat alone, and beside an analyst."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(path, home / "warehouse.duckdb")
    with AppProcess(home) as app, sync_playwright() as playwright:
        app.wait_warm()
        _let_exports_be_made(home)
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        yield f"pages in Chromium, {rounds} rounds, median (most):"
        for page in PAGES:
            cold, narrower = zip(*(_visited(browser, app.url, page) for _ in range(rounds)), strict=True)
            yield f"  {page}: cold {_told(cold)}, after another period {_told(narrower)}"
        alone = _chatted(browser, app.url)
        analyst = subprocess.Popen([sys.executable, "-m", __spec__.name, "--analyst", app.url])
        time.sleep(10)
        beside = _chatted(browser, app.url)
        analyst.kill()
        analyst.wait()
        ratio = statistics.median(beside) / statistics.median(alone)
        yield f"chat, Enter to the first token: {_told(alone)} alone, {_told(beside)} beside an analyst: {ratio:.2f}x"
        browser.close()


def _let_exports_be_made(home: Path) -> None:
    """Wait until no more files come: a server makes those of all days once, on its first start with so many events."""
    made, still = -1, 0
    while still < 10:
        time.sleep(1)
        now = sum(1 for _ in (home / "exports").rglob("*.parquet"))
        made, still = now, still + 1 if now == made else 0


def _visited(browser: Browser, url: str, name: str) -> tuple[float, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    began = time.perf_counter()
    page.goto(f"{url}/{name}")
    page.get_by_text(_HOW).first.wait_for()
    cold = (time.perf_counter() - began) * 1000
    page.wait_for_timeout(4_000)
    page.evaluate(_WATCH)
    page.get_by_test_id("stMain").get_by_role("radio", name=_NARROWER[name], exact=True).click()
    narrower: float = page.evaluate("window.__settled")
    page.close()
    return cold, narrower


def _chatted(browser: Browser, url: str) -> list[float]:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector(COMPOSER)
    firsts = [chat_turn(page, number)[0] for number in range(_TURNS + 1)][1:]
    page.close()
    return firsts


def _told(times: tuple[float, ...] | list[float]) -> str:
    return f"{statistics.median(times):,.0f} ms ({max(times):,.0f})"


def _be_analyst(url: str) -> None:
    """Open the dearest views again and again."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        page: Page = browser.new_page()
        page.set_default_timeout(120_000)
        while True:
            for view in ("usage?period=90d", "performance?period=90d", "people?period=52"):
                page.goto(f"{url}/{view}")
                page.wait_for_timeout(2_000)


if __name__ == "__main__":
    _arguments = argparse.ArgumentParser()
    _arguments.add_argument("--analyst", required=True)
    _be_analyst(_arguments.parse_args().analyst)
