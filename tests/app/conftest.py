"""A running app and a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.app_process import CHROMIUM_ARGUMENTS
from tests.app.server import AppServer
from tests.browser import find_browser

_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")  # it beeps, and asks nobody


# Of a module, not of the session: Playwright's synchronous interface keeps an event loop running in this thread, and
# asynchronous tests of other modules could not start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_browser()
    if chromium is None:
        if os.environ.get("GEARBOX_REQUIRE_BROWSER") == "1":
            pytest.fail("GEARBOX_REQUIRE_BROWSER=1, but there is no Chromium on this machine")
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_ARGUMENTS, *_MICROPHONE])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One app for the tests of a module, warm."""
    home: Path = tmp_path_factory.mktemp("app") / "home"
    with AppServer(home) as server:
        server.wait_warm()
        yield server
