"""The Models page's address: what is set comes back as it was, and what nobody can read is left out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from data.values.registry import Capability, Category, Modality, ModelQuery
from pages.models.address import MOST_PICKS, PAGE, Address, read, written

FULL = Address(
    ModelQuery(
        q="gpt mini & more",
        provider="openai",
        category=next(iter(Category)),
        modality=next(iter(Modality)),
        capability=next(iter(Capability)),
        usable=True,
        min_context=128_000,
        max_price=Decimal("2.50"),
        cursor="abc",
        limit=PAGE,
    ),
    opened="openai/gpt",
    picks=("a/b", "c/d,e"),
    comparing=True,
)


def params(address: Address) -> dict[str, list[str]]:
    """As the browser sends them back."""
    return {name: [value] if isinstance(value, str) else value for name, value in written(address).items()}


@pytest.mark.parametrize("address", [FULL, Address(), Address(opened="x/y"), Address(picks=("a/b",))])
def test_an_address_is_read_as_it_was_written(address: Address) -> None:
    assert read(params(address)) == address


def test_nothing_set_is_an_empty_address() -> None:
    assert written(Address()) == {}


@pytest.mark.parametrize(
    "garbage",
    [
        {"for": ["nothing of ours"], "in": ["smell"], "can": ["fly"]},
        {"context": ["many"], "price": ["cheap"]},
        {"context": ["-5"], "price": ["-1"]},
        {"context": ["9" * 50], "price": ["NaN"]},
        {"context": ["²"], "price": ["Infinity"]},
        {"price": ["1e999"], "unknown": ["x"]},
        {"compare": ["1"]},
        {"sort": ["by magic"]},
        {"pick": ["", ""], "q": []},
    ],
)
def test_what_nobody_can_read_is_left_out(garbage: dict[str, list[str]]) -> None:
    assert read(garbage) == Address()


def test_an_endless_address_is_cut() -> None:
    address = read({"q": ["x" * 5_000], "pick": [f"p/{number}" for number in range(50)] * 2})
    assert len(address.query.q) <= 200
    assert address.picks == tuple(f"p/{number}" for number in range(MOST_PICKS))


def test_models_are_picked_up_to_four_and_dropped_again() -> None:
    address = Address()
    for model_id in ("a/1", "a/2", "a/3", "a/4", "a/5"):
        address = address.picking(model_id)
    assert address.picks == ("a/1", "a/2", "a/3", "a/4")
    assert address.picking("a/2").picks == ("a/1", "a/3", "a/4")


def test_one_model_alone_is_not_compared() -> None:
    address = Address(picks=("a/1", "a/2"), comparing=True)
    assert not address.picking("a/1").comparing


def test_opening_a_model_and_leaving_it_keeps_the_filters() -> None:
    address = Address(ModelQuery(q="gpt", limit=PAGE), picks=("a/1",))
    assert address.opening("b/2").opening("") == address
