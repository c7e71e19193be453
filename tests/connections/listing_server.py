"""A real HTTP server on loopback whose answer to every GET is set by the test."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ListingServer:
    """`status`, `body`, `headers` and `pause` may change at any time; `requests` holds (path, Authorization)."""

    def __init__(self, *names: str, port: int = 0) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        self.unchanged = 0  # how often the caller had the list already
        self.requests: list[tuple[str, str | None]] = []
        self.body = b""
        self.list(*names)
        answering = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answering.requests.append((self.path, self.headers.get("Authorization")))
                time.sleep(answering.pause)
                tag = answering.headers.get("ETag")
                known = tag is not None and self.headers.get("If-None-Match") == tag
                answering.unchanged += known
                with contextlib.suppress(OSError):
                    self.send_response(304 if known else answering.status)
                    for name, value in answering.headers.items():
                        self.send_header(name, value)
                    body = b"" if known else answering.body
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class's name
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def list(self, *names: str) -> None:
        rows = [{"id": name, "object": "model"} for name in names]
        self.body = json.dumps({"object": "list", "data": rows}).encode()


@contextlib.contextmanager
def serving(*names: str, port: int = 0) -> Iterator[ListingServer]:
    listing = ListingServer(*names, port=port)
    thread = threading.Thread(target=listing.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listing
    finally:
        listing.server.shutdown()
        listing.server.server_close()
        thread.join(5)
