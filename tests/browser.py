"""The browser that tests drive."""

from __future__ import annotations

import shutil

from bench.app_process import find_chromium


def find_browser() -> str | None:
    """Path of a Chromium, if this machine has one.

    Rather the one that is built without windows: the same engine, and half the processor for each page that a test
    opens. `chromium --headless` draws a window's tabs and buttons, in pages of their own, where nobody sees them.
    """
    return shutil.which("chromium-headless-shell") or find_chromium()
