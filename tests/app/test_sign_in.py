"""Signing in with a real OpenID Connect provider on loopback, in a real browser, and what ends it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data.store import OwnerId, open_store
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from tests.app.server import AppServer
from tests.app.signing_in import FROM_THE_CLAIM, served, sign_in, user

ANN, BOB = "ann-7f3a", "bob-19c2"
PEOPLE = [user(ANN, "Ann", "gearbox-admins"), user(BOB, "Bob")]
EVERYWHERE_S = 5.0


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with served(tmp_path_factory.mktemp("oidc"), PEOPLE, FROM_THE_CLAIM) as server:
        yield server


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def visit(browser: Browser, contexts: list[BrowserContext], url: str) -> Page:
    contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}))
    contexts[-1].set_default_timeout(20_000)
    page = contexts[-1].new_page()
    page.goto(url)
    return page


def me(page: Page) -> httpx.Response:
    """What the API answers to the browser's cookies, asked past the browser."""
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    return httpx.get(re.sub(r"^(http://[^/]+).*", r"\1/api/me", page.url), cookies=cookies, trust_env=False, timeout=60)


@pytest.mark.parametrize("path", ["/", "/settings", "/usage", "/admin", "/audit"])
def test_whoever_is_not_signed_in_gets_the_sign_in_page_and_nothing_else(
    app: AppServer, browser: Browser, contexts: list[BrowserContext], path: str
) -> None:
    page = visit(browser, contexts, app.url + path)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert page.get_by_placeholder("Message Gearbox").count() == 0
    assert page.get_by_test_id("stSidebar").count() == 0
    assert me(page).status_code == 401


def test_people_sign_in_with_their_own_roles(app: AppServer, browser: Browser, contexts: list[BrowserContext]) -> None:
    ann, bob = visit(browser, contexts, app.url), visit(browser, contexts, app.url)
    sign_in(ann, ANN)
    sign_in(bob, BOB)
    of_ann, of_bob = me(ann).json(), me(bob).json()
    assert (of_ann["roles"], of_bob["roles"]) == (["admin"], ["member"])
    assert ANN not in of_ann["id"], "ids are opaque"
    bob.goto(f"{app.url}/admin")
    expect(bob.get_by_text("Page not found")).to_be_visible()
    identity = next(each for each in ann.context.cookies() if each["name"] == "_streamlit_user")
    assert (identity["httpOnly"], identity["sameSite"]) == (True, "Lax")


def test_without_a_claim_roles_are_what_an_admin_gave(
    tmp_path: Path, browser: Browser, contexts: list[BrowserContext]
) -> None:
    with served(tmp_path, PEOPLE, {"GEARBOX_ADMINS": "ann@example.org"}) as app:
        ann, bob = visit(browser, contexts, app.url), visit(browser, contexts, app.url)
        sign_in(ann, ANN)
        sign_in(bob, BOB)
        assert "admin" in me(ann).json()["roles"]
        assert me(bob).json()["roles"] == ["member"]
        path = f"{app.url}/api/people/{me(bob).json()['id']}/roles"
        given = {"roles": ["member", "analyst"]}
        cookies = [{each["name"]: each["value"] for each in page.context.cookies()} for page in (ann, bob)]
        assert httpx.put(path, json=given, cookies=cookies[1], trust_env=False, timeout=60).status_code == 403
        assert httpx.put(path, json=given, cookies=cookies[0], trust_env=False, timeout=60).status_code == 200
        later = visit(browser, contexts, app.url)
        sign_in(later, BOB)
        assert sorted(me(later).json()["roles"]) == ["analyst", "member"]


def test_signing_out_ends_the_session_in_every_tab_and_for_good(
    app: AppServer, browser: Browser, contexts: list[BrowserContext]
) -> None:
    page = visit(browser, contexts, app.url)
    sign_in(page, BOB)
    other = page.context.new_page()
    other.goto(f"{app.url}/settings")
    expect(other.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    stolen = {each["name"]: each["value"] for each in page.context.cookies()}
    assert httpx.get(f"{app.url}/api/me", cookies=stolen, trust_env=False, timeout=60).status_code == 200
    other.get_by_test_id("stExpandSidebarButton").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url(re.compile("end_session"))
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=EVERYWHERE_S * 1000)
    assert httpx.get(f"{app.url}/api/me", cookies=stolen, trust_env=False, timeout=60).status_code == 401


def test_who_is_deactivated_is_out_within_seconds(
    app: AppServer, browser: Browser, contexts: list[BrowserContext]
) -> None:
    ann, bob = visit(browser, contexts, app.url), visit(browser, contexts, app.url)
    sign_in(ann, ANN)
    sign_in(bob, BOB)
    cookies = {each["name"]: each["value"] for each in ann.context.cookies()}
    with httpx.Client(base_url=app.url, cookies=cookies, trust_env=False) as admin:
        bob_id = me(bob).json()["id"]
        began = time.monotonic()
        assert admin.post(f"/api/people/{bob_id}/deactivate").status_code == 200
        expect(bob.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=EVERYWHERE_S * 1000)
        assert time.monotonic() - began < EVERYWHERE_S
        assert me(bob).status_code == 401
        assert admin.post(f"/api/people/{bob_id}/activate").status_code == 200


def test_a_forged_identity_is_nobody(app: AppServer, browser: Browser, contexts: list[BrowserContext]) -> None:
    page = visit(browser, contexts, app.url)
    sign_in(page, ANN)
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    value = cookies["_streamlit_user"]
    forged = value[:-4] + ("aaaa" if value[-4:] != "aaaa" else "bbbb")
    for identity in (forged, "x", '{"is_logged_in":true,"sub":"ann-7f3a"}'):
        answer = httpx.get(f"{app.url}/api/me", cookies={"_streamlit_user": identity}, trust_env=False, timeout=60)
        assert answer.status_code == 401


def test_the_log_tells_of_every_sign_in_and_sign_out_without_a_name(app: AppServer) -> None:
    store = open_store(f"sqlite:///{Path(app.home) / 'gearbox.db'}", owner=OwnerId.current())
    try:
        found = store.audit.search(AuditFilter(actions=(Action.SIGN_IN, Action.SIGN_OUT)), None, 50).entries
    finally:
        store.close()
    assert {Action.SIGN_IN, Action.SIGN_OUT} <= {Action(entry.record.action) for entry in found}
    assert not any(word in entry.record.body for entry in found for word in ("ann", "bob", "Ann", "Bob", "example.org"))
