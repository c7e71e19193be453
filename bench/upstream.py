"""An instant OpenAI-compatible upstream in a process of its own: 50 chunks and the usage, as fast as they go out.

A question with the word "slowly" in it is answered with a pause after each chunk, which shows who passes them on as
they come. `uv run python -m bench.upstream` prints its port and serves until its standard input closes. Raw asyncio,
because a web framework here would be the slowest thing that the benchmark measures.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any

CHUNKS = 50
PAUSE = 0.01
_LIST = b'{"object":"list","data":[{"id":"bench","object":"model","created":1767225600,"owned_by":"bench"}]}'
_MODELS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_LIST), _LIST)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _frame(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


def _document(choices: list[dict[str, Any]], **more: object) -> bytes:
    head = {"id": "chatcmpl-0123456789abcdef0123456789ab", "object": "chat.completion.chunk", "created": 1767225600}
    return json.dumps({**head, "model": "bench", "choices": choices, **more}, separators=(",", ":")).encode()


def _delta(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    return _document([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}])


def _frames() -> list[bytes]:
    usage = {"prompt_tokens": 12, "completion_tokens": CHUNKS, "total_tokens": CHUNKS + 12}
    return [
        _frame(_delta({"role": "assistant", "content": ""})),
        *(_frame(_delta({"content": f"word{index} "})) for index in range(CHUNKS)),
        _frame(_delta({}, "stop")),
        _frame(_document([], usage=usage)),
        _frame(b"[DONE]") + b"0\r\n\r\n",
    ]


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self._frames = _frames()
        self._received = b""
        self._out: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if not separator or len(body) < length or self._out is None:
            return
        self._received = body[length:]
        if head.startswith(b"GET"):
            self._out.write(_MODELS)
            return
        self._out.write(_HEAD)
        if b"slowly" in body[:length]:
            self._slowly(self._out, 0)
            return
        for frame in self._frames:
            self._out.write(frame)  # one system call each, as a real server's chunks are

    def _slowly(self, out: asyncio.WriteTransport, index: int) -> None:
        out.write(self._frames[index])
        if index + 1 < len(self._frames):
            asyncio.get_running_loop().call_later(PAUSE, self._slowly, out, index + 1)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    listener = server.sockets[0]
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main())
