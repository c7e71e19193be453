"""What a person sees when a model fails: who answered instead, and an answer that takes the place of a cut one."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.app.chat_page import ChatPage
from tests.app.models_page import ModelsPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.gateway.scripted import scripted


def test_a_fallback_and_an_answer_begun_anew_say_so(page: Page, tmp_path: Path) -> None:
    lines = ["401", "alpha beta!", "alpha beta gamma delta"]
    with (
        scripted(lines) as (main,),
        AppServer(tmp_path / "home", environment={"GEARBOX_FALLBACKS": "sandbox/scripted"}) as app,
    ):
        app.wait_warm()
        SettingsPage(page, app.url).open().added("main", main.base_url)
        chat = ChatPage(page, app.url).open()
        expect(page.get_by_role("button", name="Auto")).to_be_visible()
        by_fallback = chat.ask("[[say:I am the spare one]]")
        assert "sandbox/scripted answered, because main/scripted did not." in by_fallback
        assert "I am the spare one" in by_fallback
        anew = chat.ask("go on")
        assert "This answer was begun anew" in anew
        assert anew.count("alpha") == 1, "nothing of the cut answer is left on the page"
        assert "alpha beta gamma delta" in anew
        _cut_attempt_is_folded(chat.answers.nth(1))
        page.reload()
        expect(chat.answers).to_have_count(2)
        again = chat.answers.nth(1).inner_text()
        assert again.count("alpha") == 1 and "begun anew" in again
        _cut_attempt_is_folded(chat.answers.nth(1))
        page.goto(f"{app.url}/admin?tab=Reliability")
        expect(page.get_by_text("No model is left alone now.")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="sandbox/scripted")).to_be_visible()
        expect(page.get_by_text("Answers at once for a person: no limit")).to_be_visible()


def _cut_attempt_is_folded(answer: Locator) -> None:
    """The cut text is there for who looks for it, with what it cost."""
    kept = answer.get_by_test_id("stExpander").filter(has_text="An earlier attempt was cut off")
    expect(kept).to_have_count(1)
    expect(kept.get_by_text("alpha beta", exact=True)).to_be_hidden()
    kept.locator("summary").click()
    expect(kept.get_by_text("alpha beta", exact=True)).to_be_visible()
    expect(kept.get_by_text("main broke off the answer.")).to_be_visible()
    expect(kept.get_by_test_id("stCaptionContainer").filter(has_text="main/scripted")).to_be_visible()
    kept.locator("summary").click()
    expect(kept.get_by_text("alpha beta", exact=True)).to_be_hidden()


def test_a_chat_whose_model_was_turned_off_says_who_answers_instead(page: Page, tmp_path: Path) -> None:
    with scripted(["from the server"]) as (main,), AppServer(tmp_path / "home") as app:
        app.wait_warm()
        SettingsPage(page, app.url).open().added("main", main.base_url)
        chat = ChatPage(page, app.url).open()
        assert "from the server" in chat.ask("hello")
        address = page.url
        ModelsPage(page, app.url).open("?model=main%2Fscripted")
        page.get_by_text("May be used", exact=True).click()
        expect(page.locator(".st-key-model-standing")).to_contain_text("turned this model off")
        page.goto(address)
        why = "An admin has turned the model main/scripted off for everyone."
        expect(page.get_by_text(f"sandbox/scripted will answer instead of main/scripted. {why}")).to_be_visible()
        said = f"sandbox/scripted answered instead of main/scripted. {why}"
        assert said in chat.ask("[[say:I am the other one]]")
        assert said not in chat.ask("[[say:and on it goes]]"), "it is the conversation's model now"
        page.reload()
        expect(chat.answers).to_have_count(3)
        assert said in chat.answers.nth(1).inner_text()
        expect(page.get_by_text("will answer instead of")).to_have_count(0)
