"""The security headers and the cookies' flags, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core.api.front_door import FrontDoor
from core.api.headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from core.api.listening import read_peers_ourselves
from core.config import Settings
from tests.gateway.server import serve

BEHIND_A_PROXY = Settings(
    sign_in="proxy", allowed_hosts="gearbox.example", tls_proxy=True, proxy_addresses="127.0.0.1"
)  # fmt: skip
PUBLIC = {"Host": "gearbox.example", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


async def _hello(_request: Request) -> Response:
    loose = {"Content-Security-Policy": "default-src *", "Access-Control-Allow-Origin": "*", "X-Own": "kept"}
    return PlainTextResponse("hello", headers=loose)


async def _stream(_request: Request) -> StreamingResponse:
    return StreamingResponse(iter([b"one ", b"two"]))


async def _cookies(_request: Request) -> Response:
    answer = PlainTextResponse("cookies")
    for cookie in ("_streamlit_xsrf=2|a|b; Path=/; SameSite=Lax", "_streamlit_user=x; HttpOnly; Path=/", "bare=1"):
        answer.raw_headers.append((b"set-cookie", cookie.encode()))
    return answer


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    routes = [Route("/", _hello), Route("/stream", _stream), Route("/cookies", _cookies)]
    with serve(Starlette(routes=routes, middleware=_middleware(BEHIND_A_PROXY))) as address:
        read_peers_ourselves()
        yield address


def _middleware(settings: Settings) -> list[Middleware]:
    return [Middleware(SecurityHeaders), Middleware(FrontDoor, settings)]


@pytest.mark.parametrize("path", ["/", "/stream", "/missing"])
def test_every_response_has_the_security_headers(origin: str, path: str) -> None:
    assert_secured(httpx.get(f"{origin}{path}", trust_env=False))


def test_a_refusal_has_the_security_headers_too(origin: str) -> None:
    assert_secured(httpx.get(origin, headers={"Host": "evil.example"}, trust_env=False))


def test_a_route_can_t_loosen_the_policy_but_keeps_its_other_headers(origin: str) -> None:
    answer = httpx.get(origin, trust_env=False)
    assert answer.headers.get_list("content-security-policy") == [CONTENT_SECURITY_POLICY]
    assert answer.headers["x-own"] == "kept"


def assert_secured(answer: httpx.Response) -> None:
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_a_page_talk_to_nobody_else() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert not any(source.startswith(("http", "ws", "*")) for rule in rules.values() for source in rule.split())
    assert "'unsafe-eval'" not in rules["script-src"].split()
    assert "blob:" not in rules["script-src"]


def test_no_other_site_may_read_an_answer(origin: str) -> None:
    answer = httpx.get(origin, headers={"Origin": "https://evil.example"}, trust_env=False)
    assert [name for name in answer.headers if name.startswith("access-control-")] == []
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_browser_that_came_by_https_is_told_to_stay_there(origin: str) -> None:
    answer = httpx.get(origin, headers=PUBLIC, trust_env=False)
    assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")


def test_localhost_is_never_bound_to_https(origin: str) -> None:
    assert "strict-transport-security" not in httpx.get(origin, trust_env=False).headers


def test_cookies_are_secure_and_out_of_scripts_reach_but_for_the_one_that_pages_send_back(origin: str) -> None:
    answer = httpx.get(f"{origin}/cookies", headers=PUBLIC, trust_env=False)
    assert answer.headers.get_list("set-cookie") == [
        "_streamlit_xsrf=2|a|b; Path=/; SameSite=Lax; Secure",
        "_streamlit_user=x; HttpOnly; Path=/; SameSite=Lax; Secure",
        "bare=1; SameSite=Lax; HttpOnly; Secure",
    ]


def test_on_this_machine_cookies_work_without_tls(origin: str) -> None:
    cookies = httpx.get(f"{origin}/cookies", trust_env=False).headers.get_list("set-cookie")
    assert not any("Secure" in cookie for cookie in cookies)
