"""How full a model's context is, in numbers and in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.chat.context import share_in_words, tokens_in
from data.values.calls import TokenUsage
from data.values.messages import Author, Message, MessageStatus, ReplyDetails
from data.values.models import Model
from data.values.money import UNPRICED
from data.values.parts import TextPart


def said(text: str, usage: TokenUsage | None = None) -> Message:
    details = ReplyDetails("a", "b", usage, UNPRICED, None, None)
    parts = (TextPart(text),)
    return Message(
        "m", "c", 1, Author.USER, parts, MessageStatus.COMPLETE, datetime(2026, 1, 1, tzinfo=UTC), None, details
    )


COUNTED = said("Hello", TokenUsage(100, 20, reasoning=5))


def test_the_providers_count_of_the_last_answer_stands_and_what_came_since_is_estimated() -> None:
    assert tokens_in([said("x" * 4_000), COUNTED]) == 115
    assert tokens_in([COUNTED, said("x" * 400), said("y" * 40)], before=9_000) == 115 + 110
    assert tokens_in([said("x" * 400)], before=50) == 150
    assert tokens_in([], before=50) == 50


@pytest.mark.parametrize(
    ("tokens", "context", "words"),
    [
        (15_360, 128_000, "Context: 12% of 128k"),
        (10, 128_000, "Context: under 1% of 128k"),
        (0, 128_000, "Context: 0% of 128k"),
        (900_000, 1_048_576, "Context: 86% of 1M"),
        (900_000, 200_000, "Context: 100% of 200k"),
        (8_000, None, "Context: 50% of 16k (assumed)"),
        (10, 500, "Context: 2% of 500"),
    ],
    ids=["usual", "little", "none", "large", "over", "unknown", "tiny"],
)
def test_the_share_in_words(tokens: int, context: int | None, words: str) -> None:
    assert share_in_words(tokens, Model("a", "b", "B", context_tokens=context)) == words
