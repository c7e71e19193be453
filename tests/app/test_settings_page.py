"""Settings in a browser: keys that are never seen again, real tests of connections, preferences that stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.sandbox.wire import models
from tests.app.chat_page import ChatPage
from tests.app.server import AppServer, free_port
from tests.app.settings_page import SettingsPage
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox
from tests.gateway.server import serve

pytestmark = pytest.mark.browser

KEY = "sk-live-9Qx2vRt7LmWz4KpY8sHdQ3Jf"
REFUSAL = "Incorrect API key provided: you can find yours in the account of Acme."


@pytest.fixture
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


@pytest.fixture
def settings(page: Page, app: AppServer) -> SettingsPage:
    return SettingsPage(page, app.url).open()


@contextmanager
def refusing_server(*, lists_models: bool) -> Iterator[str]:
    """Speaks OpenAI's format and takes no key."""

    async def listing(_request: Request) -> JSONResponse:
        return JSONResponse(models()) if lists_models else await refuse(_request)

    async def refuse(_request: Request) -> JSONResponse:
        error = {"message": REFUSAL, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
        return JSONResponse({"error": error}, 401)

    routes = [Route("/v1/models", listing), Route("/v1/chat/completions", refuse, methods=["POST"])]
    with serve(Starlette(routes=routes)) as origin:
        yield f"{origin}/v1"


def everything_kept(home: Path) -> Iterator[tuple[Path, bytes]]:
    """Every byte below the home folder: database, write-ahead log, warehouse, key file."""
    for path in sorted(home.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def test_an_added_key_shows_its_last_four_characters_and_answers(
    settings: SettingsPage, sandbox: RecordedSandbox, app: AppServer
) -> None:
    card = settings.added("Acme", sandbox.base_url, KEY)
    expect(card).to_contain_text(f"key ending in {KEY[-4:]}")
    expect(card).to_contain_text(sandbox.base_url)
    said = settings.test("Acme")
    expect(said).to_contain_text("scripted answered.")
    expect(said).to_contain_text("First token after")
    assert sandbox.keys == [f"Bearer {KEY}"], "the test is a real call with the real key"
    settings.open()
    expect(settings.connection("Acme")).to_contain_text(f"key ending in {KEY[-4:]}")


def test_an_added_key_is_nowhere_to_be_found(settings: SettingsPage, sandbox: RecordedSandbox, app: AppServer) -> None:
    settings.added("Vaulted", sandbox.base_url, KEY)
    expect(settings.test("Vaulted")).to_contain_text("answered")
    settings.open()
    # Neither whole nor a piece of it, beyond the four characters that are shown.
    for piece in (KEY, KEY[4:20], KEY[-12:]):
        assert piece not in settings.page.content()
        names = [path.name for path, content in everything_kept(app.home) if piece.encode() in content]
        assert names == []
        assert piece not in app.log.read_text()
    searched = {path.name for path, _ in everything_kept(app.home)}
    assert {"gearbox.db", "gearbox.db-wal", "warehouse.duckdb"} <= searched, "these had to be searched"


def test_the_key_leaves_its_field_once_it_was_added(settings: SettingsPage, sandbox: RecordedSandbox) -> None:
    settings.added("Cleared", sandbox.base_url, KEY)
    expect(settings.page.get_by_text("Cleared added.")).to_be_visible()
    assert not any(KEY in value for value in settings.typed())
    assert KEY not in settings.page.content()


@pytest.mark.parametrize("lists_models", [True, False], ids=["lists its models", "refuses those too"])
def test_a_refused_key_shows_the_provider_s_own_words(settings: SettingsPage, lists_models: bool) -> None:
    label = f"Refuser {'L' if lists_models else 'N'}"
    with refusing_server(lists_models=lists_models) as base_url:
        settings.added(label, base_url, KEY)
        said = settings.test(label)
        expect(said).to_contain_text(REFUSAL)
        expect(said).not_to_contain_text(KEY[4:20])


def test_a_server_that_is_not_there_is_named_with_what_to_check(settings: SettingsPage) -> None:
    settings.added("Absent", "http://127.0.0.1:9/v1", KEY)
    said = settings.test("Absent")
    expect(said).to_contain_text("reached")


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("not an address", "That is not a web address."),
        ("ftp://models.example.org/v1", "A base URL begins with https:// or http://."),
        ("http://models.example.org/v1", "models.example.org would get keys and prompts unencrypted."),
        ("https://user:pass@models.example.org/v1", "A base URL ends before any password"),
        ("", "A base URL begins with"),
    ],
)
def test_an_unusable_address_is_refused_in_plain_words(settings: SettingsPage, base_url: str, words: str) -> None:
    settings.add_server("Nowhere", base_url, KEY)
    expect(settings.page.get_by_test_id("stAlert")).to_contain_text(words)
    expect(settings.connection("Nowhere")).to_have_count(0)
    settings.open()
    expect(settings.connection("Nowhere")).to_have_count(0)


def test_a_key_that_can_be_none_is_refused_without_repeating_it(settings: SettingsPage, app: AppServer) -> None:
    settings.add_server("Spaced", "https://models.example.org/v1", "sk-live with spaces")
    alert = settings.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("That does not look like a key")
    expect(alert).not_to_contain_text("with spaces, or")
    expect(settings.connection("Spaced")).to_have_count(0)
    assert "sk-live with" not in app.log.read_text()


