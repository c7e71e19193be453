"""The document that the API gives of itself, and its page."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bench.app_process import CHROMIUM_ARGUMENTS
from tests.api.gearbox import Gearbox, running
from tests.browser import find_browser


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    with running(tmp_path_factory.mktemp("openapi")) as gearbox:
        yield gearbox


@pytest.fixture(scope="module")
def document(gearbox: Gearbox) -> dict[str, Any]:
    found: dict[str, Any] = gearbox.ask("GET", "/api/openapi.json", headers={"Authorization": ""}).json()
    return found


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[name] for name in ("$ref",) if isinstance(part.get(name), str))
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_it_is_openapi_and_refers_to_nothing_that_is_not_there(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    for reference in set(references(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found
    operations = [each for item in document["paths"].values() for each in item.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for path, item in document["paths"].items():
        for each in item.values():
            in_path = {one["name"] for one in each.get("parameters", ()) if one["in"] == "path"}
            assert in_path == set(re.findall(r"\{(\w+)\}", path))


def test_it_tells_what_is_read_and_given(document: dict[str, Any]) -> None:
    made = document["paths"]["/api/keys"]["post"]
    assert made["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewKey"}
    assert document["components"]["schemas"]["NewKey"]["required"] == ["provider", "key"]
    assert made["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Endpoint")
    assert set(made["responses"]) >= {"201", "400", "401", "403", "413", "429", "503"}
    problem = document["components"]["responses"]["Problem429"]
    assert set(problem["content"]) == {"application/problem+json"}
    assert "Retry-After" in problem["headers"]
    searched = document["paths"]["/api/v1/models"]["get"]
    assert {each["name"] for each in searched["parameters"]} >= {"q", "modality", "capability", "usable", "cursor"}
    assert "304" in searched["responses"]
    chat = document["paths"]["/v1/chat/completions"]["post"]
    assert set(chat["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    assert chat["security"] == [{"token": ["chat"]}]
    assert "delete" in document["paths"]["/api/keys/{secret_id}/versions/{version}"]
    assert "content" not in document["paths"]["/api/keys/{secret_id}"]["delete"]["responses"]["204"]


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
def test_it_is_open_to_all_and_kept_by_who_has_it(gearbox: Gearbox, path: str) -> None:
    first = gearbox.ask("GET", path, headers={"Authorization": ""})
    assert first.status_code == 200
    again = gearbox.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert gearbox.token not in first.text
    assert str(gearbox.services.settings.home) not in first.text


def test_the_page_loads_and_runs_nothing(gearbox: Gearbox, document: dict[str, Any]) -> None:
    page = gearbox.ask("GET", "/api/docs")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"<script|<link|<img|style=|\son\w+=|https?://", page.text)
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    anchors = set(re.findall(r'id="([^"]+)"', page.text))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= anchors
    kinds = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert {kind.partition("#")[2] for kind in kinds} <= anchors, "a problem's type leads to words about it"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_on_a_phone(gearbox: Gearbox, scheme: Any) -> None:
    chromium = find_browser()
    if chromium is None:
        if os.environ.get("GEARBOX_REQUIRE_BROWSER") == "1":
            pytest.fail("GEARBOX_REQUIRE_BROWSER=1, but there is no Chromium on this machine")
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, java_script_enabled=True)
        complaints = list[str]()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{gearbox.origin}/api/docs")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        browser.close()
    assert width <= 390
    assert (back == "rgb(19, 23, 28)") is (scheme == "dark"), "the style is let in, and knows the dark"
    assert [each for each in complaints if "favicon" not in each] == []
