from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.providers.failures import MAX_MESSAGE_CHARS, failure, message_of, plain, retry_after_seconds
from core.providers.metering import cost_of, estimate_usage
from data.values.calls import ErrorKind, TokenUsage
from data.values.money import UNPRICED, CostBasis
from tests.gateway.calls import KEY, PRICE

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"bad key {KEY}!", "bad key [key]!"),
        (f"bad key {KEY[:14]}...", "bad key [key]..."),
        (f"bad key ...{KEY[-9:]}", "bad key ...[key]"),
        (f"{KEY}{KEY}", "[key][key]"),
        (f"bad key {KEY[:7]}...", f"bad key {KEY[:7]}..."),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_no_part_of_a_key_survives(text: str, said: str) -> None:
    assert plain(text, KEY) == said


def test_a_key_across_the_cut_is_gone_too() -> None:
    for filler in range(MAX_MESSAGE_CHARS - len(KEY) - 2, MAX_MESSAGE_CHARS + 2):
        text = plain("x" * filler + KEY + "y" * 50, KEY)
        assert KEY[:8] not in text
        assert len(text) <= MAX_MESSAGE_CHARS


def test_a_message_is_one_printable_line() -> None:
    assert plain("a\n b\x1b[31m\tc", None) == "a b [31m c"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"error": {"message": "m", "type": "t"}}, "m"),
        ({"error": "m"}, "m"),
        ([{"error": {"message": "m"}}], "m"),
        ({"detail": [{"loc": ["body"], "msg": "m"}]}, "m"),
        ({"message": "m", "object": "error"}, "m"),
        ({"error": {"code": 1}, "message": "m"}, "m"),
        ({"other": "x"}, ""),
        (None, ""),
    ],
)
def test_the_providers_own_words_are_found(document: object, said: str) -> None:
    assert message_of(document) == said


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", 86400.0),
        ("soon", None),
        ("nan", None),
        ("Sun, 01 Mar 2026 12:00:30 -0000", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


def test_cost_counts_cached_input_at_its_own_price() -> None:
    cost = cost_of(PRICE, TokenUsage(input=1_000, output=100, cached=400))
    assert cost.amount == 600 * Decimal("0.000002") + 400 * Decimal("0.000001") + 100 * Decimal("0.000010")
    assert (cost.basis, cost.currency, cost.price_version) == (CostBasis.PRICED, "USD", "list-1")


def test_estimated_usage_makes_an_estimated_cost_and_no_price_none() -> None:
    usage = estimate_usage([{"role": "user", "content": "x" * 9}], text_chars=5, reasoning_chars=4)
    assert usage == TokenUsage(input=3, output=3, reasoning=1, estimated=True)
    assert cost_of(PRICE, usage).basis is CostBasis.ESTIMATED
    assert cost_of(None, usage) == UNPRICED
    assert cost_of(PRICE, None) == UNPRICED


@pytest.mark.parametrize(("seconds", "said"), [(7.2, "8 seconds"), (3600.0, "60 minutes")])
def test_a_provider_that_names_a_time_is_quoted(seconds: float, said: str) -> None:
    error = failure(ErrorKind.RATE_LIMIT, "Acme AI is busy.", None, retry_after=seconds)
    assert f"Try again in {said}" in error.remedy