def test_removing_asks_first_and_forgets_the_key(
    settings: SettingsPage, sandbox: RecordedSandbox, app: AppServer
) -> None:
    card = settings.added("Leaving", sandbox.base_url, KEY)
    question = settings.manage("Leaving", "Remove")
    expect(question).to_contain_text("Its key is deleted from the vault")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    expect(settings.connection("Leaving")).to_be_visible()
    settings.manage("Leaving", "Remove").get_by_role("button", name="Remove it").click()
    expect(card).to_have_count(0)
    settings.open()
    expect(settings.connection("Leaving")).to_have_count(0)


def test_the_default_model_is_the_person_s_not_the_browser_s(
    settings: SettingsPage, sandbox: RecordedSandbox, browser: Browser, app: AppServer
) -> None:
    settings.added("House", sandbox.base_url)
    expect(settings.test("House")).to_contain_text("answered")
    settings.choose_default_model("scripted · house")
    other = browser.new_context()
    try:
        chat = ChatPage(other.new_page(), app.url).open()
        assert "house/scripted" in chat.ask("[[pace:instant]] Who is there?")
        assert len(sandbox.calls) == 2
        there = SettingsPage(chat.page, app.url).open()
        expect(there.default_model).to_have_value("scripted · house")
    finally:
        other.close()


def test_the_default_model_can_be_changed_again_and_again(settings: SettingsPage) -> None:
    sandbox, first = "Sandbox (scripted) · sandbox", "First that can be used"
    for name in (sandbox, first, sandbox, first):
        settings.choose_default_model(name)
        settings.settle()
        expect(settings.default_model).to_have_value(re.compile(f"^{re.escape(name)}"))
    settings.open()
    expect(settings.default_model).to_have_value(re.compile(f"^{first}"))


def test_advanced_reveals_the_parameters_and_they_reach_the_model(
    settings: SettingsPage, sandbox: RecordedSandbox, browser: Browser, app: AppServer
) -> None:
    settings.added("Tuned", sandbox.base_url)
    expect(settings.test("Tuned")).to_contain_text("answered")
    settings.choose_default_model("scripted · tuned")
    expect(settings.parameters).to_have_count(0)
    settings.advanced.locator("label").click()
    form = settings.parameters
    expect(form).to_be_visible()
    form.get_by_role("textbox", name="System prompt").fill("Answer like a pirate.")
    form.get_by_text("Set the temperature").click()
    form.get_by_role("spinbutton", name="Longest answer, in tokens").fill("9")
    form.get_by_role("button", name="Save").click()
    expect(settings.page.get_by_text("Saved.", exact=True)).to_be_visible()
    other = browser.new_context()
    try:
        there = SettingsPage(other.new_page(), app.url).open()
        expect(there.parameters.get_by_role("textbox", name="System prompt")).to_have_value("Answer like a pirate.")
        chat = ChatPage(there.page, app.url).open()
        answer = chat.ask("[[pace:instant]] Ahoy")
    finally:
        other.close()
    assert sandbox.messages[0] == ("system", "Answer like a pirate.")
    assert (sandbox.calls[-1]["temperature"], sandbox.calls[-1]["max_tokens"]) == (1.0, 9)
    assert "in, 9 out tokens" in answer, "advanced shows the details under the answer"
    settings.advanced.locator("label").click()
    expect(settings.parameters).to_have_count(0)
    ChatPage(settings.page, app.url).open().ask("[[pace:instant]] And now?")
    assert [role for role, _ in sandbox.messages] == ["user"]
    assert "temperature" not in sandbox.calls[-1]


def test_the_advanced_switch_can_be_turned_again_and_again(settings: SettingsPage) -> None:
    for shown in (1, 0, 1, 0):
        settings.advanced.locator("label").click()
        expect(settings.parameters).to_have_count(shown)
    settings.open()
    expect(settings.parameters).to_have_count(0)


def test_a_server_started_just_now_is_found_by_looking_again(page: Page, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "GEARBOX_LOCAL_DISCOVERY": "true",
        "GEARBOX_LOCAL_ENDPOINTS": json.dumps({"ollama": f"http://127.0.0.1:{port}/v1"}),
    }
    with AppServer(tmp_path / "home", environment=environment) as own_app:
        settings = SettingsPage(page, own_app.url).open()
        expect(settings.connection("Sandbox")).to_be_visible()
        expect(settings.connection("Ollama")).to_have_count(0)
        with recorded_sandbox(port=port):
            page.get_by_role("button", name="Look again now").click()
            expect(settings.connection("Ollama")).to_contain_text("found on this machine")
            expect(settings.test("Ollama")).to_contain_text("answered")


def test_the_form_in_use_stays_open_after_adding(settings: SettingsPage, sandbox: RecordedSandbox) -> None:
    settings.added("Stays", sandbox.base_url, KEY)
    expect(settings.page.get_by_text("Stays added.")).to_be_visible()
    expect(settings.page.get_by_role("tab", name="Add an OpenAI-compatible server")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(settings.page.get_by_label("Base URL")).to_be_visible()
