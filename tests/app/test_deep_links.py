"""Every page is served through the frame, also when the first request of a fresh process is a deep link to it.

With a folder `pages/` beside the Streamlit script, Streamlit serves `/settings` by running `pages/settings.py` alone,
past the sign-in gate, until somebody has opened the app at its root.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.visit import Places
from tests.app.chat_page import ChatPage
from tests.app.server import ROOT, AppServer

PLACES = [field.name for field in dataclasses.fields(Places)]
"""The pages there are; each has its name as URL path."""

MODULES = sorted({path.stem for path in (ROOT / "pages").glob("*.py")} - {*PLACES, "__init__"})
"""What lies in `pages/` and is none."""

ALWAYS = {"browsers", "frame", "messages", "session", "usage_words"}
"""Of these, whose turn it is in every run."""

MARKS = {
    "chat": "What shall we work on?",
    "compare": "Compare",
    "models": "Models",
    "tools": "Tools",
    "usage": "Usage",
    "performance": "Performance",
    "people": "People",
    "quality": "Quality",
    "explore": "Explore",
    "settings": "Settings",
    "flags": "Flags",
    "alerts": "Alerts",
    "audit": "Audit",
    "admin": "Admin",
}
"""The heading that each page shows a newcomer."""


class Fresh(AppServer):
    """Started as a person does it, with nothing imported before."""

    anew = True


def assert_framed(page: Page) -> None:
    """The frame has run: its title, its sidebar, and links to every page."""
    expect(page).to_have_title("Gearbox")
    for name in PLACES:
        path = "" if name == "chat" else name
        link = page.get_by_test_id("stSidebar").locator(f"a[href='{path}'], a[href$='/{path}']")
        expect(link.first).to_be_attached()
    # Streamlit's own menu of a `pages/` folder.
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)


def assert_shows(page: Page, place: str) -> None:
    expect(page.get_by_role("heading", name=MARKS[place], exact=True)).to_be_visible()


def test_every_place_is_known_here() -> None:
    assert sorted(MARKS) == sorted(PLACES)
    assert {"frame", "session", "messages"} <= set(MODULES)


@pytest.mark.browser
@pytest.mark.parametrize("place", PLACES)
def test_a_deep_link_into_a_fresh_process_goes_through_the_frame(page: Page, tmp_path: Path, place: str) -> None:
    kind = Fresh if place == "settings" else AppServer
    with kind(tmp_path / "home") as server:
        page.goto(f"{server.url}/{place}")
        assert_shows(page, place)
        assert_framed(page)


@pytest.mark.browser
def test_a_module_is_no_page_of_a_fresh_process(page: Page, tmp_path: Path) -> None:
    with Fresh(tmp_path / "home") as server:
        page.goto(f"{server.url}/messages")
        assert_framed(page)
        assert_shows(page, "chat")


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [
        *(name if name in ALWAYS else pytest.param(name, marks=pytest.mark.campaign) for name in MODULES),
        *["__init__", "app", "pages/settings", "pages/settings.py", "core"],
    ],
)
def test_nothing_but_the_places_is_a_page(page: Page, app: AppServer, path: str) -> None:
    page.goto(f"{app.url}/{path}")
    # Streamlit says so in a dialog and falls back to the first page; deeper paths it does not serve at all.
    if "/" not in path:
        assert_framed(page)
        assert_shows(page, "chat")
    else:
        expect(page.get_by_text("Default model")).to_have_count(0)
        expect(page.get_by_text("import streamlit")).to_have_count(0)


@pytest.mark.browser
def test_a_deep_link_with_a_strange_conversation_shows_an_empty_chat(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/?c={'0' * 32}")
    assert_framed(page)
    expect(page.get_by_text("That conversation does not exist any more.")).to_be_visible()
    expect(ChatPage(page, app.url).composer).to_be_enabled()
    assert not re.search(r"[?&]c=", page.url)


def test_streamlit_finds_no_pages_folder_beside_the_script_of_the_app() -> None:
    # A fresh process: the answer is kept for the life of one.
    code = (
        "import app\n"
        "from streamlit.runtime.pages_manager import PagesManager\n"
        "script = app.app.script_path\n"
        "print(script.name, PagesManager(str(script)).uses_pages_directory, (script.parent / 'pages').exists())"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == ["frame.py", "False", "False"]


def test_the_trap_is_still_there_for_whoever_makes_app_py_the_script() -> None:
    code = (
        "from streamlit.runtime.pages_manager import PagesManager\n"
        f"print(PagesManager({str(ROOT / 'app.py')!r}).uses_pages_directory)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == ["True"], "Streamlit has changed: then the tests above prove nothing"
