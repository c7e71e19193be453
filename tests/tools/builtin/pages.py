"""A small web on loopback for the tools: what its servers saw is kept."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.providers.guard import AddressGuard
from core.tools.builtin.web import Web
from tests.gateway.server import serve

ARTICLE = """<html><head><title>About  tea &amp; more</title><style>p {color: red}</style></head><body>
<nav><a href="/">Home</a> <a href="/shop">Shop</a></nav><main><article><h1>Tea</h1>
<p>Tea is an <a href="/leaf">aromatic</a> drink of <b>hot</b> water poured over leaves. People everywhere drink it,
and have done so for some thousand years.</p><table><tr><th>Kind</th><th>Price</th></tr><tr><td>Green</td><td>3.20</td>
</tr></table><p>It is the most drunk thing after water, and there are hundreds of kinds of it in all of the world.</p>
</article></main><footer>Terms</footer><script>alert("no")</script></body></html>"""


@dataclass
class Seen:
    """Where the web is, and the requests that came, with their headers in lower case."""

    origin: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def web(self) -> Web:
        """One that may call this server, and no other inside."""
        return Web(AddressGuard(hosts=[urlsplit(self.origin).netloc]))


def html(text: str | bytes, **headers: str) -> Response:
    """A page."""
    return Response(text, headers={"content-type": "text/html", **headers})


def plain(text: str | bytes, kind: str = "text/plain", **headers: str) -> Response:
    """A text, or what a server calls one."""
    return Response(text, headers={"content-type": kind, **headers})


def _bomb() -> bytes:
    packed = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packed.compress(b"a" * (1 << 20)) for _ in range(128)) + packed.flush()


def _answers(inside: str) -> dict[str, Response]:
    hop = RedirectResponse("/article")
    hop.set_cookie("tracker", "1")
    packed = {"content-encoding": "gzip"}
    return {
        "/hop": hop,
        "/to-inside": RedirectResponse(inside),
        "/to-file": Response(status_code=302, headers={"location": "file:///etc/passwd"}),
        "/to-password": Response(status_code=302, headers={"location": "https://user:word@example.org/"}),
        "/loop": RedirectResponse("/loop"),
        "/bomb": plain(_bomb(), **packed),
        "/packed": html(gzip.compress(ARTICLE.encode()), **packed),
        "/not-packed": plain("hello", **packed),
        "/brotli": plain(b"\x8b\x03\x80", **{"content-encoding": "br"}),
        "/picture": plain(b"\x89PNG", "image/png"),
        "/no-kind": plain(b"?", ""),
        "/json": plain('{"price": "3 €"}', "application/json"),
        "/latin": plain("<title>Käse</title><p>Gruß</p>".encode("latin-1"), "text/html; charset=latin-1"),
        "/meta": html('<meta charset="shift_jis"><p>日本語</p>'.encode("shift_jis")),
        "/empty": html("<div id=app></div><script>go()</script>"),
        "/hidden": html("<p>See\U000e0041\U000e0042 this\u202e\u200b<i style='display: none'>or not</i> now</p>"),
        "/deep": html("<div>" * 400_000 + "found"),
        "/long": plain("".join(f"{line:09}\n" for line in range(5_000))),
        "/teapot": Response("short and stout", status_code=418),
    }


@contextmanager
def small_web(inside: str = "http://127.0.0.1:1/") -> Iterator[Seen]:
    """Serve the pages below; `/to-inside` leads to `inside`."""
    seen = Seen()

    def page(request: Request) -> Response:
        seen.requests.append((request.url.path, dict(request.headers)))
        return answers.get(request.url.path, html(ARTICLE))

    answers = _answers(inside)
    with serve(Starlette(routes=[Route("/{path:path}", page)])) as origin:
        seen.origin = origin
        yield seen


@contextmanager
def endless(head: bytes, piece: bytes) -> Iterator[tuple[str, list[int]]]:
    """A server that sends `piece` a thousand times, and how many bytes of it were taken."""
    taken: list[int] = []

    def run() -> None:
        with contextlib.suppress(OSError):
            peer = listener.accept()[0]
            with peer:
                peer.recv(65536)
                peer.sendall(head)
                for _ in range(1024):
                    peer.sendall(piece)
                    taken.append(len(piece))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", taken
        thread.join(30)
