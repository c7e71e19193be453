"""What an error of litellm's says, in the provider's own words.

litellm puts class names around them, advice for its own callers after them, and often passes the provider's JSON on as
Python writes bytes; a fault of its own comes with the source that it happened in.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from core.providers.failures import kind_of_status, message_of
from data.values.calls import ErrorKind

# "litellm.X: X: OpenAIException - words", "Vertex_ai_betaException InternalServerError - words"
_NOISE = re.compile(r"^(?:\s*(?:litellm\.)?\w+(?:Error|Exception|Timeout)\b\s*[:\-]?\s*)+")
_ADVICE = re.compile(r"\s*Handle with `litellm\.\w+`\.?\s*")
_BYTES = re.compile(r"\bb(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)
# From here on it quotes its own source, with paths of this machine.
_INSIDES = "Traceback (most recent call last)"

_UNREACHED = ("ConnectError", "ClientConnectorError")
_CUT = ("ClientPayloadError", "TransferEncodingError", "RemoteProtocolError", "IncompleteReadError")
_CONNECT_ERRORS = ("APIConnectionError", *_UNREACHED)
# What the class says better than the status. Of the rest the status decides: litellm guesses a class from the words
# of the error, and calls a 401 with "invalid_request_error" in it a bad request.
_KINDS = {
    "Timeout": ErrorKind.TIMEOUT,
    "APITimeoutError": ErrorKind.TIMEOUT,
    "APIResponseValidationError": ErrorKind.BAD_RESPONSE,
    "MidStreamFallbackError": ErrorKind.STREAM_CUT,
    "APIConnectionError": ErrorKind.UNREACHABLE,
}


def said_by(error: BaseException) -> tuple[ErrorKind, str]:
    """Why a call through litellm failed, and what was said; no words where there are none.

    INTERNAL is a fault of litellm's own, which it calls a lost connection: no provider is to blame.
    """
    words, inside, _ = str(getattr(error, "message", "") or error).partition(_INSIDES)
    words = _ADVICE.sub(" ", _NOISE.sub("", words)).strip()
    names = list(_names(error))
    if any(name in _UNREACHED for name in names):
        return ErrorKind.UNREACHABLE, _provider_s(words)
    if any(name in _CUT for name in names) or any(f"<{name}" in words for name in _CUT):
        return ErrorKind.STREAM_CUT, "it ended the answer in the middle."
    if inside:
        return ErrorKind.INTERNAL, f"litellm could not handle the request or its answer ({words})."
    return _kind_of(error, names), _provider_s(words)


def _provider_s(words: str) -> str:
    """The message in the JSON that litellm quotes, where it quotes one."""
    for quoted in _BYTES.finditer(words):
        try:
            document = json.loads(ast.literal_eval(quoted[0]))
        except (ValueError, SyntaxError):
            continue
        if message := message_of(document):
            return message
    start = words.find("{")
    if start >= 0:
        try:
            document = json.JSONDecoder().raw_decode(words, start)[0]
        except ValueError:
            return words
        return message_of(document) or words
    return words


def _names(error: BaseException) -> Iterator[str]:
    cause: BaseException | None = error
    for _ in range(8):
        if cause is not None:
            yield type(cause).__name__
            cause = cause.__cause__ or cause.__context__


def _kind_of(error: BaseException, names: list[str]) -> ErrorKind:
    if any(name in _CONNECT_ERRORS for name in names):
        return ErrorKind.UNREACHABLE
    named = next((_KINDS[base.__name__] for base in type(error).__mro__ if base.__name__ in _KINDS), None)
    status = getattr(error, "status_code", None)
    return named or (kind_of_status(status) if isinstance(status, int) else ErrorKind.PROVIDER)
