"""The chat page as a person uses it."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Locator, Page, expect

LONG_ANSWER = "[[words:5000]] Tell me a long story"
"""A hundred seconds of the sandbox's natural pace: even a busy machine comes to stop it before it has ended."""


def settle(page: Page) -> None:
    """Until the page has come to rest: no run of its script is under way, which would draw it again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


class ChatPage:
    """Drives the chat page by what is on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, path: str = "/") -> ChatPage:
        self.page.goto(f"{self.url}{path}")
        expect(self.composer).to_be_enabled()
        return self

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("stChatInput").locator("textarea")

    @property
    def said(self) -> Locator:
        return self.page.locator("[class*='st-key-said-']")

    @property
    def answers(self) -> Locator:
        return self.page.locator("[class*='st-key-answer-']")

    @property
    def stop_button(self) -> Locator:
        return self.page.locator(".st-key-stop button")

    @property
    def retry_button(self) -> Locator:
        return self.page.get_by_role("button", name="Retry")

    def send(self, prompt: str) -> None:
        self.composer.fill(prompt)
        self.composer.press("Enter")

    def attach(self, *files: FilePayload) -> None:
        """Add files to the prompt, and wait until they are with the server."""
        field = self.page.get_by_test_id("stChatInput")
        with self.page.expect_response(lambda response: "/upload_file/" in response.url):
            field.locator("input[type=file]").first.set_input_files(list(files))
        for file in files:
            expect(field).to_contain_text(file["name"])

    def ask(self, prompt: str) -> str:
        """Send and wait for the whole answer; returns its text with the line under it."""
        before = self.answers.count()
        self.send(prompt)
        expect(self.answers).to_have_count(before + 1)
        footer = self.answers.nth(before).get_by_test_id("stCaptionContainer").filter(has_text="first token")
        expect(footer.first).to_be_visible()  # a second one, folded, is of an attempt that was cut off
        expect(self.composer).to_be_enabled()
        return self.answers.nth(before).inner_text()

    def settle(self) -> None:
        """Wait until the page has been drawn."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def open_menu(self) -> None:
        """Open the menu of the conversation in view."""
        self.page.get_by_role("button", name="Rename or delete").click()
        expect(self.page.get_by_label("Title")).to_be_visible()

    def wait_streaming(self, words: int = 5) -> str:
        """Wait until some of a running answer is visible; returns it.

        Trap: what another conversation left behind stands after it, its words hidden, until the answer has ended.
        """
        seen = self.page.wait_for_function(
            "words => { const said = [...document.querySelectorAll(\"[class*='st-key-answer-']\")]"
            ".map(each => each.innerText.trim()).filter(text => text).at(-1);"
            " return said && said.split(/\\s+/).length > words ? said : null }",
            arg=words,
        )
        expect(self.stop_button).to_be_visible()
        return str(seen.json_value())
