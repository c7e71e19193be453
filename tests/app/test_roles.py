"""Each page for each role, in a real browser: what somebody may open is there and whole, the rest is not.

With GEARBOX_PICTURES, a folder, each is kept there as a picture, wide and narrow, light and dark.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.server import AppServer
from tests.app.signing_in import FROM_THE_CLAIM, served, sign_in, user
from tests.app.test_deep_links import MARKS, assert_shows
from tests.matrix.test_routes import PAGES

SUBJECTS = {"member": "mia-31a9", "analyst": "ana-88d0", "admin": "ada-5c2e"}
GROUPS = {"member": (), "analyst": ("gearbox-analysts",), "admin": ("gearbox-admins",)}
_SIZES = ((1280, 800), (390, 844))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    people = [user(SUBJECTS[role], role.capitalize(), *GROUPS[role]) for role in SUBJECTS]
    with served(tmp_path_factory.mktemp("roles"), people, FROM_THE_CLAIM) as server:
        yield server


@pytest.mark.timeout(1800 if os.environ.get("GEARBOX_PICTURES") else 600)  # fourteen pages, one after the other
@pytest.mark.parametrize("role", SUBJECTS)
def test_a_role_has_its_pages_and_no_other(app: AppServer, browser: Browser, role: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(app.url)
    sign_in(page, SUBJECTS[role])
    for place in MARKS:
        page.goto(f"{app.url}/{place}")
        if role in PAGES[place]:
            assert_shows(page, place)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            keep(page, role, place)
        else:
            expect(page.get_by_text("Page not found")).to_be_visible()
            assert page.get_by_role("heading", name=MARKS[place], exact=True).count() == 0
        links = {other: link_to(page, other) for other in MARKS}
        for other in sorted(links, key=lambda each: role not in PAGES[each]):  # the sidebar is there with the first
            if role in PAGES[other]:
                expect(links[other].first).to_be_attached()
            else:
                assert links[other].count() == 0, other
    context.close()


def link_to(page: Page, place: str) -> Locator:
    path = "" if place == "chat" else place
    return page.get_by_test_id("stSidebar").locator(f"a[href='{path}'], a[href$='/{path}']")


def keep(page: Page, role: str, place: str) -> None:
    """A picture of the page in each size and theme, where somebody wants them."""
    folder = os.environ.get("GEARBOX_PICTURES")
    if not folder:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in _SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.reload()
            assert_shows(page, place)
            expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
            page.wait_for_timeout(500)  # what moves has come to rest
            page.screenshot(path=Path(folder) / f"{role}-{place}-{scheme}-{width}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
