"""Keys go through every path of the running app, the failing ones too, and are then looked for everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.app.chat_page import ChatPage
from tests.app.conftest import browser, page
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.leaks.errands import Client, through_commands, through_the_api, waiting_in_vain
from tests.leaks.traces import MARK, canary, disguises, traces
from tests.leaks.upstream import WAYS, Repeating, repeating
from tests.leaks.watched_app import WATCH

__all__ = ["browser", "page"]
pytestmark = pytest.mark.browser

KEPT = "This stays in its field."


class Watched(AppServer):
    application = "tests.leaks.watched_app:app"

    def in_sessions(self, text: str) -> list[str]:
        """The ways on which the browsers' sessions lead to a text."""
        answer = httpx.post(f"{self.url}{WATCH}", json=[text], trust_env=False, timeout=60)
        found: list[str] = answer.json()[text]
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("home", "tmp", "out"):
        (tmp_path / name).mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def app(folder: Path) -> Iterator[Watched]:
    loud = {"TMPDIR": str(folder / "tmp"), "GEARBOX_LOG_LEVEL": "DEBUG", "STREAMLIT_LOGGER_LEVEL": "debug"}
    with Watched(folder / "home", environment=loud, uvicorn=True) as server:
        server.wait_warm()
        yield server


@pytest.fixture
def upstream() -> Iterator[Repeating]:
    with repeating() as running:
        yield running


def test_a_key_is_found_nowhere(page: Page, app: Watched, upstream: Repeating, folder: Path) -> None:
    heard: list[bytes] = []
    page.on("websocket", lambda socket: listen(socket, heard))
    client = Client(app.url)
    with waiting_in_vain(client, upstream):
        through_settings(page, app, upstream)
        through_chats(page, app)
        through_the_api(client, app.home, folder / "out")
        said = through_commands(folder)
    client.close()
    app.kill()  # so that nothing is tidied up: the write-ahead log and temporary files stay
    assert (app.home / "gearbox.db-wal").stat().st_size > 0
    assert any(b"First token after" in frame for frame in heard), "what the page was sent is looked at"
    for look in disguises(MARK).values():
        assert not any(look in frame for frame in heard), "the server sent a key back to the page"
        assert look.decode("latin-1") not in "\n".join(client.said)
        assert look.decode("latin-1") not in said
    assert traces(folder) == []
    searched = {path.suffix or path.name for path in folder.rglob("*") if path.is_file()}
    assert {".db", ".duckdb", ".log", ".zip", ".backup", ".kek"} <= searched


def listen(socket: WebSocket, heard: list[bytes]) -> None:
    socket.on("framereceived", lambda frame: heard.append(frame if isinstance(frame, bytes) else frame.encode()))


def through_settings(page: Page, app: Watched, upstream: Repeating) -> None:
    settings = SettingsPage(page, app.url).open()
    settings.added("Friendly", upstream.base_url("answers"), canary("answers"))
    assert app.in_sessions(MARK) == []
    expect(settings.test("Friendly")).to_contain_text("answered.")
    for way in WAYS:
        settings.added(way, upstream.base_url(way), canary(way))
        assert MARK not in settings.test(way).inner_text()
        assert upstream.heard[-1] == canary(way), "it was really called with this key"
    settings.add_server("Plain", "http://models.example.test/v1", canary("plain-http"))
    expect(page.get_by_test_id("stAlert").filter(has_text="Enter the key again")).to_be_visible()
    settings.add_server("Spaces", upstream.base_url("answers"), f"{canary('with')} spaces")
    settings.settle()
    assert app.in_sessions(MARK) == []
    settings.rotate("Friendly", canary("rotated"))
    expect(settings.test("Friendly")).to_contain_text("answered.")
    assert upstream.heard[-1] == canary("rotated")
    settings.manage("breaks", "Remove").get_by_role("button", name="Remove it").click()
    expect(settings.connection("breaks")).to_have_count(0)
    assert not any(MARK in value for value in settings.typed())
    settings.advanced.locator("label").click()
    settings.parameters.get_by_role("textbox", name="System prompt").fill(KEPT)
    settings.parameters.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert app.in_sessions(KEPT) != [], "what a session holds is found there"
    assert app.in_sessions(MARK) == []


def through_chats(page: Page, app: Watched) -> None:
    SettingsPage(page, app.url).open().choose_default_model("scripted · friendly")
    ChatPage(page, app.url).open().ask("[[pace:instant]] Is anything kept?")
    for way in ("refuses", "cuts"):
        SettingsPage(page, app.url).open().choose_default_model(f"scripted · {way}")
        chat = ChatPage(page, app.url).open()
        chat.send("And now?")
        expect(chat.retry_button).to_be_visible()
        expect(chat.answers).to_contain_text(re.compile("key|answer", re.IGNORECASE))
        assert MARK not in page.content()
    assert app.in_sessions(MARK) == []


def test_the_search_finds_what_is_there(folder: Path) -> None:
    for name, content in disguises(MARK).items():
        (folder / "out" / name.replace(" ", "-")).write_bytes(b"before" + content + b"after")
    (folder / "tmp" / "log").write_text(json.dumps({"key": canary("x")}))
    found = traces(folder)
    assert len(found) == len(disguises(MARK)) + 1
