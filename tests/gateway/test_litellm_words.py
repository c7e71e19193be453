"""What people are told of litellm's errors: the provider's words, and nothing of what is around them."""

from __future__ import annotations

import pytest

from core.providers.litellm_words import said_by
from data.values.calls import ErrorKind


class _Error(Exception):
    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if status is not None:
            self.status_code = status


class APIConnectionError(_Error):
    """Named as litellm's."""


class ClientPayloadError(Exception):
    """Named as aiohttp's."""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("litellm.RateLimitError: AnthropicException - slow down", "slow down"),
        (
            'litellm.RateLimitError: AnthropicException - b\'{"type":"error","error":{"message":"it\\\'s slow"}}\'',
            "it's slow",
        ),
        (
            "litellm.InternalServerError: Vertex_ai_betaException InternalServerError - "
            'b\'{"error": {"code": 500, "message": "boom"}}\'. Handle with `litellm.InternalServerError`.',
            "boom",
        ),
        ('litellm.BadRequestError: {"error": {"message": "no such voice"}}', "no such voice"),
        ("litellm.BadRequestError: a set {of words", "a set {of words"),
        ("litellm.BadRequestError: b'no json'", "b'no json'"),
        ("", ""),
    ],
    ids=["plain", "bytes", "advice", "json", "brace", "other bytes", "nothing"],
)
def test_the_provider_s_words_alone(message: str, said: str) -> None:
    assert said_by(_Error(message, 429)) == (ErrorKind.RATE_LIMIT, said)


def test_a_fault_of_litellm_s_own_is_no_lost_connection() -> None:
    error = APIConnectionError("no attribute 'get'\nTraceback (most recent call last):\n  File \"/srv/x.py\", line 1")
    kind, said = said_by(error)
    assert kind is ErrorKind.INTERNAL
    assert "no attribute 'get'" in said and "/srv" not in said


def test_an_answer_that_breaks_off_is_one() -> None:
    error = APIConnectionError("Response payload is not completed: <TransferEncodingError: 400>")
    assert said_by(error)[0] is ErrorKind.STREAM_CUT
    error.__cause__ = ClientPayloadError("x")
    assert said_by(error) == (ErrorKind.STREAM_CUT, "it ended the answer in the middle.")
    assert said_by(APIConnectionError("refused"))[0] is ErrorKind.UNREACHABLE
