"""A new user's first five minutes, in a browser, against the whole app."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.chat_page import LONG_ANSWER, ChatPage
from tests.app.server import AppServer

pytestmark = pytest.mark.browser


def test_a_fresh_chat_shows_the_composer_the_model_chip_and_the_gear(page: Page, tmp_path: Path) -> None:
    with AppServer(tmp_path / "home") as app:
        chat = ChatPage(page, app.url).open()
        expect(page.locator(".st-key-model-picker button")).to_contain_text("Auto")
        expect(page.locator(".st-key-chat-header").get_by_role("link")).to_have_count(1)
        expect(chat.composer).to_be_visible()
        expect(page.get_by_test_id("stSidebar").get_by_text("New chat")).not_to_be_in_viewport()
        expect(chat.stop_button).to_be_hidden()


def test_five_turns_are_one_conversation_with_a_title_and_a_footer(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    for turn in range(1, 6):
        answer = chat.ask(f"Question number {turn}")
        assert f"turn {turn} of our conversation" in answer
        assert answer.count("I am Gearbox's sandbox") <= 1
        assert answer.count(f"turn {turn} of our conversation") == 1
        expect(chat.stop_button).to_be_hidden()
        assert re.search(r"sandbox/scripted · \d+ tokens · not priced · first token \d+ ms", answer)
    assert chat.said.count() == 5
    page.reload()  # only now there is something to list
    expect(page.get_by_test_id("stSidebar").get_by_text("Question number 1")).to_be_visible()
    expect(chat.answers).to_have_count(5)


def test_stop_keeps_the_partial_text_and_offers_retry(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send(LONG_ANSWER)
    seen = chat.wait_streaming(20)
    chat.stop_button.click()
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()
    expect(chat.answers.last.get_by_role("button", name="More")).to_be_visible()  # the last that is drawn of it
    kept = chat.answers.last.inner_text()
    assert kept.startswith(" ".join(seen.split()[:10])[:40])
    expect(chat.composer).to_be_enabled()
    expect(chat.stop_button).to_be_hidden()
    page.reload()
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()
    expect(chat.answers.last.get_by_role("button", name="More")).to_be_visible()
    assert chat.answers.last.inner_text() == kept
    chat.retry_button.click()
    chat.wait_streaming()
    chat.stop_button.click()
    expect(chat.answers).to_have_count(1)
    assert chat.said.count() == 1


def test_a_reload_in_the_middle_attaches_again_and_the_answer_goes_on(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send("[[words:1000]] Keep talking")
    seen = chat.wait_streaming(10)
    page.reload()
    again = chat.wait_streaming(len(seen.split()))
    assert again.startswith(seen[: len(seen) // 2])
    expect(chat.answers.last.get_by_text("first token")).to_be_visible()
    expect(chat.composer).to_be_enabled()
    assert len(chat.answers.last.inner_text().split()) >= 1000


def is_answering(home: Path, conversation_id: str) -> bool:
    """Whether an answer in this conversation is in progress; other tests may have left theirs behind."""
    query = "SELECT count(*) FROM messages WHERE conversation_id = ? AND status = 'streaming'"
    with closing(sqlite3.connect(f"file:{home / 'gearbox.db'}?mode=ro", uri=True, timeout=30)) as database:
        return bool(database.execute(query, (conversation_id,)).fetchone()[0])


def test_leaving_does_not_end_an_answer(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send("[[words:100]] Go on without me")
    chat.wait_streaming()
    url = page.url
    (conversation_id,) = parse_qs(urlsplit(url).query)["c"]
    assert is_answering(app.home, conversation_id)
    page.goto("about:blank")
    deadline = time.monotonic() + 60
    while is_answering(app.home, conversation_id):
        assert time.monotonic() < deadline, "nobody looks, and it does not come to its end"
        time.sleep(0.05)
    page.goto(url)
    expect(chat.answers.last.get_by_text("first token")).to_be_visible()
    assert len(chat.answers.last.inner_text().split()) >= 100


def test_kill_9_in_the_middle_keeps_the_text_and_offers_retry(browser: Browser, tmp_path: Path) -> None:
    app = AppServer(tmp_path / "home")
    with app:
        page = browser.new_page()
        chat = ChatPage(page, app.url).open()
        chat.send(LONG_ANSWER)
        chat.wait_streaming(60)
        seen = chat.answers.last.inner_text().split()
        app.kill()
        app.start()
        page.goto(f"{app.url}/?{page.url.partition('?')[2]}")
        expect(chat.answers.last.get_by_text("Interrupted")).to_be_visible()
        kept = chat.answers.last.inner_text().split()
        # The sandbox writes about 50 words a second; at most the last second may be lost.
        assert len(kept) >= len(seen) - 60
        assert kept[:20] == seen[:20]
        chat.retry_button.click()
        chat.wait_streaming()
        expect(chat.answers).to_have_count(1)
        chat.stop_button.click()
        expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()
        page.close()


def test_a_conversation_is_renamed_and_deleted_after_asking(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("To be renamed")
    chat.open_menu()
    page.get_by_label("Title").fill("Quarterly *plans*")
    page.get_by_role("button", name="Rename", exact=True).click()
    listed = page.get_by_test_id("stSidebar").get_by_text("Quarterly *plans*")
    expect(listed).to_be_visible()
    for answer in ("stBaseButton-secondary", "stBaseButton-primary"):
        expect(page.get_by_label("Title")).to_have_count(0)  # the menu has closed by itself
        chat.open_menu()
        page.get_by_test_id("stPopoverBody").get_by_test_id("stBaseButton-secondary").click()
        expect(listed).to_be_visible()
        page.get_by_test_id("stDialog").get_by_test_id(answer).click()
        expect(page.get_by_test_id("stDialog")).to_have_count(0)
    expect(listed).to_have_count(0)
    expect(page.get_by_text("What shall we work on?")).to_be_visible()


def test_a_failed_answer_says_why_and_the_chat_goes_on(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send("[[fault:429]] try")
    expect(chat.answers.last.get_by_role("alert")).to_be_visible()
    expect(chat.retry_button).to_be_visible()
    assert "turn" in chat.ask("And now?")


def test_the_picker_switches_in_two_clicks_and_keeps_favourites(page: Page, app: AppServer) -> None:
    ChatPage(page, app.url).open()
    chip = page.locator(".st-key-model-picker button").first
    chip.click()
    page.get_by_role("button", name="Add to favourites").click()
    expect(page.get_by_text("Favourites", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Remove from favourites")).to_be_visible()
    page.locator("[class*='st-key-pick-sandbox'] button").click()
    expect(page.get_by_placeholder("Search models")).to_have_count(0)
    expect(chip).to_contain_text("Sandbox (scripted)")


def test_the_composer_is_usable_by_keyboard_alone(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.composer.focus()
    page.keyboard.type("[[words:2000]] typed")
    page.keyboard.press("Enter")
    chat.wait_streaming()
    chat.stop_button.focus()
    page.keyboard.press("Enter")
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/settings", "/usage"])
def test_nothing_scrolls_sideways_on_a_phone(browser: Browser, app: AppServer, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{app.url}{path}")
    expect(page.get_by_test_id("stMainBlockContainer")).to_be_visible()
    ChatPage(page, app.url).settle()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    context.close()


def test_the_address_names_the_conversation_that_was_clicked(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("First of two conversations")
    first = page.url
    page.get_by_test_id("stSidebar").get_by_text("New chat").click()
    expect(page.get_by_text("What shall we work on?")).to_be_visible()
    assert "c=" not in page.url
    chat.ask("Second of two conversations")
    assert page.url != first
    page.get_by_test_id("stSidebar").get_by_text("First of two conversations").click()
    expect(chat.said).to_have_text(["First of two conversations"])
    page.wait_for_url(first)
    page.reload()
    expect(chat.said).to_have_text(["First of two conversations"])


def test_a_running_answer_stands_beside_nothing_of_another_conversation(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    for number in range(3):
        chat.ask(f"[[say:ballast {number}]] other one")
    page.reload()  # who has conversations finds the sidebar open
    page.get_by_test_id("stSidebar").get_by_text("New chat").click()
    expect(page.get_by_text("What shall we work on?")).to_be_visible()
    chat.send(LONG_ANSWER + " about switching")
    chat.wait_streaming()
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("say:ballast").first.click()
    expect(page.get_by_text("ballast 2", exact=True)).to_be_visible()
    sidebar.get_by_text("about switching").first.click()
    expect(page.get_by_text("ballast 2", exact=True)).to_be_hidden()
    chat.wait_streaming()
    chat.stop_button.click()
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()


def test_a_conversation_can_be_deleted_while_it_is_answering(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send(LONG_ANSWER + " to be deleted")
    chat.wait_streaming()
    listed = page.get_by_test_id("stSidebar").get_by_text("to be deleted")
    expect(listed).to_be_visible()  # before the answer has ended
    chat.open_menu()
    page.get_by_test_id("stPopoverBody").get_by_test_id("stBaseButton-secondary").click()
    page.get_by_test_id("stDialog").get_by_test_id("stBaseButton-primary").click()
    expect(listed).to_have_count(0)
    expect(page.get_by_text("What shall we work on?")).to_be_visible()


def test_a_prompt_sent_beside_an_answer_in_another_tab_is_not_lost(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("Shared between two tabs")
    other = ChatPage(page.context.new_page(), app.url)
    other.page.goto(page.url)
    expect(other.answers).to_have_count(1)
    chat.send(LONG_ANSWER)
    chat.wait_streaming()
    other.send("Me too, please")
    expect(other.composer).to_have_value("Me too, please")
    expect(other.page.get_by_role("alert")).to_contain_text("already has an answer in progress")
    chat.stop_button.click()
    expect(chat.answers.last.get_by_text("Stopped")).to_be_visible()


def test_money_and_colons_are_shown_as_written(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    said = "From $5 to $10\nat :red[noon]\n\n- *twice*"
    chat.composer.fill(said)
    chat.composer.press("Enter")
    expect(chat.said.first.get_by_test_id("stText")).to_have_text(said)
    answer = chat.ask("[[say:From $5 to $10 :red[noon] :material/home: :streamlit:]]")
    visible = answer.replace("\u2060", "")
    assert visible.startswith("From $5 to $10 :red[noon] :material/home: :streamlit:")


def test_an_answer_without_words_says_so_and_offers_retry(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.send("[[fault:empty]] anything?")
    expect(chat.answers.last.get_by_text("without a word")).to_be_visible()
    expect(chat.retry_button).to_be_visible()


def test_a_conversation_that_was_deleted_elsewhere_says_so_and_keeps_the_prompt(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    chat.ask("Deleted under the reader's feet")
    other = ChatPage(page.context.new_page(), app.url)
    other.page.goto(page.url)
    other.open_menu()
    other.page.get_by_test_id("stPopoverBody").get_by_test_id("stBaseButton-secondary").click()
    other.page.get_by_test_id("stDialog").get_by_test_id("stBaseButton-primary").click()
    expect(other.page.get_by_text("What shall we work on?")).to_be_visible()
    chat.send("Are you still there?")
    expect(page.get_by_role("alert").first).to_contain_text("There is no such conversation.")
    expect(chat.composer).to_have_value("Are you still there?")
    expect(page.get_by_text("That conversation does not exist any more.")).to_be_visible()


def test_sources_stand_under_the_answer_and_are_there_after_a_reload(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open()
    cited = "https://one.example/a?b=$1&c=[2] Its [title](x) :red[y]|javascript:alert(1) No|https://two.example/"
    answer = chat.ask(f"[[pace:instant]][[say:It rains.]][[sources:{cited}]]")
    for _ in range(2):
        links = chat.answers.last.get_by_role("link")
        expect(links).to_have_text(["Its [title](x) :red[y]", "two.example"])
        first = links.first
        assert first.get_attribute("href") == "https://one.example/a?b=%241&c=%5B2%5D"
        assert first.get_attribute("target") == "_blank"
        assert "noopener" in (first.get_attribute("rel") or "")
        expect(chat.answers.last).to_contain_text("one.example")
        page.reload()
    assert answer.index("It rains.") < answer.index("Its [title]") < answer.index("first token")
