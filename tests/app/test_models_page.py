"""The Models page in a browser: found, compared, shared, used, switched off and added."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.chat_page import ChatPage
from tests.app.models_page import ModelsPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.connections.listing_server import serving

pytestmark = pytest.mark.browser

PAIR = "?pick=openai/gpt-4o&pick=openai/gpt-4o-mini&compare=1"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_what_was_searched_is_in_the_address_and_back_leads_back(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?provider=openai")
    models.search("openai gpt-4o", "q=openai+gpt-4o&provider=openai")
    models.open_model("gpt-4o-mini")
    expect(page).to_have_url(re.compile("model=openai%2Fgpt-4o-mini"))
    page.go_back()
    expect(models.search_field).to_have_value("openai gpt-4o")
    expect(models.row("gpt-4o-mini")).to_be_visible()
    expect(page).not_to_have_url(re.compile("model="))


def test_a_shared_address_shows_the_same(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?q=gpt&for=chat&provider=openai&can=vision&context=200000&sort=price")
    expect(page.get_by_role("radio", name="Chat and write")).to_be_checked()
    page.get_by_role("button", name="Filters (3)").click()
    for name, value in (("Provider", "OpenAI"), ("It can", "See pictures"), ("Context of at least", "200k tokens")):
        expect(page.get_by_role("combobox", name=name)).to_have_value(value)
    costs = models.rows.get_by_test_id("stCaptionContainer").all_inner_texts()
    listed = [float(found.group(1)) for cost in costs if (found := re.search(r"\$([\d.]+) per 1,000 turns", cost))]
    assert len(listed) > 2
    assert listed == sorted(listed)
    assert all("sees pictures" in cost for cost in costs)


def test_an_address_that_makes_no_sense_shows_the_list(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?for=nothing&can=fly&context=-1&price=NaN&sort=magic&pick=&compare=1")
    expect(models.rows).to_have_count(20)


@pytest.mark.parametrize("cursor", ["made-by-hand", "NTVkMTdiNjFmYWRjOWQ1YzQ4NTQ1MWY1NmZkMTVkNjk6MjA="])
def test_an_address_into_a_list_that_has_changed_shows_where_it_begins(page: Page, app: AppServer, cursor: str) -> None:
    models = ModelsPage(page, app.url).open(f"?provider=openai&from={cursor}")
    expect(page.get_by_text("The list has changed since")).to_be_visible()
    expect(models.rows).to_have_count(20)
    expect(page.get_by_text(re.compile(r"^1–20 of"))).to_be_visible()


def test_a_model_that_is_not_there_says_so(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?model=nobody/:red[none]")
    expect(models.main.get_by_test_id("stAlert")).to_be_visible()
    page.get_by_role("button", name="All models").click()
    expect(models.rows).to_have_count(20)


def test_a_search_that_finds_nothing_is_cleared(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?q=nobody-was-ever-called-this")
    expect(page.get_by_text("No model fits")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(models.rows).to_have_count(20)
    expect(models.search_field).to_have_value("")


def test_the_list_is_paged_there_and_back(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?provider=openai&sort=name")
    first = models.rows.first.inner_text()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(re.compile(r"^21–40 of \d+ models$"))).to_be_visible()
    models.settle()
    assert models.rows.first.inner_text() != first
    page.reload()
    expect(models.rows).to_have_count(20)
    models.settle()
    page.get_by_role("button", name="First").click()
    expect(models.rows.first).to_contain_text(first.splitlines()[0])


def test_models_are_compared_side_by_side(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?q=openai gpt-4o&provider=openai")
    models.pick("gpt-4o")
    expect(page.get_by_text("Choose one more.")).to_be_visible()
    models.pick("gpt-4o-mini")
    page.get_by_role("button", name="Compare 2").click()
    table = page.locator(".st-key-compare-table")
    expect(table.get_by_role("row").filter(has_text="1,000 typical turns")).to_contain_text("$")
    expect(table.get_by_role("row").filter(has_text="Takes")).to_be_visible()
    page.get_by_test_id("stCheckbox").filter(has_text="Only differences").click()
    expect(table.get_by_role("row").filter(has_text="Takes")).to_have_count(0)
    expect(table.get_by_role("row").filter(has_text="1,000 typical turns")).to_be_visible()
    page.get_by_role("button", name="openai/gpt-4o-mini").click()
    expect(models.row("gpt-4o")).to_be_visible()
    expect(models.row("gpt-4o").get_by_role("checkbox")).to_be_checked()
    expect(models.search_field).to_have_value("openai gpt-4o")


def test_which_can_be_used_now_and_what_to_do_about_the_others(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?model=openai/gpt-4o")
    expect(page.locator(".st-key-model-standing")).to_contain_text("key")
    expect(page.get_by_role("link", name="Open settings")).to_have_attribute("href", re.compile("settings"))
    expect(page.get_by_role("button", name="Chat with it")).to_have_count(0)
    models.open("?q=sandbox")
    page.get_by_test_id("stCheckbox").filter(has_text="I can use it now").click()
    expect(models.row("scripted")).to_be_visible()
    expect(page).to_have_url(re.compile("now=1"))
    models.open_model("scripted")
    page.get_by_role("button", name="Chat with it").click()
    chat = ChatPage(page, app.url)
    expect(chat.composer).to_be_enabled()
    assert "scripted" in chat.ask("[[pace:instant]][[words:5]] hello")


def test_no_word_of_a_provider_acts_as_markup(page: Page, app: AppServer) -> None:
    name = ":red[gone] **bold** [link](https://example.org) <b>x</b> $1 and $2"
    with serving(name) as listing:
        SettingsPage(page, app.url).open().added("Hostile :red[one]", listing.base_url)
        models = ModelsPage(page, app.url).open("?provider=hostile-red-one")
        row = models.rows.first
        expect(row).to_contain_text(f"{name} Hostile :red[one]")
        models.pick(name)
        row.get_by_role("link").click()
        expect(models.main.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(models.main.get_by_role("link", name="link")).to_have_count(0)
        page.get_by_role("button", name="All models").click()
        expect(row).to_be_visible()
        page.goto(page.url + "&pick=openai/gpt-4o&compare=1")
        expect(page.locator(".st-key-compare-table")).to_contain_text(name)


def test_a_model_that_is_off_answers_nobody_until_it_is_on_again(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?model=sandbox/scripted")
    switch = page.get_by_test_id("stCheckbox").filter(has_text="May be used")
    switch.click()
    expect(page.get_by_text("scripted is off for everybody.")).to_be_visible()
    expect(page.locator(".st-key-model-standing")).to_contain_text("turned this model off")
    expect(page.get_by_role("button", name="Chat with it")).to_have_count(0)
    models.open("?now=1&q=scripted&for=chat")
    expect(models.row("scripted-no-tools")).to_be_visible()
    expect(models.row("scripted")).to_have_count(0)
    models.open("?now=1&q=openai/gpt-4o&for=chat")
    expect(page.get_by_text("None that you can use now")).to_be_visible()
    page.get_by_role("button", name="Look at all of them").click()
    expect(models.rows.first).to_be_visible()
    models.open("?q=scripted&for=chat")
    expect(models.row("scripted")).to_contain_text("turned this model off")
    models.open("?model=sandbox/scripted")
    switch.click()
    expect(page.get_by_text("scripted may be used by everybody.")).to_be_visible()
    expect(page.get_by_role("button", name="Chat with it")).to_be_visible()


def test_a_server_and_its_model_are_added_with_prices_and_removed(page: Page, app: AppServer) -> None:
    with serving() as server:
        models = ModelsPage(page, app.url).open()
        page.get_by_role("button", name="Add a model").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Answered by").click()
        page.get_by_role("option", name="Another server").click()
        dialog.get_by_label("Server's name").fill("House")
        dialog.get_by_label("Base URL").fill(server.base_url)
        dialog.get_by_label("$ per million tokens in").fill("0.1")
        dialog.get_by_label("$ per million tokens out").fill("2")
        dialog.get_by_role("button", name="Use tools").click()
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog.get_by_test_id("stAlert")).to_contain_text("name")
        expect(dialog.get_by_label("Base URL")).to_have_count(0)  # the server is there; only the model is asked for
        dialog.get_by_label("Model", exact=True).fill("own-7b")
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(models.main.get_by_role("heading", name="own-7b", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("model=house%2Fown-7b"))
        expect(models.said("1,000 typical turns")).to_have_text("$0.85")
        expect(models.said("Use tools")).to_contain_text("entered here")
        expect(page.get_by_role("button", name="Chat with it")).to_be_visible()
        page.get_by_role("button", name="Remove from the catalogue").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        expect(models.search_field).to_be_visible()
        models.open("?provider=house")
        expect(page.get_by_text("No model fits")).to_be_visible()


@pytest.mark.parametrize(
    "query", ["", "?model=openai/gpt-4o", PAIR + "&pick=xai/grok-4&pick=mistral/mistral-large-latest"]
)
def test_nothing_is_wider_than_a_phone(phone: Page, app: AppServer, query: str) -> None:
    models = ModelsPage(phone, app.url).open(query)
    expect(models.rows.first.or_(phone.locator("table").first)).to_be_visible()
    assert not models.is_wider_than_the_window


def test_what_a_model_can_do_is_checked_at_the_press_of_a_button(page: Page, app: AppServer) -> None:
    models = ModelsPage(page, app.url).open("?model=sandbox/scripted")
    expect(page.get_by_text(re.compile("Makes up to 5 small calls"))).to_be_visible()
    page.get_by_role("button", name="Check what this model can do").click()
    expect(page.get_by_text("Tried out 5 abilities with 5 calls, which have no price.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Think before it answers: not known.")).to_be_visible()
    models.settle()
    abilities = page.locator(".st-key-model-abilities").get_by_role("row")
    expect(abilities.filter(has_text="See pictures")).to_contain_text("tried here")
    expect(abilities.filter(has_text="See pictures")).to_contain_text("It could not say what was in a picture.")
    expect(abilities.filter(has_text="Use several tools at once")).to_contain_text("It called two tools in one step.")
    models.open("?model=openai/gpt-4o")
    expect(page.get_by_role("button", name="Check what this model can do")).to_have_count(0)
