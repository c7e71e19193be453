"""Pictures of the Alerts page: `uv run python -m docs.alert_pictures`; with all others by `docs.take_screenshots`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

from bench.app_process import AppProcess
from core.alerts.rules import WATCHES
from core.config import Settings
from data.store import OwnerId, open_store
from data.store.alerts import ALERT_LEASE, Moved
from data.values.alerts import Alert, AlertState, Observation
from docs import flag_pictures

_LASTS = timedelta(hours=1)
_FIRING = (
    ("provider-down", "endpoint-anthropic", 14, 12, "anthropic has not answered: the last 14 calls in a row failed."),
    ("guardrail-breach", "image-generation", 1, 42, "Failures rose with the rollout of image-generation to 25 %."),
    ("key-expiring", "4f1cab22", 5, 1500, "The openai key of the organisation ends on 2026-12-05 12:00 UTC."),
)
_OVER = (
    (
        "budget-near",
        "team:research",
        97,
        5760,
        "97 % of the month's budget of a team is spent: 970.00 of 1,000.00 USD.",
    ),
    ("error-spike", "openai", 11.4, 8700, "34% of the calls of openai failed in the last 15 minutes; 1.2% is usual."),
)


def populate(home: Path) -> None:
    """A deployment where three rules fire, and two have."""
    home.mkdir()
    store, now = open_store(Settings(home=home).store_url, owner=OwnerId.current()), datetime.now(UTC)
    store.leases.acquire(ALERT_LEASE, _LASTS)
    for number, (rule, group, value, minutes, words) in enumerate((*_FIRING, *_OVER)):
        at, is_over = now - timedelta(minutes=minutes), number >= len(_FIRING)
        alert = Alert(
            f"alert-{number}",
            rule,
            group,
            1,
            AlertState.RESOLVED if is_over else AlertState.FIRING,
            WATCHES[rule].rule.severity,
            0,
            at,
            value,
            value,
            words,
            at,
            resolved_at=at + timedelta(minutes=31) if is_over else None,
        )
        store.alerts.move([Moved(alert)], _LASTS)
        if not is_over:  # else the app's own rounds would find that all is well
            store.alerts.tell(rule, Observation(group, value, words), now + _LASTS)
    store.leases.release(ALERT_LEASE)
    store.close()


def take(
    folder: Path, opened: Callable[[str, int, int], AbstractContextManager[Page]], keep: Callable[[Page, str], None]
) -> None:
    """Start an app over what `populate` made, and keep its pictures."""
    home = folder / "alerts"
    populate(home)
    with AppProcess(home) as app:
        app.wait_healthy()
        with opened("light", 1280, 800) as page:
            page.goto(f"{app.url}/alerts")
            page.get_by_text("A provider does not answer").first.wait_for(timeout=60_000)
            keep(page, "alerts-light")
            for tab in ("Rules", "Channels"):
                page.get_by_role("tab", name=tab).click()
                keep(page, f"alerts-{tab.lower()}-light")
            page.goto(f"{app.url}/alerts?alert=alert-0")
            page.get_by_text("Who was told").wait_for(timeout=60_000)
            keep(page, "alert-light")
        with opened("dark", 390, 844) as page:
            page.goto(f"{app.url}/alerts?alert=alert-0")
            page.get_by_text("Who was told").wait_for(timeout=60_000)
            keep(page, "alert-phone")


if __name__ == "__main__":
    flag_pictures.main(take)
