"""The chat page in headless Chromium: `uv run python -m bench.chat_page [--turns N]`.

Enter to the first visible token and to the end of an instant answer, at histories of 10, 100, 1,000 and 2,000 messages;
loading the page at each; and the very first message of a process after `/readyz` says warm. Times are taken in the
page by a MutationObserver. The baseline is the shortest history of the same run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import history
from bench.app_process import CHROMIUM_ARGUMENTS, AppProcess, chromium

LENGTHS = [10, 100, 1000, 2000]

COMPOSER = "[data-testid=stChatInput] textarea:enabled"

# Resolves to [first, done] in milliseconds after Enter: the marker visible in the last answer, and the line under it.
_WATCH = """marker => {
  window.__times = new Promise(resolve => {
    let began = null, first = null;
    const onKey = e => { if (e.key === 'Enter') began = performance.now() };
    document.addEventListener('keydown', onKey, {capture: true});
    const look = () => {
      if (began === null) return;
      const all = document.querySelectorAll("[class*='st-key-answer-']");
      const text = all.length ? all[all.length - 1].textContent : '';  // innerText would lay the page out
      if (first === null && text.includes(marker)) first = performance.now() - began;
      if (first !== null && text.includes(marker) && text.includes('first token')) {
        observer.disconnect(); resolve([first, performance.now() - began]);
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, {subtree: true, childList: true, characterData: true});
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=15, help="turns per history, and page loads")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        conversations = history.make(home, LENGTHS)
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        _first_messages(browser, Path(folder))
        with AppProcess(home) as app:
            app.wait_warm()
            _steady(browser, app, conversations, options.turns)
        browser.close()


def _first_messages(browser: Browser, folder: Path, runs: int = 3) -> None:
    firsts, warm = [], []
    for run in range(runs):
        with AppProcess(folder / f"fresh{run}") as app:
            warm.append(app.wait_warm())
            page = browser.new_page()
            page.goto(app.url)
            page.wait_for_selector(COMPOSER)
            firsts.append(chat_turn(page, run)[0])
            page.close()
    print(
        f"the very first message of a process: {_ms(firsts)} to the first token, median of {runs}; each: "
        + ", ".join(f"{value:.0f}" for value in firsts)
    )
    print(f"warm {statistics.median(warm):.1f} s after start\n")


def _steady(browser: Browser, app: AppProcess, conversations: dict[int, str], turns: int) -> None:
    first: dict[int, list[float]] = {length: [] for length in conversations}
    done: dict[int, list[float]] = {length: [] for length in conversations}
    loads: dict[int, list[float]] = {length: [] for length in conversations}
    # Interleaved, so that a slow minute of the machine hits every length alike.
    for length in list(conversations) * turns:
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(f"{app.url}/?c={conversations[length]}")
        page.wait_for_selector("[class*='st-key-answer-']")
        page.wait_for_selector(COMPOSER)
        loads[length].append((time.perf_counter() - began) * 1000)
        page.wait_for_timeout(300)
        to_first, to_done = chat_turn(page, len(first[length]))
        first[length].append(to_first)
        done[length].append(to_done)
        page.close()
    print(
        f"{'messages':>9} {'first token':>14} {'p95':>8} {'done':>9} {'page load':>11}   against {LENGTHS[0]} messages"
    )
    base = LENGTHS[0]
    for length in conversations:
        ratio_first = statistics.median(first[length]) / statistics.median(first[base])
        ratio_load = statistics.median(loads[length]) / statistics.median(loads[base])
        p95 = statistics.quantiles(first[length], n=20)[-1]
        print(
            f"{length:>9} {_ms(first[length]):>14} {p95:>5.0f} ms {_ms(done[length]):>9} {_ms(loads[length]):>11}"
            f"   first token {ratio_first:.2f}x, load {ratio_load:.2f}x"
        )


def chat_turn(page: Page, number: int) -> list[float]:
    marker = f"zebra{number}x{time.monotonic_ns() % 100000}"
    page.evaluate(_WATCH, marker)
    page.fill(COMPOSER, f"[[pace:instant]] [[say:{marker} and that is all]]")
    page.press(COMPOSER, "Enter")
    times: list[float] = page.evaluate("window.__times")
    page.wait_for_selector(COMPOSER)
    return times


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ms"


if __name__ == "__main__":
    main()
