"""Streamlit's own endpoints: another person's file, upload or page session does not open by its address."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.app.server import AppServer
from tests.matrix.visitors import ENVIRONMENT, Drawn, Visitor, made_now, run_page, words

_JPEG = b"\xff\xd8\xff"
MISSING = "/media/" + "0" * 64 + ".png"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("pictures") / "home"
    server = AppServer(home, environment=ENVIRONMENT, uvicorn=True)
    server.application = "tests.matrix.pictures:app"
    with server:
        yield server.url


@pytest.fixture(scope="module")
def ann(pictures: str) -> Visitor:
    return Visitor(pictures, "ann", "member").come_in()


@pytest.fixture(scope="module")
def anns_page(ann: Visitor) -> Iterator[Drawn]:
    with ann.websocket() as connection:
        yield run_page(connection)


@pytest.fixture(scope="module", params=["nobody", "member", "analyst", "admin", "ended"])
def other(request: pytest.FixtureRequest, pictures: str) -> Visitor:
    """Everybody else: of each role, nobody, and Ann herself with a session that was ended."""
    if request.param == "nobody":
        return Visitor(pictures)
    if request.param == "ended":
        return Visitor(pictures, "ann", "member").ended()
    return Visitor(pictures, f"other-{request.param}", str(request.param)).come_in()


def test_the_page_has_files_of_its_own(ann: Visitor, anns_page: Drawn) -> None:
    assert len(anns_page.files) == 2
    assert {ann.ask("GET", path).content[:3] for path in anns_page.files} == {b"dia", _JPEG}


def test_a_file_opens_for_whose_page_shows_it_and_for_nobody_else(
    ann: Visitor, anns_page: Drawn, other: Visitor
) -> None:
    missing = words(other.ask("GET", MISSING))
    assert missing[0] == 404
    for path in anns_page.files:
        assert ann.ask("GET", path).status_code == 200
        for method in ("GET", "HEAD", "OPTIONS"):
            assert words(other.ask(method, path)) == words(other.ask(method, MISSING)), "foreign looks like missing"
        assert other.ask("GET", path, headers={"Range": "bytes=0-3"}).status_code == 404


def test_a_download_made_when_asked_for_is_its_person_s_too(ann: Visitor, other: Visitor) -> None:
    with ann.websocket() as connection:
        address = made_now(connection, run_page(connection))
        assert ann.ask("GET", address).content.startswith(b"letter of")
        assert words(other.ask("GET", address)) == words(other.ask("GET", MISSING))


@pytest.mark.parametrize(
    "disguise",
    ["/media//{}", "//media/{}", "/media/./{}", "/x/../media/{}", "/%6dedia/{}", "/media/{}/", "/media/{}?a=/static/",
     "/static/../media/{}", "/media%2f{}", "/MEDIA/{}"],
)  # fmt: skip
def test_no_spelling_of_the_address_gets_past(anns_page: Drawn, other: Visitor, disguise: str) -> None:
    for path in anns_page.files:
        target = disguise.format(path.removeprefix("/media/"))
        request = httpx.Request("GET", other.url, headers=other.headers, cookies=other.cookies)
        request.url = request.url.copy_with(raw_path=target.encode())  # as it stands: httpx would tidy it
        with httpx.Client(trust_env=False) as client:
            answer = client.send(request)
        assert not answer.content.startswith((b"dia", _JPEG)), target


def test_an_upload_into_another_s_page_is_refused_as_if_it_were_not_there(
    ann: Visitor, anns_page: Drawn, other: Visitor
) -> None:
    own = f"/_stcore/upload_file/{anns_page.page_session}/{uuid.uuid4()}"
    missing = f"/_stcore/upload_file/{uuid.uuid4()}/{uuid.uuid4()}"
    for method in ("PUT", "DELETE"):
        assert words(other.ask(method, own)) == words(other.ask(method, missing))
        assert other.ask(method, own).status_code == 404
        # Past the gate it is Streamlit's own check that speaks: the token that only a page knows is missing.
        assert ann.ask(method, own).status_code == 403


def test_nobody_takes_over_another_s_page(ann: Visitor, anns_page: Drawn, other: Visitor) -> None:
    try:
        with other.websocket(anns_page.page_session) as connection:
            drawn = run_page(connection)
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 403
        return
    if other.name == ann.name:
        return  # the proxy signed her in again: it is her page
    assert drawn.page_session != anns_page.page_session
    assert not set(drawn.files) & set(anns_page.files)


def test_whose_page_it_is_may_go_on_with_it(ann: Visitor) -> None:
    with ann.websocket() as connection:
        first = run_page(connection)
    with ann.websocket(first.page_session) as connection:
        assert run_page(connection).page_session == first.page_session


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/schema"])
def test_what_tells_of_everybody_is_closed(pictures: str, other: Visitor, path: str) -> None:
    assert other.ask("GET", path).status_code == 404
