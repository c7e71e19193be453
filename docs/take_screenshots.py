"""Takes the pictures of README and guides anew: `uv run python -m docs.take_screenshots` (needs Chromium)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from bench.app_process import CHROMIUM_ARGUMENTS, AppProcess, chromium
from core.access.gate import build_access, build_gate
from core.config import Settings
from data.store import OwnerId, open_store
from data.values.actor import Role
from data.values.people import Identity, Person, RolesFrom
from docs import alert_pictures, figure_pictures, flag_pictures, people_pictures, workspace_pictures

IMAGES = Path(__file__).resolve().parent / "images"

_SERVER = Path(__file__).resolve().parents[1] / "tests" / "tools" / "mcp" / "servers" / "official.py"
_COMPOSER = "[data-testid=stChatInput] textarea:enabled"
_COLLEAGUES = {
    "Ada Lovelace": Role.MEMBER,
    "Grace Hopper": Role.ADMIN,
    "Alan Turing": Role.MEMBER,
    "Katherine Johnson": Role.ANALYST,
}
_COMPARED = "pick=openai/gpt-4o&pick=mistral/mistral-large-latest&pick=deepseek/deepseek-chat&compare=1"
_CALCULATED = (
    'What is 12 times 7, and what is a third of 1,299 plus tax?\n\n[[call:calculator {"expression": "12 * 7"}]]'
    '[[call:calculator {"expression": "1299 * 1.19 / 3"}]]'
)
_IN_PARTS = "Write a haiku about a lighthouse at dusk, paint it in watercolour and read it aloud"
_PROMPTS = ("What can you show me without a key?", "Show me a table of the planets", "And some code, please")


def main() -> None:
    """Start an empty app, use it as a member would, and keep a picture of each place."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        home = Path(folder) / "home"
        _populate(home)
        with AppProcess(home) as app:
            app.wait_warm()
            conversation = _talk(browser, app.url)
            _light(browser, app.url, conversation)
            _steps(browser, app.url)
            _in_parts(browser, app.url)
            _attached(browser, app.url)
            _saved(browser, app.url)
            _models(browser, app.url)
            _tools(browser, app.url)
            for others in (figure_pictures, flag_pictures, people_pictures, alert_pictures, workspace_pictures):
                others.take(Path(folder), partial(_page, browser), _keep)
            for name, scheme, width, height in (("dark", "dark", 1280, 800), ("phone", "light", 390, 844)):
                with _page(browser, scheme, width, height) as page:
                    _shoot(page, conversation, f"chat-{name}")
                    _shoot(page, f"{app.url}/settings", f"settings-{name}")
        browser.close()


def _populate(home: Path) -> None:
    """A few colleagues, two of them in a team."""
    home.mkdir()
    settings = Settings(home=home, kek_source="file")
    store = open_store(settings.store_url, owner=OwnerId.current())
    gate = build_gate(settings, store, build_access(settings, store), remove_keys=lambda *_args: 0)
    owner = gate.sign_in.actor()
    now = datetime.now(UTC)
    for number, (name, role) in enumerate(_COLLEAGUES.items()):
        email = f"{name.split()[-1].lower()}@example.org"
        seen = now - timedelta(hours=7 * number)
        person = Person(f"person-{number}", name, now, email, frozenset({role}), RolesFrom.ADMIN, last_seen_at=seen)
        store.users.add(person, Identity("https://id.example.org", person.id))
    team = gate.teams.create(owner, "Research")
    for number in (0, 2):
        gate.teams.add(owner, team.id, f"person-{number}")
    gate.tokens.create(owner, "Nightly report", expires_at=now + timedelta(days=90))
    store.close()


def _talk(browser: Browser, url: str) -> str:
    with _page(browser) as page:
        _shoot(page, url, "fresh-light")
        for number, prompt in enumerate(_PROMPTS, start=1):
            page.fill(_COMPOSER, prompt)
            page.press(_COMPOSER, "Enter")
            footers = page.locator("[class*='st-key-answer-'] [data-testid=stCaptionContainer]", has_text="first token")
            footers.nth(number - 1).wait_for()
            page.wait_for_timeout(1000)
        return page.url


def _light(browser: Browser, url: str, conversation: str) -> None:
    with _page(browser) as page:
        _shoot(page, conversation, "chat-light")
        page.get_by_role("button", name="Sandbox (scripted)").click()
        page.get_by_placeholder("Search models").wait_for()
        _keep(page, "picker-light")
        _shoot(page, f"{url}/settings", "settings-light")
        page.set_viewport_size({"width": 1280, "height": 1250})
        page.get_by_test_id("stMain").get_by_text("Advanced").click()
        page.get_by_role("textbox", name="System prompt").wait_for()
        _keep(page, "settings-advanced-light")
        page.set_viewport_size({"width": 1280, "height": 800})
        _shoot(page, conversation, "chat-advanced-light")
        page.goto(f"{url}/settings")
        page.get_by_test_id("stMain").get_by_text("Advanced").click()
        page.wait_for_timeout(1000)
        _shoot(page, f"{url}/settings?tab=Security", "settings-security-light")
        _shoot(page, f"{url}/admin?tab=Vault", "admin-vault-light")
        page.goto(f"{url}/admin?tab=Evidence")
        page.get_by_role("button", name="Prepare").click()
        page.get_by_role("button", name="Download").wait_for()
        _keep(page, "admin-evidence-light")


