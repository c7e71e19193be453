"""Stop hangs up on the provider: seen at the server's socket, whatever the turn was waiting for."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.providers.catalog import Catalogue
from data.values.messages import MessageStatus
from tests.chat.house import ChatHouse, ended, words
from tests.people import ALICE

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _chunk(text: str) -> bytes:
    event = b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


class Listener:
    """Takes a script for each connection: what to send, and whether to break off then or to wait for the other end."""

    def __init__(self, scripts: Sequence[tuple[bytes, bool]]) -> None:
        self.hung_up: list[float] = []
        self.waiting = threading.Event()
        self._scripts = list(scripts)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            for sent, breaks_off in self._scripts:
                connection, _ = self._socket.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(sent)
                    if breaks_off:
                        continue
                    self.waiting.set()
                    while connection.recv(65536):
                        pass
                    self.hung_up.append(time.monotonic())

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def house(tmp_path: Path, catalogue: Catalogue) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, "http://127.0.0.1:1/v1", catalogue)
    yield built
    built.close()


@pytest.mark.parametrize(
    ("scripts", "kept", "booked"),
    [
        ([(b"", False)], "", ["stopped"]),
        ([(_HEAD, False)], "", ["stopped"]),
        ([(_HEAD + _chunk("one two"), False)], "one two", ["stopped"]),
        ([(_HEAD + _chunk("one two"), True), (_HEAD + _chunk("one"), False)], "one two", ["failed", "stopped"]),
    ],
    ids=["before the headers", "before the first word", "in the middle", "while a fresh answer catches up"],
)
def test_stop_closes_the_connection(
    house: ChatHouse, scripts: Sequence[tuple[bytes, bool]], kept: str, booked: list[str]
) -> None:
    listener = Listener(scripts)
    house.keys.add_server(ALICE, label="main", base_url=listener.base_url, key=None)
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked="main/scripted", history=[])
    turn = house.chat.send(ALICE, None, "hello", choice)
    assert listener.waiting.wait(10), "the server was not called"
    time.sleep(0.1)
    stopped = time.monotonic()
    turn.stop()
    ended(turn)
    for _ in range(100):
        if listener.hung_up:
            break
        time.sleep(0.01)
    listener.close()
    assert listener.hung_up and listener.hung_up[0] - stopped < 1.0
    reply = house.messages(turn)[1]
    assert (reply.status, words(reply)) == (MessageStatus.STOPPED, kept)
    assert house.calls() == booked
    assert house.rows("SELECT count(*) FROM outbox") == [(len(booked),)]
