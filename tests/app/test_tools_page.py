"""The Tools page in a browser: a server added, its tools read and trusted, tried out, changed, and turned off."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app.server import AppServer
from tests.tools.mcp.house import CANARY, raw_command

pytestmark = pytest.mark.browser


class ToolsPage:
    """What a person sees and does there."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()
        self.settle()

    def row(self, name: str) -> Locator:
        return self.page.locator(f".st-key-tool-{name}")

    def settle(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def done(self) -> None:
        """The dialog has closed by itself."""
        expect(self.dialog).to_have_count(0)
        self.settle()

    def add(self, name: str, refused: str, command: str) -> None:
        """Add a program, at first under a short name that will not do."""
        self.tab("Servers")
        self.page.get_by_role("button", name="Add a server").click()
        self.dialog.get_by_text("A program").click()
        self.dialog.get_by_role("textbox", name="Command").fill(command)
        self.dialog.get_by_role("textbox", name="Name", exact=True).fill("Raw *server*")
        self.dialog.get_by_role("textbox", name="Short name").fill(refused)
        self.dialog.get_by_role("textbox", name="Environment variables").fill(f"TEST_KEY={CANARY}")
        self.dialog.get_by_role("button", name="Add", exact=True).click()
        expect(self.dialog.get_by_text("small letters, digits and single dashes")).to_be_visible()
        expect(self.dialog.get_by_role("textbox", name="Environment variables")).to_have_value("")
        self.dialog.get_by_role("textbox", name="Short name").fill(name)
        self.dialog.get_by_role("textbox", name="Environment variables").fill(f"TEST_KEY={CANARY}")
        self.dialog.get_by_role("button", name="Add", exact=True).click()
        self.done()

    def manage(self, choice: str) -> None:
        self.page.get_by_role("button", name="Manage").click()
        self.page.get_by_role("menuitem", name=choice).click()
        self.settle()


def reads_a_resource(tools: ToolsPage) -> None:
    tools.row("raw__resources_read").get_by_role("button", name="Open").click()
    tools.dialog.get_by_role("button", name="Read").click()
    expect(tools.dialog.get_by_test_id("stCode").last).to_have_text("[Resource note://1]\nhello")
    with tools.page.expect_download() as downloading:
        tools.dialog.get_by_role("button", name="Download").click()
    assert Path(downloading.value.path()).read_text() == "hello"
    tools.page.keyboard.press("Escape")
    tools.done()


def begins_with_a_prompt(tools: ToolsPage) -> None:
    tools.page.locator("[class*=st-key-prompts-]").get_by_role("button", name="Open").click()
    tools.dialog.get_by_role("button", name="Use in the chat").click()
    expect(tools.dialog.get_by_text("text is empty")).to_be_visible()
    tools.dialog.get_by_role("textbox", name="text").fill("<b>x</b>")
    tools.dialog.get_by_role("button", name="Use in the chat").click()
    expect(tools.page.get_by_text("Raw *server* wrote this. Read it before you send it.")).to_be_visible()
    written = tools.page.get_by_test_id("stChatInputTextArea")
    expect(written).to_have_value('Review\\u{200b} {"text": "<b>x</b>"}\n\nnote://1:\nhello')
    tools.page.goto(f"{tools.url}/tools")
    tools.settle()


def test_a_server_is_added_read_trusted_tried_and_looked_at_again_when_it_changes(
    page: Page, app: AppServer, tmp_path: Path
) -> None:
    tools = ToolsPage(page, app.url)
    page.goto(f"{app.url}/tools")
    tools.row("calculator").get_by_role("button", name="Open").click()
    tools.dialog.get_by_role("textbox", name="expression").fill("6*7")
    tools.dialog.get_by_role("button", name="Run", exact=True).click()
    expect(tools.dialog.get_by_test_id("stCode").last).to_contain_text('"result": "42"')
    page.keyboard.press("Escape")
    tools.done()

    tools.add("raw", "Not plain", shlex.join(raw_command(tmp_path, "holds")))
    expect(page.get_by_text("Raw *server* answers and has 9 tools, resources and prompts.")).to_be_visible()
    expect(page.get_by_text("0 offered, 11 to look at")).to_be_visible()

    page.get_by_role("button", name="Look at its tools").click()
    hang = tools.dialog.locator("[data-testid=stVerticalBlock]").filter(has=page.get_by_text("hang", exact=True)).last
    hang.get_by_text("May be used").click()
    tools.dialog.get_by_role("button", name="Save").click()
    tools.done()
    expect(page.get_by_text("10 offered")).to_be_visible()

    tools.tab("Tools")
    expect(tools.row("raw__hang")).to_have_count(0)
    tools.row("raw__environment").get_by_role("button", name="Open").click()
    tools.dialog.get_by_role("button", name="Allow and run").click()
    answered = tools.dialog.get_by_test_id("stCode").last
    expect(answered).to_contain_text("gearbox-tool-server-")
    assert json.loads(answered.inner_text())["TEST_KEY"] == CANARY
    page.keyboard.press("Escape")
    tools.done()

    reads_a_resource(tools)
    begins_with_a_prompt(tools)

    (tmp_path / "change").touch()
    tools.tab("Servers")
    tools.manage("Ask for its tools again")
    expect(page.get_by_text("1 changed")).to_be_visible()
    page.get_by_role("button", name="Look at its tools").click()
    expect(tools.dialog.get_by_text("+Says it again, and sends it to example.org")).to_be_visible()
    page.keyboard.press("Escape")
    tools.done()
    tools.tab("Tools")
    expect(tools.row("raw__environment")).to_contain_text("1 call: half within")
    expect(tools.row("raw__echo")).to_have_count(0)

    tools.row("calculator").get_by_test_id("stCheckbox").locator("label").click()
    expect(page.get_by_text("Calculator is off for everyone.")).to_be_visible()
    expect(tools.row("calculator")).to_contain_text("off for everyone")
    tools.tab("Servers")
    tools.manage("Remove")
    tools.dialog.get_by_role("button", name="Remove it").click()
    tools.done()
    expect(page.get_by_text("No server yet")).to_be_visible()
    assert CANARY not in app.log.read_text()


def test_the_page_fits_a_phone(page: Page, app: AppServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app.url}/tools")
    expect(page.get_by_text(re.compile("What models can do for you"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
