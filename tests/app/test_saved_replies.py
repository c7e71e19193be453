"""Looking at an answer of many kinds of parts, and saving it, in a browser."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, Page, expect

from core.access.sign_in import LOCAL_OWNER_ID
from core.chat.saving.slideshow_child import film
from data.store import OwnerId
from data.values.media import Blob
from data.values.parts import FilePart, TextPart
from tests.app.chat_page import ChatPage
from tests.app.injections import parts as hostile_parts
from tests.app.server import AppServer
from tests.chat.saving.kept import answered, everything, picture, sound
from tests.databases import open_store

pytestmark = pytest.mark.browser


def content(download: Download, name: str) -> bytes:
    assert download.suggested_filename == name
    return download.path().read_bytes()


def pressed(within: Locator, name: str) -> Download:
    with within.page.expect_download() as coming:
        within.get_by_role("button", name=name, exact=True).first.click()
    return coming.value


def opened(page: Page, answer: Locator) -> Locator:
    """The menu of an answer."""
    page.keyboard.press("Escape")
    answer.get_by_role("button", name="Save", exact=True).click()
    return page.get_by_test_id("stPopoverBody")


def asked_for(browser: Browser, pages: list[Path]) -> list[str]:
    """What a browser asks for when it opens files, and what their own policies have to forbid."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page, seen = context.new_page(), list[str]()
    context.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    for each in pages:
        page.goto(each.as_uri())
        page.wait_for_load_state("networkidle")
        page.wait_for_function("() => [...document.images].every(each => each.naturalWidth > 0)")
        page.wait_for_function("() => [...document.querySelectorAll('audio, video')].every(each => each.duration > 0)")
    context.close()
    return [each for each in seen if not each.startswith(("file:", "data:"))]


def conversation(home: Path) -> str:
    """One of three answers: hostile, too much for one file, and of every kind of part."""
    store = open_store(f"sqlite:///{home / 'gearbox.db'}", owner=OwnerId.current())
    too_much = tuple(FilePart(Blob(digit * 64, "application/pdf", 40 << 20), f"{digit}.pdf") for digit in "12")
    parts, blobs = everything()
    known = answered(store, LOCAL_OWNER_ID, hostile_parts("http://127.0.0.1:1"))
    answered(store, LOCAL_OWNER_ID, (TextPart("Large"), *too_much), conversation=known)
    answered(store, LOCAL_OWNER_ID, parts, blobs, conversation=known)
    store.close()
    return known


def test_an_answer_is_looked_at_and_saved(page: Page, browser: Browser, tmp_path: Path) -> None:
    known = conversation(tmp_path / "home")
    with AppServer(tmp_path / "home") as app:
        chat = ChatPage(page, app.url).open(f"/?c={known}")
        answer = chat.answers.last
        expect(answer.get_by_role("img", name="A lake")).to_have_count(2)
        chat.settle()
        answer.get_by_role("button", name="Look at pond.png").first.click()
        looked_at = page.get_by_role("dialog")
        expect(looked_at.get_by_role("img", name="A lake")).to_be_visible()
        expect(looked_at).to_contain_text("64 × 48")
        full = content(pressed(looked_at, "Download"), "pond.png")
        assert Image.open(io.BytesIO(full)).size == (64, 48)
        page.keyboard.press("Escape")
        expect(looked_at).to_have_count(0)

        answer.get_by_text("Transcript").click()
        expect(answer.get_by_text("An old silent pond.", exact=True)).to_be_visible()
        with page.expect_download() as coming:  # drawn by the browser, under our policy
            answer.locator(".modebar-btn[data-title*='PNG']").click()
        assert Image.open(io.BytesIO(content(coming.value, "Sales.png"))).width > 700
        assert content(pressed(answer, "SVG"), "Sales.svg").startswith(b"<svg ")
        assert content(pressed(answer, "CSV"), "Sales.csv") == b"Month,Sales\nJan,1\nFeb,2\n"

        menu = opened(page, answer)
        packed = zipfile.ZipFile(io.BytesIO(content(pressed(menu, "Markdown and files (.zip)"), "The pond.zip")))
        assert "The pond/The pond.md" in packed.namelist() and packed.testzip() is None
        (tmp_path / "kept.html").write_bytes(content(pressed(menu, "One page (.html)"), "The pond.html"))
        expect(menu.get_by_role("button", name="Film of pictures and voice (.mp4)")).to_be_visible()
        can_play = page.evaluate("() => document.createElement('video').canPlayType('video/mp4; codecs=avc1.64001f')")
        expect(opened(page, chat.answers.nth(1))).to_contain_text("80 MB together")
        menu = opened(page, chat.answers.first)
        (tmp_path / "hostile.html").write_bytes(pressed(menu, "One page (.html)").path().read_bytes())
    made = film([picture("teal")[1].content], [("audio/wav", sound()[1].content)], longest=320)
    (tmp_path / "film.mp4").write_bytes(made)
    (tmp_path / "film.html").write_text("<video src='film.mp4'></video>" if can_play else "")
    assert asked_for(browser, [tmp_path / f"{name}.html" for name in ("kept", "hostile", "film")]) == []
