"""Pictures of the Reports tab, for `docs.take_screenshots`."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

_REPORTS = (
    ("Leads", "mailtos://gearbox:password@example.org?smtp=smtp.example.org&from=gearbox@example.org&to=leads@example.org"),
    ("Team channel", "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
)  # fmt: skip


def take(page: Page, url: str, keep: Callable[[Page, str], None]) -> None:
    """Add two reports, which are checked and not sent, and keep pictures of them and of their text."""
    page.goto(f"{url}/admin?tab=Reports")
    dialog = page.get_by_role("dialog")
    for name, address in _REPORTS:
        page.get_by_role("button", name="Add a report").click(timeout=60_000)
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_label("Address", exact=True).fill(address)
        dialog.get_by_role("button", name="Add", exact=True).click()
        dialog.wait_for(state="detached", timeout=60_000)
        page.wait_for_timeout(5000)  # its toast goes
    keep(page, "admin-reports-light")
    page.get_by_role("button", name="Look at the text").click()
    dialog.get_by_text("Calls:", exact=True).wait_for(timeout=60_000)
    keep(page, "admin-report-text-light")
