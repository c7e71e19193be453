"""Errors, request ids, allowances and bounds: the same on every route of `/api` and `/v1`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import Scope

from core.api.answers import Asked
from core.api.problems import KINDS
from core.api.request_ids import request_id_of
from core.errors import ConfigError, GearboxError
from data.values.audit_search import AuditFilter
from tests.api.gearbox import Gearbox, running

LIMIT = 8


def _fails(_asked: Asked) -> object:
    raise RuntimeError("sk-canary-0123456789abcdef")


def _speechless(_asked: Asked) -> object:
    raise GearboxError("It can't be done.")


def _unready(_asked: Asked) -> object:
    raise ConfigError("A part is missing.")


ODD = [(f"/api/odd/{each.__name__}", each) for each in (_fails, _speechless, _unready)]


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    with running(tmp_path_factory.mktemp("problems"), *ODD) as gearbox:
        yield gearbox


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/api/tokens", {"json": {"nome": "x"}}, 400),
        ("GET", "/api/odd/_speechless", {}, 400),
        ("GET", "/api/me", {"headers": {"Authorization": ""}}, 401),
        ("GET", "/api/me", {"headers": {"Host": "evil.example"}}, 403),
        ("POST", "/api/tokens", {"json": {}, "headers": {"Origin": "https://evil.example"}}, 403),
        ("DELETE", "/api/keys/never", {}, 404),
        ("GET", "/api/never", {}, 404),
        ("PATCH", "/api/me", {}, 405),
        ("POST", "/api/tokens", {"content": b"x" * 100_000}, 413),
        ("GET", "/api/odd/_fails", {}, 500),
        ("GET", "/api/odd/_unready", {}, 503),
    ],
)
def test_every_error_is_a_problem_with_something_to_do(
    gearbox: Gearbox, method: str, path: str, options: dict[str, object], status: int
) -> None:
    answer = gearbox.ask(method, path, **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    said = answer.json()
    assert said["status"] == status
    kind = next(kind for kind in KINDS if kind.status == status)
    assert (said["type"], said["title"]) == (f"/api/docs#problem-{kind.name}", kind.title)
    assert said["request_id"] == answer.headers["x-request-id"]
    assert said["instance"].endswith(said["request_id"])
    assert said["detail"]
    assert said["remedy"]
    assert said["error"] == {"message": said["detail"], "remedy": said["remedy"]}
    assert "canary" not in answer.text
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_openai_s_clients_get_openai_s_form_at_the_door_too(gearbox: Gearbox) -> None:
    answer = gearbox.ask("GET", "/v1/models", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/api/me", "/api/never", "/v1/models", "/v1/models/never", "/v1/never", "/elsewhere"])
def test_a_well_formed_request_id_is_taken_and_comes_back(gearbox: Gearbox, path: str) -> None:
    given = "01JD-order.7_abc"
    assert gearbox.ask("GET", path, headers={"X-Request-Id": given}).headers["x-request-id"] == given
    ours = [gearbox.ask("GET", path).headers["x-request-id"] for _ in range(2)]
    assert len({*ours, given}) == 3


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space", "a;b=c'--0000", "-leading-dash", "sk-canary-0123456789abcdef"]
)
def test_what_is_no_request_id_is_replaced(given: str) -> None:
    scope: Scope = {"type": "http", "headers": [(b"x-request-id", given.encode())]}
    made = request_id_of(scope)
    assert made != given
    assert len(made) == 32
    assert request_id_of(scope) == made, "one request, one id"


def test_the_audit_log_finds_a_request_by_its_id(gearbox: Gearbox) -> None:
    given = "order-0815-0001"
    made = gearbox.ask("POST", "/api/tokens", json={"name": "found"}, headers={"X-Request-Id": given})
    assert made.status_code == 201
    found = gearbox.services.audit.search(gearbox.services.actor(), AuditFilter(request_id=given), None, 50)
    assert found.entries


@pytest.mark.parametrize("path", ["/api/me", "/v1/models/auto"])
def test_every_answer_says_what_is_left_and_one_too_many_when_to_come_back(tmp_path: Path, path: str) -> None:
    with running(tmp_path, rate_limit=LIMIT) as gearbox:
        left = []
        while (answer := gearbox.ask("GET", path)).status_code == 200:
            assert answer.headers["ratelimit-policy"] == f'"requests";q={LIMIT};w=60'
            left.append(int(answer.headers["x-ratelimit-remaining-requests"]))
            assert f"r={left[-1]};" in answer.headers["ratelimit"]
            assert len(left) < 10 * LIMIT, "there is no limit"
        assert left[0] == LIMIT - 1
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["ratelimit"].startswith('"requests";r=0;t=')
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"
        assert answer.headers["x-request-id"]


def raw(gearbox: Gearbox, head: str, *pieces: bytes) -> bytes:
    """The first line of what is answered to a body that never ends."""
    place = urlsplit(gearbox.origin)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as connection:
        common = f"Host: {place.netloc}\r\nAuthorization: Bearer {gearbox.token}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}\r\n{common}".encode())
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(4096).partition(b"\r\n")[0]


@pytest.mark.parametrize("path", ["/api/tokens", "/v1/chat/completions", "/v1/embeddings", "/v1/images/generations"])
def test_what_is_announced_too_large_is_refused_before_any_of_it_has_come(gearbox: Gearbox, path: str) -> None:
    line = raw(gearbox, f"POST {path} HTTP/1.1", b"Content-Length: 10000000\r\n\r\n")
    assert line.split()[1] == b"413"


@pytest.mark.parametrize(("path", "most"), [("/api/tokens", 64 * 1024), ("/v1/chat/completions", 8 * 1024**2)])
def test_what_is_not_announced_is_counted_as_it_comes(gearbox: Gearbox, path: str, most: int) -> None:
    piece = b"%x\r\n" % (most // 8 + 1) + b"x" * (most // 8 + 1) + b"\r\n"
    line = raw(gearbox, f"POST {path} HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\n", *[piece] * 8)
    assert line.split()[1] == b"413"


@pytest.mark.parametrize("path", ["keys", "connections"])
def test_nobody_keeps_a_key_for_another_person(gearbox: Gearbox, path: str) -> None:
    body = {"provider": "openai"} if path == "keys" else {"base_url": "http://127.0.0.1:9/v1"}
    body |= {"key": "sk-canary-0123456789abcdef", "owner": "user"}
    refused = gearbox.ask("POST", f"/api/{path}", json={**body, "owner_id": "somebody-else"})
    assert (refused.status_code, refused.json()["detail"]) == (400, "Nobody can keep a key for another person.")
    me = gearbox.ask("GET", "/api/me").json()["id"]
    assert gearbox.ask("POST", f"/api/{path}", json={**body, "owner_id": me}).status_code == 201


def test_an_id_that_no_database_can_hold_is_one_of_nothing(tmp_path: Path, postgresql_url: str) -> None:
    with running(tmp_path, database_url=postgresql_url) as gearbox:
        for place in ("teams/{}", "tokens/{}", "keys/{}", "connections/{}", "sessions/{}", "people/{}", "v1/models/{}"):
            assert gearbox.ask("DELETE", f"/api/{place.format('a%00b')}").status_code == 404, place


def test_a_name_that_is_taken_is_a_conflict_and_no_fault(gearbox: Gearbox) -> None:
    first, second = (gearbox.ask("POST", "/api/teams", json={"name": name}).json()["id"] for name in ("One", "Two"))
    assert first != second
    refused = [
        gearbox.ask("POST", "/api/teams", json={"name": "One"}),
        gearbox.ask("PUT", f"/api/teams/{second}", json={"name": "One"}),
    ]
    assert [(answer.status_code, answer.json()["type"]) for answer in refused] == [
        (409, "/api/docs#problem-conflict")
    ] * 2
