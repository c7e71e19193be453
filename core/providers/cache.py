"""Answers that need not be paid for twice: an exact cache of what is the same every time.

It lives in this process's memory only, so there is nothing of it on a disk or in a backup (ADR 19). Each person has
answers of their own: the person is part of the key, and the key a MAC under a secret that ends with the process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from core.providers.request import ModelRequest
from data.values.actor import Actor
from data.values.operations import (
    EmbeddingRequest,
    Media,
    OperationRequest,
    RerankRequest,
    TranscriptionRequest,
    Wanted,
)

_T = TypeVar("_T")
MAX_ENTRY_SHARE = 8
"""An answer larger than one part in this many of the cache is not kept: it would push out too many others."""


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How much is kept for how long; `chat` also keeps answers of chats at temperature 0."""

    megabytes: int = 64
    seconds: float = 24 * 3600.0
    chat: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    value: object
    size: int
    until: float


class ResponseCache:
    """Answers by the MAC of who asked whom for what. Thread-safe.

    Args:
        limits: how much, for how long, and whether for chats, too.
        clock: monotonic seconds.
    """

    def __init__(self, limits: CacheLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._size = 0

    def key_of(self, request: OperationRequest | ModelRequest, actor: Actor) -> bytes | None:
        """The key of a request; None for one whose answer may be another one next time. Blocking for large files."""
        if not self._limits.megabytes:
            return None
        if isinstance(request, OperationRequest):
            asked = _asked(request.wanted) if is_repeatable(request.wanted) else None
        else:
            asked = _conversation(request) if request.repeatable or self._may_keep(request) else None
        if asked is None:
            return None
        endpoint = request.endpoint
        whom = [endpoint.id, endpoint.base_url, endpoint.secret_id, request.model.provider, request.model.name]
        try:
            canonical = json.dumps([actor.user_id, whom, asked], sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError):
            return None  # an option that is no JSON: the transport will say so
        return hmac.digest(self._secret, canonical.encode(), "sha256")

    def find(self, key: bytes, kind: type[_T]) -> _T | None:
        """What is kept under a key."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.until <= self._clock():
                self._drop(key)
                entry = None
            if entry is None or not isinstance(entry.value, kind):
                return None
            self._entries.move_to_end(key)
            return entry.value

    def keep(self, key: bytes, value: object, size: int) -> None:
        """Keep an answer of about `size` bytes; the ones longest unused make room."""
        room = self._limits.megabytes * 1024 * 1024
        if size * MAX_ENTRY_SHARE > room:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = _Entry(value, size, self._clock() + self._limits.seconds)
            self._size += size
            while self._size > room:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self._size -= entry.size

    def _may_keep(self, request: ModelRequest) -> bool:
        return self._limits.chat and request.sampling.temperature == 0


def is_repeatable(wanted: Wanted) -> bool:
    """Whether the same is answered every time: vectors, rankings, and transcripts without a temperature."""
    if isinstance(wanted, TranscriptionRequest):
        return not wanted.temperature
    return isinstance(wanted, EmbeddingRequest | RerankRequest)


def _asked(wanted: Wanted) -> list[Any]:
    """A request as JSON, files as their hashes."""
    values = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    plain = {
        name: [value.media_type, hashlib.sha256(value.data).hexdigest()] if isinstance(value, Media) else value
        for name, value in values.items()
    }
    return [wanted.kind.value, plain]


def _conversation(request: ModelRequest) -> list[Any]:
    sampling = request.sampling
    how = [sampling.temperature, sampling.top_p, sampling.max_tokens]
    return ["chat", list(request.messages), how, dict(request.options)]
