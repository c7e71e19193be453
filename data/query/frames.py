"""How the app and the limited process talk: JSON with its length before it, and bytes as they are.

JSON and not pickle: the child may be in the hands of whoever wrote the SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

_LENGTH = 8


def send(stream: IO[bytes], message: Mapping[str, Any], *blobs: bytes) -> None:
    """Write one message and the bytes that belong to it."""
    data = json.dumps(message, allow_nan=False).encode("utf-8", "surrogatepass")
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def receive(stream: IO[bytes], limit: int) -> dict[str, Any] | None:
    """The next message; None at the stream's end.

    Raises:
        ValueError: it is longer than `limit` bytes, or no message.
    """
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if length > limit:
        raise ValueError("a message is too long")
    message = json.loads(stream.read(length))
    if not isinstance(message, dict):
        raise ValueError("a message is no object")
    return message
