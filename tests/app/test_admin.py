"""The Admin page and the Security tab of the settings, in a browser, over a database with people in it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.access.gate import build_access, build_gate
from core.config import Settings
from data.store import OwnerId, open_store
from data.values.actor import Role
from data.values.people import Identity, Person, RolesFrom
from tests.app.chat_page import settle
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.app.test_settings_page import everything_kept
from tests.chat.recorded_sandbox import recorded_sandbox

pytestmark = pytest.mark.browser

KEY = "sk-live-9Qx2vRt7LmWz4KpY8sHdQ3Jf"
PEOPLE = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Barbara Liskov")
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One app for the tests below; each works on people of its own."""
    home = tmp_path_factory.mktemp("admin") / "home"
    populate(home)
    with AppServer(home) as server:
        server.wait_warm()
        yield server


def populate(home: Path) -> None:
    """People who signed in once, and two other browsers of the owner's."""
    home.mkdir()
    settings = Settings(home=home, kek_source="file")
    store = open_store(settings.store_url, owner=OwnerId.current())
    gate = build_gate(settings, store, build_access(settings, store), remove_keys=lambda *_args: 0)
    for number, name in enumerate(PEOPLE):
        email = f"{name.split()[1].lower()}@example.org"
        known = Person(f"p{number}", name, datetime.now(UTC), email, frozenset({Role.MEMBER}), RolesFrom.ADMIN)
        store.users.add(known, Identity("https://id.example.org", known.id))
    nameless = Person("p9", "jackson@example.org", datetime.now(UTC), "jackson@example.org", frozenset({Role.MEMBER}))
    store.users.add(nameless, Identity("https://id.example.org", nameless.id))
    gate.sign_in.actor()
    owner = store.users.find("local-owner")
    assert owner is not None
    barbara = store.users.find("p3")
    assert barbara is not None
    for number, browser in enumerate(BROWSERS):
        for person in (owner, barbara):
            held = f"held-{number}-{person.id}"
            gate.sessions.begin(person, "local", held, address="", user_agent=browser, request_id="")
    store.close()


class AdminPage:
    """Drives the page by what is on it."""

    def __init__(self, page: Page, url: str, tab: str) -> None:
        self.page = page
        page.goto(f"{url}/admin?tab={tab}")
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        self.settle()

    def settle(self) -> None:
        settle(self.page)

    def row(self, words: str) -> Locator:
        rows = "[class*='st-key-person-'], [class*='st-key-team-'], [class*='st-key-shared-'], [class*='st-key-kek-'], "
        rows += "[class*='st-key-hold-']"
        return self.page.locator(rows).filter(has=self.page.locator("strong", has_text=words))

    def choose(self, words: str, action: str) -> Locator:
        """Choose something in a row's menu; returns the dialog that opens."""
        self.settle()
        self.row(words).get_by_role("button", name="Manage").click()
        self.page.get_by_role("menuitem", name=action).click()
        expect(self.dialog).to_be_visible()
        self.settle()
        return self.dialog

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def said(self) -> Locator:
        """What came of the last thing that was done."""
        return self.page.get_by_test_id("stAlert")

    def undo(self, said: str) -> None:
        expect(self.said).to_contain_text(said)
        self.page.get_by_role("button", name="Undo").click()
        expect(self.page.get_by_role("button", name="Undo")).to_have_count(0)
        self.settle()

    def press(self, name: str) -> None:
        """Press a button of the dialog that closes it; returns when the page is drawn anew."""
        self.dialog.get_by_role("button", name=name, exact=True).click()
        expect(self.dialog).to_have_count(0)
        self.settle()  # while it is drawn, rows that move stand there twice


def security(page: Page, url: str) -> None:
    page.goto(f"{url}/settings?tab=Security")
    expect(page.get_by_role("heading", name="API tokens")).to_be_visible()
    settle(page)


