"""Provider failures in plain words: kind, message without secrets, remedy, time to wait."""

from __future__ import annotations

import email.utils
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.errors import ProviderError
from core.providers.guard import ASK_AN_ADMIN
from data.values.calls import ErrorKind

MAX_MESSAGE_CHARS = 400
_REDACTED = "[key]"
# Parts of a key count as an echo from this length on: providers quote its beginning or end, and shorter
# runs collide with ordinary words.
_ECHO_CHARS = 8
_MAX_RETRY_AFTER = 24 * 3600.0

_KINDS = {
    400: ErrorKind.BAD_REQUEST,
    401: ErrorKind.AUTH,
    403: ErrorKind.AUTH,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    413: ErrorKind.BAD_REQUEST,
    422: ErrorKind.BAD_REQUEST,
    429: ErrorKind.RATE_LIMIT,
    504: ErrorKind.TIMEOUT,
}

REMEDIES = {
    ErrorKind.AUTH: "Check the key in the settings, and that it may use this model.",
    ErrorKind.RATE_LIMIT: "Wait a moment and retry, or check the account's quota and billing.",
    ErrorKind.BAD_REQUEST: "Choose another model, or send less, then retry.",
    ErrorKind.NOT_FOUND: "Check the model's name and the base URL in the settings.",
    ErrorKind.ADDRESS_REFUSED: ASK_AN_ADMIN,
    ErrorKind.UNREACHABLE: "Check the connection. A server of your own has to run, and its base URL to be right.",
    ErrorKind.TIMEOUT: "Retry, or choose another model.",
    ErrorKind.STREAM_CUT: "Retry, or choose another model.",
    ErrorKind.BAD_RESPONSE: "Retry, or choose another model. A server of your own has to speak OpenAI's format.",
    ErrorKind.PROVIDER: "Retry in a moment, or choose another model.",
    ErrorKind.INTERNAL: "Retry; if it stays, look into the server log.",
}


def failure(
    kind: ErrorKind,
    message: str,
    key: str | None,
    *,
    status: int | None = None,
    retry_after: float | None = None,
) -> ProviderError:
    """A `ProviderError` with this kind's remedy; whatever `message` repeats of `key` is taken out."""
    remedy = REMEDIES[kind]
    if kind is ErrorKind.RATE_LIMIT and retry_after is not None and retry_after >= 1:
        remedy = f"Try again in {_wait(retry_after)}, or check the account's quota and billing."
    return ProviderError(kind, plain(message, key), remedy, status=status, retry_after=retry_after)


def _wait(seconds: float) -> str:
    size, unit = (1, "second") if seconds <= 120 else (60, "minute") if seconds <= 7200 else (3600, "hour")
    count = math.ceil(seconds / size)
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def kind_of_status(status: int) -> ErrorKind:
    """What an HTTP status of 300 or more means."""
    if status in _KINDS:
        return _KINDS[status]
    if status >= 500 or status == 402:
        return ErrorKind.PROVIDER
    return ErrorKind.BAD_REQUEST if status >= 400 else ErrorKind.BAD_RESPONSE


def plain(text: str, key: str | None) -> str:
    """One line, without the key, of at most `MAX_MESSAGE_CHARS` characters.

    The key goes first: a cut through it would leave its beginning standing.
    """
    if key:
        text = _without(text, key)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAX_MESSAGE_CHARS else line[: MAX_MESSAGE_CHARS - 1] + "…"


def _without(text: str, key: str) -> str:
    """`text` with the key and each run of `_ECHO_CHARS` or more of its characters replaced."""
    text = text.replace(key, _REDACTED)
    runs = {key[start : start + _ECHO_CHARS] for start in range(len(key) - _ECHO_CHARS + 1)}
    if not any(run in text for run in runs):
        return text
    hidden = bytearray(len(text))
    for start in range(len(text) - _ECHO_CHARS + 1):
        if text[start : start + _ECHO_CHARS] in runs:
            hidden[start : start + _ECHO_CHARS] = b"\1" * _ECHO_CHARS
    masked = "".join("\0" if hide else char for char, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", _REDACTED, masked)


def message_of(document: Any) -> str:
    """The provider's own words in an error body, in any of the usual shapes; empty where there are none."""
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, str):
        return document
    if not isinstance(document, Mapping):
        return ""
    for name in ("error", "message", "detail", "msg"):
        if text := message_of(document.get(name)):
            where = document.get("loc")  # FastAPI's: Mistral and vLLM name the field nowhere else
            if isinstance(where, list) and len(where) > 1:
                return f"{'.'.join(map(str, where))}: {text}"
            return _naming_the_field(text, document.get("param"), str(document.get("code")))
    return ""


def _naming_the_field(text: str, param: Any, code: str) -> str:
    """OpenAI's words do not always name what it does not support: that may be in `param` and `code` alone."""
    named = isinstance(param, str) and param in text and "support" in text.lower()
    if named or not isinstance(param, str) or not param or not code.startswith("unsupported_"):
        return text
    return f"Unsupported: '{param}'. {text}"


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """A `Retry-After` header in seconds from `now` (aware): a number, or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(value) - now).total_seconds()
        except (ValueError, TypeError):
            # Not a date, or a date without a time zone.
            return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER) if math.isfinite(seconds) else None
