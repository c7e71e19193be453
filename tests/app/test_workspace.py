"""Announcements and maintenance as people meet them: in a real browser, changed by another process on the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core.access.access import Access
from core.cli.opened import OPERATOR
from core.clock import utc_now
from core.workspace.board import NoticeBoard
from core.workspace.service import Draft, WorkspaceService
from data.store import OwnerId, open_store
from data.values.notices import NoticeKind
from tests.app.server import AppServer
from tests.app.signing_in import FROM_THE_CLAIM, served, sign_in
from tests.app.test_sign_in import ANN, BOB, PEOPLE, visit

pytestmark = pytest.mark.browser
WORDS = "Mind the **new rule** of [the house](https://example.org/rules)."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with served(tmp_path_factory.mktemp("workspace"), PEOPLE, FROM_THE_CLAIM) as server:
        yield server


@pytest.fixture
def operator(app: AppServer) -> Iterator[WorkspaceService]:
    """Another process's hand on the same database, as the command line has it."""
    store = open_store(f"sqlite:///{app.home / 'gearbox.db'}", owner=OwnerId.current())
    service = WorkspaceService(Access(store), store, NoticeBoard(store, utc_now), utc_now)
    yield service
    if service.maintenance(OPERATOR):
        service.end_maintenance(OPERATOR)
    for each in service.announcements(OPERATOR):
        service.remove(OPERATOR, each.id)
    store.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def test_an_announcement_is_seen_by_all_and_stays_away_from_who_dismissed_it(
    app: AppServer, operator: WorkspaceService, browser: Browser, contexts: list[BrowserContext]
) -> None:
    made = operator.announce(OPERATOR, Draft(WORDS, NoticeKind.WARNING))
    bob = visit(browser, contexts, app.url)
    banner = bob.get_by_role("alert").filter(has_text="Mind the new rule")
    expect(banner).to_be_visible()
    sign_in(bob, BOB)
    expect(banner.get_by_role("link", name="the house")).to_have_attribute("href", "https://example.org/rules")
    bob.set_viewport_size({"width": 390, "height": 844})
    expect(bob.get_by_placeholder("Message Gearbox")).to_be_in_viewport()
    bob.get_by_role("button", name="Dismiss this announcement").click()
    expect(banner).to_have_count(0)
    elsewhere = visit(browser, contexts, app.url)
    expect(elsewhere.get_by_role("alert")).to_have_count(1)
    sign_in(elsewhere, BOB)
    expect(elsewhere.get_by_role("alert")).to_have_count(0)
    operator.change(OPERATOR, made.id, Draft("Mind the newer rule."), version=1)
    expect(_again(elsewhere, "Mind the newer rule.")).to_be_visible()


def test_maintenance_keeps_people_out_and_what_they_wrote(
    app: AppServer, operator: WorkspaceService, browser: Browser, contexts: list[BrowserContext]
) -> None:
    bob, ann = visit(browser, contexts, app.url), visit(browser, contexts, app.url)
    sign_in(bob, BOB)
    sign_in(ann, ANN)
    operator.hold_maintenance(OPERATOR, "The disks are replaced.", ends_at=utc_now() + timedelta(minutes=30))
    expect(_again(ann, "Maintenance is on")).to_be_visible()
    expect(ann.get_by_placeholder("Message Gearbox")).to_be_visible()
    bob.get_by_placeholder("Message Gearbox").fill("Half a novel")
    bob.get_by_placeholder("Message Gearbox").press("Enter")
    expect(bob.get_by_role("heading", name="Back soon")).to_be_visible()
    for words in ("The disks are replaced.", re.compile(r"Maintenance is on until about \d\d:\d\d\."), "Half a novel"):
        expect(bob.get_by_text(words)).to_be_visible()
    expect(bob.get_by_placeholder("Message Gearbox")).to_have_count(0)
    ann.get_by_role("link", name="Manage").click()
    ann.get_by_role("button", name="End it").click()
    ann.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(ann.get_by_text("Maintenance is over: everybody can work.")).to_be_visible()
    field = bob.get_by_placeholder("Message Gearbox")
    expect(field).to_have_value("Half a novel")
    expect(bob.get_by_text("This was not sent, as maintenance was on.")).to_be_visible()
    ann.get_by_role("button", name="Undo").click()
    expect(ann.get_by_text("It is on again.")).to_be_visible()
    assert operator.maintenance(OPERATOR) is not None


def test_an_admin_announces_and_ends_it_and_takes_that_back(
    app: AppServer, operator: WorkspaceService, browser: Browser, contexts: list[BrowserContext]
) -> None:
    ann = visit(browser, contexts, app.url)
    sign_in(ann, ANN)
    ann.goto(f"{app.url}/admin?tab=Workspace")
    ann.get_by_role("button", name="Announce something").click()
    dialog = ann.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Text", exact=True).fill("[x](ftp://no)")
    dialog.get_by_role("button", name="Announce", exact=True).click()
    expect(dialog.get_by_text("A link leads nowhere.")).to_be_visible()
    dialog.get_by_role("textbox", name="Text", exact=True).fill(WORDS)
    dialog.get_by_role("textbox", name="Text", exact=True).blur()
    expect(dialog.get_by_role("link", name="the house")).to_be_visible()
    dialog.get_by_role("button", name="Announce", exact=True).click()
    expect(dialog).to_have_count(0)
    [made] = operator.announcements(OPERATOR)
    assert made.words == WORDS
    ann.locator(f".st-key-manage-{made.id} button").click()
    ann.get_by_role("option", name="End it").or_(ann.get_by_role("menuitem", name="End it")).click()
    ann.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(ann.get_by_text("The announcement has ended.")).to_be_visible()
    ann.get_by_role("button", name="Undo").click()
    expect(ann.get_by_text("It is as it was.")).to_be_visible()
    expect(ann.get_by_role("status").filter(has_text="Mind the new rule")).to_be_visible()


def _again(page: Page, words: str) -> Locator:
    page.wait_for_timeout(1_500)  # the app looks every second
    page.reload()
    return page.get_by_text(words)
