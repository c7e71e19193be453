"""Steps of tools on the chat page, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser


def test_a_calculation_is_a_folded_step_of_the_answer_also_after_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    said = chat.ask("Please calculate 12*7")
    assert '"result":"84"' in said
    for _ in range(2):
        answer = chat.answers.last
        step = answer.get_by_test_id("stExpander")
        expect(step).to_have_count(1)
        expect(step.locator("summary")).to_contain_text("Calculator · 12*7 · ")
        expect(step.get_by_test_id("stCode").first).to_be_hidden()
        step.locator("summary").click()
        expect(step.get_by_test_id("stCode").first).to_be_visible()
        asked, gave = step.get_by_test_id("stCode").all()
        expect(asked).to_contain_text('"expression": "12*7"')
        expect(gave).to_contain_text('"result": "84"')
        expect(answer).to_contain_text("The tool answered")
        page.reload()
        expect(chat.answers).to_have_count(1)
