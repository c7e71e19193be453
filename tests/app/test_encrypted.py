"""Served over TLS by Streamlit itself, and behind a proxy that names people: in a real process, over real sockets."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.server import AppServer
from tests.gateway.test_encryption import certificate

PROXY, ANYBODY = "127.0.0.3", "127.0.0.2"
ENVIRONMENT = {
    "GEARBOX_SIGN_IN": "proxy",
    "GEARBOX_PROXY_ADDRESSES": PROXY,
    "GEARBOX_PROXY_USER_HEADER": "X-User",
    "GEARBOX_ALLOWED_HOSTS": "gearbox.example.org",
}
NAME = {"Host": "gearbox.example.org", "Accept": "text/html"}
ADA = {"X-User": "ada@example.org"}


class EncryptedServer(AppServer):
    """An app whose certificate the checks of its clients know."""

    def __init__(self, home: Path, pem: Path) -> None:
        certified = {"STREAMLIT_SERVER_SSL_CERT_FILE": str(pem), "STREAMLIT_SERVER_SSL_KEY_FILE": str(pem)}
        super().__init__(home, environment={**ENVIRONMENT, **certified})
        self.url = f"https://localhost:{self.port}"
        self.trust = ssl.create_default_context(cafile=str(pem))

    def visit(self, path: str, whence: str, headers: dict[str, str]) -> httpx.Response:
        """Ask from one of this machine's addresses, as one who calls the server by its public name."""
        wire = httpx.HTTPTransport(local_address=whence, verify=self.trust)
        with httpx.Client(transport=wire, trust_env=False) as client:
            named = {"sni_hostname": "localhost"}
            return client.get(f"https://127.0.0.1:{self.port}{path}", headers={**NAME, **headers}, extensions=named)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedServer]:
    folder = tmp_path_factory.mktemp("encrypted")
    with EncryptedServer(folder / "home", certificate(folder)) as server:
        yield server


def test_cookies_are_for_https_alone_and_the_browser_is_told_to_stay_there(app: EncryptedServer) -> None:
    answer = app.visit("/", PROXY, ADA)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("gearbox_session="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert httpx.get(f"{app.url}/healthz", verify=app.trust, trust_env=False, timeout=60).status_code == 200


def test_a_name_is_believed_from_the_listed_proxy_alone(app: EncryptedServer) -> None:
    assert app.visit("/", PROXY, ADA).status_code == 200
    for headers in (ADA, {**ADA, "X-Forwarded-For": PROXY}, {**ADA, "Forwarded": f"for={PROXY}"}):
        refused = app.visit("/", ANYBODY, headers)
        assert refused.status_code == 401, headers
        assert "gearbox_session" not in refused.headers.get("set-cookie", "")
    session = app.visit("/", PROXY, ADA).cookies["gearbox_session"]
    mine = {"Cookie": f"gearbox_session={session}"}
    assert app.visit("/api/me", PROXY, {**mine, **ADA}).status_code == 200
    assert app.visit("/api/me", PROXY, {**mine, "X-User": "eve@example.org"}).status_code == 401
    assert app.visit("/api/me", ANYBODY, {**mine, **ADA}).status_code == 401


def test_a_name_that_is_not_ours_is_refused(app: EncryptedServer) -> None:
    assert app.visit("/", PROXY, {**ADA, "Host": "evil.example.org"}).status_code == 403
