"""Real HTTP servers on loopback for tests."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


@contextlib.contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Run `app` under uvicorn in a thread, on any free port unless one is named; yield its origin."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    # Accepted sockets inherit it; without, each streamed answer waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextlib.contextmanager
def serve_bytes(*pieces: bytes, pause: float = 0.0, hold: float = 0.0) -> Iterator[str]:
    """Answer each connection with `pieces` as they are, then keep it for `hold` seconds and close it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            _read_request(connection)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            time.sleep(hold)

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                answer(listener.accept()[0])

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        # shutdown, not only close: close leaves a thread that waits in accept waiting for ever.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _read_request(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
