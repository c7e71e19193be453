"""The Audit page in a browser: the log is searched, verified and taken away, and a changed row is named."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage

pytestmark = pytest.mark.browser


def open_audit(page: Page, app: AppServer, query: str = "") -> None:
    page.goto(f"{app.url}/audit{query}")
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Verify now")).to_be_visible()


def test_what_was_done_is_found_verified_and_taken_away(page: Page, app: AppServer, tmp_path: Path) -> None:
    SettingsPage(page, app.url).open()  # a session begins
    open_audit(page, app)
    expect(page.get_by_text("1 event in 1 chain").or_(page.get_by_text("events in"))).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("Whole")).to_be_visible()
    expect(page.get_by_text("verified just now").or_(page.get_by_text("verified a moment ago"))).to_be_visible()
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    with page.expect_download() as key:
        dialog.get_by_role("button", name="Public key").click()
    with page.expect_download() as export:
        dialog.get_by_role("button", name="Download").click()
    key.value.save_as(tmp_path / "key.pem")
    export.value.save_as(tmp_path / "export.zip")
    script = subprocess.run(
        [sys.executable, "-m", "core", "audit", "standalone-verifier"], capture_output=True, check=True
    ).stdout
    (tmp_path / "verify.py").write_bytes(script)
    verifier = [sys.executable, "verify.py", "export.zip", "key.pem"]
    said = subprocess.run(verifier, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    names = zipfile.ZipFile(io.BytesIO((tmp_path / "export.zip").read_bytes())).namelist()
    assert any(name.startswith("events") for name in names), names


def test_a_search_that_finds_nothing_says_so_and_is_cleared(page: Page, app: AppServer) -> None:
    open_audit(page, app)
    search = page.get_by_role("textbox", name="Search")
    search.fill("nobody-was-ever-called-this")
    search.press("Enter")
    expect(page.get_by_text("No event fits the search and the filters.")).to_be_visible()
    page.get_by_role("button", name="Clear them").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_row_that_somebody_changed_is_named(page: Page, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with AppServer(home) as app:
        SettingsPage(page, app.url).open()
    (database,) = home.glob("*.db")
    with sqlite3.connect(database) as rows:  # as somebody does who owns the database, and leaves it as it was
        triggers = rows.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in triggers:
            rows.execute(f'DROP TRIGGER "{name}"')
        changed = rows.execute("UPDATE audit_events SET action = 'session.sign_out' WHERE action = 'session.sign_in'")
        assert changed.rowcount == 1
        for _name, sql in triggers:
            rows.execute(sql)
    with AppServer(home) as app:
        open_audit(page, app)
        page.get_by_role("button", name="Verify now").click()
        expect(page.get_by_text("The log is broken")).to_be_visible()
        expect(page.get_by_text("The log is not what was signed.")).to_be_visible()
        expect(page.locator(".st-key-audit-findings").get_by_text("edited")).to_be_visible()