def _steps(browser: Browser, url: str) -> None:
    """An answer with two steps, one of them open."""
    with _page(browser) as page:
        page.goto(url)
        page.fill(_COMPOSER, _CALCULATED)
        page.press(_COMPOSER, "Enter")
        page.locator("[data-testid=stCaptionContainer]", has_text="first token").wait_for()
        page.locator("[class*='st-key-answer-'] [data-testid=stExpander] summary").last.click()
        _keep(page, "chat-tools-light")


def _in_parts(browser: Browser, url: str) -> None:
    """A reply in three parts, in each look; in one of them how it was made is open."""
    with _page(browser, height=1290) as page:
        page.goto(url)
        page.fill(_COMPOSER, _IN_PARTS)
        page.press(_COMPOSER, "Enter")
        made = page.get_by_text("How it was made")
        made.wait_for()
        conversation = page.url
        _keep(page, "reply-light")
        made.click()
        page.get_by_role("button", name="Make again").first.wait_for()
        _keep(page, "reply-made-light")
        page.goto(url)
        page.fill(_COMPOSER, f"{_IN_PARTS} [[image-fault:500]]")
        page.press(_COMPOSER, "Enter")
        page.get_by_role("button", name="Try again").wait_for()
        _keep(page, "reply-failed-light")
    for name, scheme, width, height in (("dark", "dark", 1280, 1290), ("phone", "dark", 390, 844)):
        with _page(browser, scheme, width, height) as page:
            _shoot(page, conversation, f"reply-{name}")


def _attached(browser: Browser, url: str) -> None:
    with _page(browser) as page:
        page.goto(url)
        page.locator(_COMPOSER).wait_for()
        files = page.get_by_test_id("stChatInput").locator("input[type=file]").first
        files.set_input_files([IMAGES / "usage-light.png", IMAGES.parent / "sandbox.md"])
        page.get_by_role("button", name="Remove sandbox.md").wait_for()
        page.wait_for_timeout(1000)
        page.fill(_COMPOSER, "What do you see on this picture?")
        page.press(_COMPOSER, "Enter")
        page.locator("[class*='st-key-answer-'] [data-testid=stCaptionContainer]", has_text="first token").wait_for()
        _keep(page, "attached-light")


def _saved(browser: Browser, url: str) -> None:
    """A reply in several parts: a picture of it in full, and its Save menu."""
    with _page(browser) as page:
        page.goto(url)
        page.fill(_COMPOSER, _IN_PARTS)
        page.press(_COMPOSER, "Enter")
        page.get_by_role("button", name="Save", exact=True).wait_for()
        page.wait_for_timeout(2000)
        page.get_by_role("button", name="Look at").click()
        page.get_by_role("dialog").get_by_role("img").wait_for()
        page.wait_for_timeout(1000)
        _keep(page, "reply-picture-light")
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_timeout(1000)
        _keep(page, "reply-save-light")


def _models(browser: Browser, url: str) -> None:
    with _page(browser) as page:
        _shoot(page, f"{url}/models?for=chat&can=vision&context=200000&sort=price", "models-light")
        page.set_viewport_size({"width": 1280, "height": 1250})
        _shoot(page, f"{url}/models?model=openai/gpt-4o", "models-detail-light")
        page.goto(f"{url}/models?model=sandbox/scripted")
        page.get_by_role("button", name="Check what this model can do").click()
        page.get_by_text("Tried out 5 abilities").wait_for()
        _keep(page, "models-checked-light")
        page.set_viewport_size({"width": 1280, "height": 800})
        _shoot(page, f"{url}/models?{_COMPARED}", "models-compare-light")
    with _page(browser, "dark", 390, 844) as page:
        _shoot(page, f"{url}/models?{_COMPARED}", "models-compare-phone")


def _tools(browser: Browser, url: str) -> None:
    with _page(browser) as page:
        page.goto(f"{url}/tools?tools-tab=Servers")
        page.get_by_role("button", name="Add a server").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("A program").click()
        dialog.get_by_role("textbox", name="Command").fill(f"{sys.executable} {_SERVER}")
        dialog.get_by_role("textbox", name="Name", exact=True).fill("Weather")
        dialog.get_by_role("textbox", name="Short name").fill("weather")
        dialog.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("button", name="Look at its tools").click()
        dialog.get_by_role("button", name="Save").wait_for()
        _keep(page, "tools-review-light")
        dialog.get_by_role("button", name="Save").click()
        page.get_by_text("5 offered").wait_for()
        page.set_viewport_size({"width": 1280, "height": 1250})
        _shoot(page, f"{url}/tools", "tools-light")


@contextmanager
def _page(
    browser: Browser, scheme: Literal["light", "dark"] | str = "light", width: int = 1280, height: int = 800
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    yield context.new_page()
    context.close()


def _shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_test_id("stMainBlockContainer").wait_for()
    _keep(page, name)


def _keep(page: Page, name: str) -> None:
    page.mouse.move(640, 790)
    page.wait_for_timeout(3500)  # charts and data frames arrive after the page
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