def test_other_browsers_are_signed_out_one_by_one_or_all(page: Page, app: AppServer) -> None:
    # Before the others: each of them is one more browser of the owner, and the list has the last ten.
    security(page, app.url)
    cards = page.locator("[class*='st-key-session-']")
    phone, other = cards.filter(has_text="Safari on iPhone"), cards.filter(has_text="Firefox on Windows")
    expect(other).to_be_visible()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="Sign out everywhere else").click()
    sign_out = page.get_by_role("dialog").get_by_role("button", name="Sign out")
    expect(sign_out).to_be_visible()
    settle(page)  # a dialog that is drawn again under the click loses it
    sign_out.click()
    expect(other).to_have_count(0)


def test_roles_are_given_and_shown_after_a_reload(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    dialog = admin.choose("Ada Lovelace", "Roles")
    dialog.get_by_role("button", name="Analyst").click()
    admin.press("Save")
    again = AdminPage(page, app.url, "People")
    expect(again.row("Ada Lovelace")).to_contain_text("analyst")
    expect(again.row("Grace Hopper")).not_to_contain_text("analyst")
    nameless = again.row("jackson@example.org").inner_text()
    assert nameless.count("jackson@example.org") == 1  # the address takes the name's place, and is not said again


def test_what_is_refused_says_why_and_the_dialog_stays(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    dialog = admin.choose("Owner", "Roles")
    dialog.get_by_role("button", name="Analyst").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("holds every role")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    admin.choose("Owner", "Deactivate").get_by_role("button", name="Deactivate").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("owner of this machine")


def test_a_person_is_kept_out_let_in_again_and_forgotten(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    admin.choose("Alan Turing", "Deactivate")
    admin.press("Deactivate")
    expect(admin.row("Alan Turing")).to_contain_text("deactivated")
    admin.choose("Alan Turing", "Activate")
    admin.press("Activate")
    expect(admin.row("Alan Turing")).not_to_contain_text("deactivated")
    dialog = admin.choose("Alan Turing", "Forget")
    dialog.get_by_role("button", name="Forget them").click()
    expect(dialog).to_contain_text("Deleted: 1 identity")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="JSON").click()
    receipt = json.loads(download.value.path().read_text())
    assert (receipt["person_id"], receipt["removed"]) == ("p2", {"identities": 1}) and receipt["proof"]["seq"] > 0
    admin.press("Done")
    expect(admin.row("Alan Turing")).to_have_count(0)
    page.get_by_placeholder("Search").fill("liskov")
    expect(admin.row("Grace Hopper")).to_have_count(0)
    expect(admin.row("Barbara Liskov")).to_be_visible()


def test_a_hold_is_placed_keeps_somebody_from_being_forgotten_and_is_released(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "Data")
    expect(page.get_by_text("Nothing is on hold.")).to_be_visible()
    page.get_by_role("button", name="Place a hold").click()
    admin.settle()
    admin.dialog.get_by_role("combobox").fill("Liskov")
    page.get_by_role("option", name="Barbara Liskov").click()
    admin.dialog.get_by_label("Matter").fill("Case *7*")
    admin.dialog.get_by_label("Why").fill("They asked.")
    admin.press("Place the hold")
    expect(admin.row("Barbara Liskov")).to_contain_text("Case *7*")
    people = AdminPage(page, app.url, "People")
    expect(people.row("Barbara Liskov")).not_to_contain_text("hold")
    dialog = people.choose("Barbara Liskov", "Forget")
    dialog.get_by_role("button", name="Forget them").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("a legal hold is on their data: Case *7*")
    admin = AdminPage(page, app.url, "Data")
    admin.choose("Barbara Liskov", "Release")
    admin.press("Release")
    expect(admin.row("Barbara Liskov")).to_contain_text("released")


def test_how_long_usage_is_kept_is_set_and_cleared(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "Data")
    row = page.locator(".st-key-kept-sign_ins-all")
    expect(row).to_contain_text("for ever")
    row.get_by_role("button", name="Manage").click()
    page.get_by_role("menuitem", name="Change").click()
    expect(admin.dialog).to_contain_text("This removes nothing now.")
    admin.press("Set the rule")
    expect(row).to_contain_text("400 days")
    admin.undo("kept for 400 days")
    expect(row).to_contain_text("for ever")
    row.get_by_role("button", name="Manage").click()
    page.get_by_role("menuitem", name="Change").click()
    admin.press("Set the rule")
    expect(row).to_contain_text("400 days")
    row.get_by_role("button", name="Manage").click()
    page.get_by_role("menuitem", name="Keep for ever").click()
    admin.press("Remove the rule")
    expect(row).to_contain_text("for ever")


def test_a_team_is_made_filled_renamed_and_deleted(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "Teams")
    page.get_by_label("New team").fill("Re*search*")
    page.get_by_role("button", name="Create").click()
    expect(admin.row("Re*search*")).to_contain_text("Nobody is in it yet.")
    admin.choose("Re*search*", "Members").get_by_role("combobox").fill("Hopper")
    page.get_by_role("option", name="Grace Hopper").click()
    page.keyboard.press("Escape")
    admin.press("Save")
    expect(admin.row("Re*search*")).to_contain_text("Grace Hopper")
    admin.choose("Re*search*", "Rename").get_by_label("Name").fill("Compilers")
    admin.press("Rename")
    expect(admin.row("Compilers")).to_contain_text("Grace Hopper")
    page.get_by_label("New team").fill("Compilers")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Compilers")
    admin.choose("Compilers", "Delete")
    admin.press("Delete it")
    expect(admin.row("Compilers")).to_have_count(0)


def test_a_key_of_the_organisation_answers_for_those_who_have_none(page: Page, app: AppServer) -> None:
    with recorded_sandbox() as sandbox:
        admin = AdminPage(page, app.url, "Shared keys")
        page.get_by_role("combobox", name="Provider").click()
        page.get_by_role("option", name="An OpenAI-compatible server").click()
        form = page.get_by_test_id("stForm")
        form.get_by_label("Name").fill("House")
        form.get_by_label("Base URL").fill(sandbox.base_url)
        form.get_by_label("Key", exact=True).fill(KEY)
        form.get_by_role("button", name="Add", exact=True).click()
        expect(admin.row("House")).to_contain_text("organisation")
        expect(admin.row("House")).to_contain_text(f"key ending in {KEY[-4:]}")
        expect(form.get_by_label("Key", exact=True)).to_have_value("")  # the row is drawn before the form is emptied
        admin.settle()
        assert KEY not in page.content()
        settings = SettingsPage(page, app.url).open()
        expect(settings.connection("House")).to_contain_text("organisation")
        expect(settings.connection("House").get_by_role("button", name="Manage")).to_have_count(0)
        expect(settings.test("House")).to_contain_text("answered")
        assert sandbox.keys == [f"Bearer {KEY}"]
        admin = AdminPage(page, app.url, "Shared keys")
        admin.choose("House", "Remove")
        admin.press("Remove it")
        expect(admin.row("House")).to_have_count(0)


def test_the_kek_is_rotated_and_the_rotation_listed(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "Vault")
    expect(admin.row("KEK v1")).to_contain_text("active")
    page.get_by_role("button", name="Rotate the KEK").click()
    admin.press("Rotate")
    expect(admin.row("KEK v2")).to_contain_text("active")
    expect(admin.row("KEK v1")).to_contain_text("retired")
    expect(page.get_by_text("v1 → v2")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_contain_text("KEK v2 is active.")


def test_an_api_token_is_shown_once_and_kept_nowhere(page: Page, app: AppServer) -> None:
    security(page, app.url)
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_visible()
    settle(page)  # a form that is drawn again under the click loses it
    dialog.get_by_label("Name").fill("Nightly")
    dialog.get_by_role("button", name="Create").click()
    shown = dialog.get_by_test_id("stCode")
    expect(shown).to_contain_text("gbx_")
    found = re.search(r"gbx_[\w-]{43}", shown.inner_text())
    assert found
    page.get_by_role("button", name="Close", exact=True).click()
    card = page.locator("[class*='st-key-token-']").filter(has_text="Nightly")
    expect(card).to_contain_text(f"gbx_…{found[0][-4:]}")
    settle(page)
    assert found[0] not in page.content()
    security(page, app.url)
    assert found[0] not in page.content()
    assert [path.name for path, content in everything_kept(app.home) if found[0].encode() in content] == []
    assert found[0] not in app.log.read_text()
    card.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke it").click()
    expect(card).to_have_count(0)


def test_roles_are_taken_back(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    admin.choose("jackson@example.org", "Roles").get_by_role("button", name="Admin").click()
    admin.press("Save")
    expect(admin.row("jackson@example.org")).to_contain_text("admin")
    admin.undo("has new roles")
    expect(admin.said).to_contain_text("roles of before")
    expect(admin.row("jackson@example.org")).not_to_contain_text("admin")
    admin.choose("jackson@example.org", "Deactivate")
    admin.press("Deactivate")
    admin.undo("is kept out")
    expect(admin.row("jackson@example.org")).not_to_contain_text("deactivated")


def test_what_somebody_may_use_is_asked_saved_and_taken_back(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    dialog = admin.choose("Grace Hopper", "Models and tools")
    expect(dialog).to_contain_text("as no rule says otherwise")
    only, none = (dialog.get_by_role("radio", name=name) for name in ("Only these", "None"))
    only.nth(0).click()
    admin.settle()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("Which models?")
    dialog.get_by_role("combobox").fill("openay/*")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Matches nothing here now")
    dialog.get_by_text("What Grace Hopper may use").click()  # closes the list, behind which all else is hidden
    none.nth(1).click()
    admin.settle()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("1 person may use less than before")
    admin.press("Take it away")
    expect(admin.row("Grace Hopper")).to_contain_text("models limited, no tools")
    dialog = admin.choose("Grace Hopper", "Models and tools")
    expect(dialog).to_contain_text("0 of")
    expect(dialog).to_contain_text("by their own rule")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_everybody_has_a_rule_above_the_teams(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "Teams")
    admin.row("Everybody").get_by_role("button", name="Models and tools").click()
    admin.dialog.get_by_role("radio", name="None").first.click()
    admin.settle()
    admin.dialog.get_by_role("button", name="Save").click()
    expect(admin.dialog.get_by_test_id("stAlert")).to_contain_text("takes something away")
    admin.press("Take it away")
    expect(admin.row("Everybody")).to_contain_text("no models")
    chat = page.context.new_page()
    chat.goto(app.url)
    expect(chat.get_by_test_id("stBottom")).to_contain_text("An admin allows you none of the chat models")
    chat.close()
    admin.undo("everybody may use is saved")
    expect(admin.row("Everybody")).not_to_contain_text("no models")


def test_somebody_is_signed_out_everywhere(page: Page, app: AppServer) -> None:
    admin = AdminPage(page, app.url, "People")
    dialog = admin.choose("Barbara Liskov", "Sessions and tokens")
    expect(dialog).to_contain_text("Firefox on Windows")
    dialog.get_by_role("button", name="Sign out everywhere").click()
    agree = page.get_by_test_id("stPopoverBody").get_by_role("button", name="Sign out everywhere")
    agree.click()
    named = page.get_by_role("dialog", name="Sessions and tokens")
    expect(named).to_contain_text("2 sessions have ended.")
    expect(named).to_contain_text("Nowhere signed in")


def test_evidence_is_prepared_and_downloaded(page: Page, app: AppServer, tmp_path: Path) -> None:
    admin = AdminPage(page, app.url, "Evidence")
    page.get_by_role("button", name="Prepare").click()
    ready = page.locator(".st-key-evidence-ready")
    expect(ready).to_contain_text("The audit log is whole")
    with page.expect_download() as download:
        ready.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.startswith("gearbox-evidence-")
    download.value.save_as(tmp_path / "evidence.zip")
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        assert archive.testzip() is None
        assert b"Grace Hopper" in archive.read("access/people.csv")
    page.get_by_role("radio", name="Dates").or_(page.get_by_role("button", name="Dates")).first.click()
    admin.settle()
    expect(ready).to_have_count(0)  # another period is another export
    expect(page.get_by_test_id("stDateInput")).to_be_visible()
    page.get_by_role("button", name="Prepare").click()
    expect(ready).to_contain_text("Ready.")


def test_the_page_opens_with_whether_all_is_well(app: AppServer, page: Page) -> None:
    page.goto(f"{app.url}/admin")
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", name=re.compile("All is well|somebody"))).to_be_visible()
    for tile in ("Error budget left", "Warehouse behind", "Audit log", "Disk free"):
        expect(page.get_by_text(tile, exact=True)).to_be_visible()
