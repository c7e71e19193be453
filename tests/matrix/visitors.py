"""People of the matrix, who come through a proxy that names them, and pages as they get them over the websocket."""

from __future__ import annotations

import itertools
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from core.access.arrival import SESSION_COOKIE

ENVIRONMENT = {
    "GEARBOX_SIGN_IN": "proxy",
    "GEARBOX_INNER_HOSTS": "127.0.0.1",
    "GEARBOX_PROXY_ADDRESSES": "127.0.0.1",
    "GEARBOX_PROXY_USER_HEADER": "X-User",
    "GEARBOX_ROLE_CLAIM": "X-Roles",
    "GEARBOX_ALLOWED_HOSTS": "127.0.0.1",
    "GEARBOX_RATE_LIMIT": "0",
}
_addresses = (f"203.0.113.{number % 250}" for number in itertools.count(1))
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For plain HTTP: a context of httpx's own reads all certificates of the world, 40 ms of CPU for each client."""
_MEDIA = re.compile(rb"/media/[0-9a-f]+(?:\.\w+)?")


@dataclass
class Visitor:
    """One browser. `roles` empty and no name: nobody whom the proxy knows."""

    url: str
    name: str = ""
    roles: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = field(default_factory=lambda: next(_addresses))

    @property
    def headers(self) -> dict[str, str]:
        """What the proxy adds."""
        named = {"X-User": self.name, "X-Roles": self.roles} if self.name else {}
        return {"X-Forwarded-For": self.address, "X-Forwarded-Proto": "https", **named}

    def come_in(self) -> Visitor:
        """Open the first page, which begins the session."""
        answer = httpx.get(
            self.url, headers={**self.headers, "Accept": "text/html"}, trust_env=False, timeout=60, verify=_NO_TLS
        )
        assert answer.status_code == 200, answer.text
        self.cookies = dict(answer.cookies)
        assert SESSION_COOKIE in self.cookies
        return self

    def ended(self) -> Visitor:
        """The same person with a session that they ended."""
        session = next(each for each in self.come_in().ask("GET", "/api/sessions").json() if each["is_this"])
        assert self.ask("DELETE", f"/api/sessions/{session['id']}").status_code == 204
        return self

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        with httpx.Client(
            base_url=self.url, cookies=self.cookies, headers=self.headers, trust_env=False, verify=_NO_TLS
        ) as client:
            return client.request(method, path, timeout=60, **options)  # type: ignore[arg-type]

    @contextmanager
    def websocket(self, page_session: str = "") -> Iterator[ClientConnection]:
        """A page's connection; with `page_session`, one that asks to go on with that."""
        headers = {**self.headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        wanted = ["streamlit", *(["xsrf", page_session] if page_session else [])]
        address = self.url.replace("http://", "ws://") + "/_stcore/stream"
        with connect(
            address,
            additional_headers=headers,
            subprotocols=[Subprotocol(each) for each in wanted],
            max_size=None,
            proxy=None,
        ) as connection:
            yield connection


@dataclass
class Drawn:
    """What one run of a page sent."""

    page_session: str
    exists: bool
    raw: bytes
    later: tuple[str, ...] = ()
    """Downloads that are made when they are asked for."""

    @property
    def files(self) -> list[str]:
        return sorted({found.decode() for found in _MEDIA.findall(self.raw)})


def run_page(connection: ClientConnection, page: str = "") -> Drawn:
    """Have the server run the page and take everything it sends."""
    wanted = BackMsg()
    wanted.rerun_script.page_name = page
    wanted.rerun_script.query_string = ""
    connection.send(wanted.SerializeToString())
    page_session, exists, raw, later = "", True, b"", list[str]()
    while True:
        data = connection.recv(timeout=60)
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        raw += data
        kind = message.WhichOneof("type")
        if kind == "new_session":
            page_session = message.new_session.initialize.session_id
        if kind == "page_not_found":
            exists = False
        if kind == "delta" and message.delta.new_element.download_button.deferred_file_id:
            later.append(message.delta.new_element.download_button.deferred_file_id)
        if kind == "script_finished":
            return Drawn(page_session, exists, raw, tuple(later))


def made_now(connection: ClientConnection, drawn: Drawn) -> str:
    """Ask for the page's download that is made when it is asked for; its address."""
    wanted = BackMsg()
    wanted.backend_operation_request.request_id = "1"
    wanted.backend_operation_request.session_id = drawn.page_session
    wanted.backend_operation_request.deferred_file.file_id = drawn.later[0]
    connection.send(wanted.SerializeToString())
    while True:
        data = connection.recv(timeout=60)
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "backend_operation_response":
            return str(message.backend_operation_response.deferred_file.url)


def words(answer: httpx.Response) -> tuple[int, str, Mapping[str, str]]:
    """What an answer tells: all that could differ between a foreign thing and a missing one."""
    told = {name: value for name, value in answer.headers.items() if name not in {"date", "server", "x-request-id"}}
    return answer.status_code, answer.text.replace(answer.headers["x-request-id"], "ID"), told
