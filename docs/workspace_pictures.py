"""Pictures of what admins look after: `uv run python -m docs.workspace_pictures`, or with all others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page

from bench.app_process import AppProcess
from core.access.gate import build_access
from core.cli.opened import OPERATOR
from core.clock import utc_now
from core.config import Settings
from core.retention.holds import HoldService
from core.workspace.board import NoticeBoard
from core.workspace.service import Draft, WorkspaceService
from data.store import OwnerId, open_store
from data.values.holds import HoldScope
from data.values.notices import NoticeKind
from docs import flag_pictures, people_pictures
from tests.app.signing_in import FROM_THE_CLAIM, served, sign_in, user

_DRAFTS = (
    Draft("**New:** *Research* has a key of its own. [How to use it](https://example.org/keys)"),
    Draft("One provider is slow today. Answers may take longer.", NoticeKind.WARNING),
)


def populate(home: Path) -> None:
    """A company with people who spend, two announcements, and a hold."""
    people_pictures.populate(home)
    settings = Settings(home=home, kek_source="file")
    store = open_store(settings.store_url, owner=OwnerId.current())
    access = build_access(settings, store)
    workspace = WorkspaceService(access, store, NoticeBoard(store, utc_now), utc_now)
    for draft in _DRAFTS:
        workspace.announce(OPERATOR, draft)
    holds = HoldService(access, store, utc_now)
    holds.place(OPERATOR, HoldScope.PERSON, "person-2", "Case 26-114", "Asked for by counsel on Monday.")
    store.close()


def take(folder: Path, page_of: Callable[..., AbstractContextManager[Page]], keep: Callable[[Page, str], None]) -> None:
    """The overview, the tabs Workspace and Data, and a chat under announcements.

    Args:
        page_of: opens a page of a colour scheme, a width and a height.
        keep: keeps a picture under a name.
    """
    home = folder / "workspace"
    populate(home)
    with AppProcess(home) as app:
        app.wait_warm()
        for tab, mark, height in (("Workspace", "Announce something", 800), ("Data", "Place a hold", 1250)):
            with page_of("light", 1280, height) as page:
                page.goto(f"{app.url}/admin?tab={tab}")
                page.get_by_role("button", name=mark).wait_for()
                keep(page, f"admin-{tab.lower()}-light")
        with page_of("dark", 390, 844) as page:
            page.goto(app.url)
            page.get_by_text("One provider is slow").wait_for()
            keep(page, "announced-phone")
        with page_of("light", 1280, 1250) as page:
            page.goto(f"{app.url}/admin")
            page.get_by_text("Open alerts").wait_for()
            keep(page, "admin-overview-light")
    _closed(folder / "closed", page_of, keep)


def _closed(
    folder: Path, page_of: Callable[..., AbstractContextManager[Page]], keep: Callable[[Page, str], None]
) -> None:
    """What a member sees while maintenance is on: the owner of a local app would go on working."""
    folder.mkdir()
    with served(folder, [user("bob", "Bob")], FROM_THE_CLAIM) as app, page_of("light", 1280, 800) as page:
        page.goto(app.url)
        sign_in(page, "bob")
        store = open_store(f"sqlite:///{app.home / 'gearbox.db'}", owner=OwnerId.current())
        workspace = WorkspaceService(
            build_access(Settings(home=app.home), store), store, NoticeBoard(store, utc_now), utc_now
        )
        ends = utc_now() + timedelta(minutes=40)
        workspace.hold_maintenance(OPERATOR, "The database moves to a **larger disk**.", ends_at=ends)
        store.close()
        page.reload()
        page.get_by_text("larger disk").wait_for(timeout=60_000)
        keep(page, "maintenance-light")


if __name__ == "__main__":
    flag_pictures.main(take)
